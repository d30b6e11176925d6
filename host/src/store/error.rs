//! Why the store did not do what it was asked.

use std::sync::Arc;

use sqlx::error::DatabaseError;

/// Why the store did not do what it was asked. Cheap to clone, because one failed commit answers many.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The same thing exists already.
    #[error("it exists already")]
    Exists,
    /// What it belongs to is not there.
    #[error("what it belongs to does not exist")]
    Missing,
    /// There is no space left; nothing was changed.
    #[error("the store has no space left: make room on the disk of the data folder")]
    Full(#[source] Arc<sqlx::Error>),
    /// The disk failed earlier; nothing is taken until the host is started again.
    #[error("the store failed and takes nothing until the host is started again")]
    Broken,
    /// A row holds what no version of this program wrote.
    #[error("the store holds a row that cannot be read: {0}")]
    Damaged(&'static str),
    /// SQLite did not keep a setting.
    #[error("SQLite says `{name}` is `{value}` and must say `{expected}`")]
    Setting {
        /// The pragma.
        name: &'static str,
        /// What was set.
        expected: &'static str,
        /// What it says.
        value: String,
    },
    /// The tables cannot be brought up to date.
    #[error("the tables cannot be brought up to date")]
    Migration(#[source] Arc<sqlx::migrate::MigrateError>),
    /// Anything else that SQLite says.
    #[error("the store cannot be used")]
    Unusable(#[source] Arc<sqlx::Error>),
}

impl StoreError {
    /// Whether the same request may succeed later, unchanged.
    pub const fn retryable(&self) -> bool {
        matches!(self, Self::Full(_) | Self::Broken)
    }

    /// Whether only the request that met it fails, and not the batch that it was in.
    pub(super) const fn is_its_own(&self) -> bool {
        matches!(self, Self::Exists | Self::Missing | Self::Damaged(_))
    }

    /// Whether this leaves unknown what is on the disk. A batch that was rolled back for want of space does not.
    pub(super) fn breaks(&self) -> bool {
        !matches!(self, Self::Full(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_)) {
            return Self::Damaged("column");
        }
        if error
            .as_database_error()
            .is_some_and(|error| error.is_foreign_key_violation())
        {
            return Self::Missing;
        }
        match error.as_database_error().and_then(result_code) {
            Some(SQLITE_FULL) => Self::Full(Arc::new(error)),
            Some(SQLITE_CONSTRAINT) => Self::Exists,
            _ => Self::Unusable(Arc::new(error)),
        }
    }
}

/// sqlite.org/rescode.html; the low byte of an extended code is its primary code.
const SQLITE_FULL: i32 = 13;
const SQLITE_CONSTRAINT: i32 = 19;

fn result_code(error: &dyn DatabaseError) -> Option<i32> {
    let code: i32 = error.code()?.parse().ok()?;
    Some(code & 0xff)
}
