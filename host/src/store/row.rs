//! Columns of rows as the types that they stand for.

use std::str::FromStr;

use jiff::Timestamp;
use registry::Digest;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::StoreError;
use crate::seal::Sealed;

/// How moments are kept: microseconds since 1970 (UTC).
pub(super) fn micros(moment: Timestamp) -> i64 {
    moment.as_microsecond()
}

pub(super) fn moment(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|_| StoreError::Damaged("moment"))
}

pub(super) fn text<T: FromStr>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    text.parse().map_err(|_| StoreError::Damaged(column))
}

pub(super) fn uuid(row: &SqliteRow, column: &'static str) -> Result<Uuid, StoreError> {
    let bytes: &[u8] = row.try_get(column)?;
    Uuid::from_slice(bytes).map_err(|_| StoreError::Damaged(column))
}

pub(super) fn digest(row: &SqliteRow, column: &'static str) -> Result<Digest, StoreError> {
    let bytes: &[u8] = row.try_get(column)?;
    let hash = bytes.try_into().map_err(|_| StoreError::Damaged(column))?;
    Ok(Digest::from_bytes(hash))
}

pub(super) fn sealed(row: &SqliteRow, column: &'static str) -> Result<Sealed, StoreError> {
    Ok(Sealed::stored(row.try_get(column)?))
}

pub(super) fn count(row: &SqliteRow, column: &'static str) -> Result<u64, StoreError> {
    let count: i64 = row.try_get(column)?;
    u64::try_from(count).map_err(|_| StoreError::Damaged(column))
}
