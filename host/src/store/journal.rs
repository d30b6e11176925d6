//! Journals: entries as they are written, payloads as they were sealed. Each change is one request of the writer.

mod change;
mod halted;

use std::sync::Arc;

use gate::JournalError;
use gate::journal::{Entry, Fence};
use registry::Tenant;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::row::{count, sealed};
use super::{RunRow, Store, StoreError};
use crate::run::RunId;
use crate::seal::Sealed;
use halted::Halted;

/// Which journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JournalId {
    /// Whose.
    pub tenant: Tenant,
    /// Of which run.
    pub run: RunId,
}

/// A record as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// What happened; it holds no content.
    pub entry: Entry,
    /// What was asked.
    pub call: Option<Sealed>,
    /// How it ended.
    pub outcome: Option<Sealed>,
}

/// A large body as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalBody {
    /// A commitment to its content.
    pub name: [u8; 32],
    /// The content.
    pub bytes: Sealed,
}

/// Records that are added together.
#[derive(Clone, Debug)]
pub struct Batch {
    /// In order.
    pub rows: Vec<JournalRow>,
    /// The bodies that they name; one that the run has already is left as it is.
    pub bodies: Arc<[JournalBody]>,
}

/// What became of records that were to be added at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// They are there.
    Kept,
    /// They are not: somebody decided something meanwhile, and this many entries are there now.
    Moved(u64),
}

impl Store {
    /// Begins a journal under [`Fence::FIRST`], and records its run where that is handed in; durable when it returns.
    ///
    /// # Errors
    /// [`JournalError::Exists`] where there is one, [`JournalError::Unknown`] where the run is not on record.
    pub async fn start_journal(
        &self,
        id: JournalId,
        run: Option<Arc<RunRow>>,
        batch: Batch,
    ) -> Result<(), JournalError> {
        self.change(move |connection| Box::pin(change::start(connection, id, run, batch)))
            .await
    }

    /// Raises the fence of a run, recording the run where that is handed in; durable when it returns. Returns the fence,
    /// and the records from the place `from` on.
    ///
    /// # Errors
    /// [`JournalError::Unknown`] where the run is not on record.
    pub async fn claim_journal(
        &self,
        id: JournalId,
        run: Option<Arc<RunRow>>,
        from: u64,
    ) -> Result<(Fence, Vec<JournalRow>), JournalError> {
        self.change(move |connection| Box::pin(change::claim(connection, id, run, from)))
            .await
    }

    /// Adds records whose payloads were sealed for the places from `from` on; durable when it returns.
    ///
    /// # Errors
    /// As [`gate::Journal::append`].
    pub async fn append_journal(
        &self,
        id: JournalId,
        fence: Fence,
        from: u64,
        batch: Batch,
    ) -> Result<Added, JournalError> {
        self.change(move |connection| Box::pin(change::append(connection, id, fence, from, batch)))
            .await
    }

    /// Adds a person's decision, if it fits; durable when it returns.
    ///
    /// # Errors
    /// As [`gate::Journal::decide`].
    pub async fn decide_journal(&self, id: JournalId, decision: Entry) -> Result<(), JournalError> {
        self.change(move |connection| Box::pin(change::decide(connection, id, decision)))
            .await
    }

    /// The records of a run from a place on; none where there is no journal.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub async fn journal(&self, id: &JournalId, from: u64) -> Result<Vec<JournalRow>, JournalError> {
        let query = sqlx::query(SELECT)
            .bind(id.tenant.as_str())
            .bind(id.run.0.as_bytes().as_slice())
            .bind(from.cast_signed());
        let rows = query.fetch_all(&self.readers).await.map_err(StoreError::from)?;
        Ok(rows.iter().map(journal_row).collect::<Result<_, _>>()?)
    }

    /// The entries of a run without their payloads; nothing where the run is not on record.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub async fn journal_entries(&self, id: &JournalId) -> Result<Option<Vec<Entry>>, JournalError> {
        let rows = sqlx::query("SELECT entry FROM journal WHERE tenant = ? AND run = ? ORDER BY place")
            .bind(id.tenant.as_str())
            .bind(id.run.0.as_bytes().as_slice())
            .fetch_all(&self.readers)
            .await
            .map_err(StoreError::from)?;
        if rows.is_empty() && self.journal_key(id).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(rows.iter().map(entry).collect::<Result<_, _>>()?))
    }

    /// The large bodies of a run, in no order.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn journal_bodies(&self, id: &JournalId) -> Result<Vec<JournalBody>, StoreError> {
        let rows = sqlx::query("SELECT name, bytes FROM journal_bodies WHERE tenant = ? AND run = ?")
            .bind(id.tenant.as_str())
            .bind(id.run.0.as_bytes().as_slice())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(journal_body).collect()
    }

    /// The wrapped data key of a run and the length of its journal; nothing where the run is not on record.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn journal_key(&self, id: &JournalId) -> Result<Option<(Sealed, u64)>, StoreError> {
        let sql = "SELECT r.key, coalesce(j.length, 0) AS length FROM runs r \
                   LEFT JOIN journals j ON j.tenant = r.tenant AND j.run = r.id WHERE r.tenant = ? AND r.id = ?";
        let row = sqlx::query(sql)
            .bind(id.tenant.as_str())
            .bind(id.run.0.as_bytes().as_slice())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| Ok((sealed(&row, "key")?, count(&row, "length")?)))
            .transpose()
    }
}

/// The records of a run from a place on.
const SELECT: &str =
    "SELECT entry, call, outcome FROM journal WHERE tenant = ? AND run = ? AND place >= ? ORDER BY place";

fn journal_row(row: &SqliteRow) -> Result<JournalRow, Halted> {
    let call: Option<Vec<u8>> = row.try_get("call")?;
    let outcome: Option<Vec<u8>> = row.try_get("outcome")?;
    Ok(JournalRow {
        entry: entry(row)?,
        call: call.map(Sealed::stored),
        outcome: outcome.map(Sealed::stored),
    })
}

fn entry(row: &SqliteRow) -> Result<Entry, Halted> {
    let line: &str = row.try_get("entry")?;
    Ok(Entry::decode(line)?)
}

fn journal_body(row: &SqliteRow) -> Result<JournalBody, StoreError> {
    let name: &[u8] = row.try_get("name")?;
    Ok(JournalBody {
        name: name.try_into().map_err(|_| StoreError::Damaged("name"))?,
        bytes: sealed(row, "bytes")?,
    })
}
