//! The state of a host on SQLite: one writer that commits in groups, and a few readers.

mod consents;
mod contents;
mod error;
mod insert;
mod invocations;
mod journal;
mod ledger;
mod row;
mod runs;
mod schema;
mod tenants;
#[cfg(test)]
mod tests;
mod tokens;
mod usage;
mod watched;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions as _, Row as _, SqliteConnection};
use tokio::sync::watch;

pub use consents::Waiting;
pub use contents::{ContentId, FileRow};
pub use error::StoreError;
pub use invocations::InvocationRow;
pub use journal::{Added, Batch, JournalBody, JournalId, JournalRow};
pub use runs::{MadeRow, RunFilter, RunRow, RunState, RunTitle};
pub use tenants::TenantRow;
pub use tokens::TokenRow;
pub use usage::{Amounts, UsageRow};
pub use watched::FoundRow;
pub use writer::Counters;

use writer::Writer;

/// Where a host keeps everything: tenants, tokens, the ledger, runs and files. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: Writer,
    readers: SqlitePool,
    pragmas: Arc<[(&'static str, String)]>,
}

impl Store {
    /// The name of the database in the data folder.
    pub const FILE: &'static str = "skillhost.db";

    /// Opens the database, makes it where there is none, and brings its tables up to date.
    ///
    /// # Errors
    /// Where the file cannot be used, or SQLite does not keep the settings that durability rests on.
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        let options = options(file);
        let mut connection = options.connect().await?;
        schema::migrate(&mut connection).await?;
        usage::recount(&mut connection).await?;
        let pragmas = pragmas(&mut connection).await?.into();
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY)
            .connect_lazy_with(options.read_only(true).pragma("query_only", "ON"));
        let writer = Writer::start(connection);
        Ok(Self {
            writer,
            readers,
            pragmas,
        })
    }

    /// The settings of SQLite that durability and speed rest on, as read back from it.
    pub fn pragmas(&self) -> &[(&'static str, String)] {
        &self.pragmas
    }

    /// What the writer has done so far.
    pub fn counters(&self) -> Counters {
        self.writer.counters()
    }

    /// Becomes true when the disk failed under the store: it then takes nothing more, and the host must be started
    /// again, because what a failed sync left behind is unknown.
    pub fn broken(&self) -> watch::Receiver<bool> {
        self.writer.broken()
    }

    /// Waits until everything that was asked so far is durable, and closes the database.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Enough for lists and downloads beside the writer; each is a thread.
const READERS: u32 = 4;

/// Statements that stay prepared on a connection.
const PREPARED: usize = 256;

/// How long a statement waits for another connection's lock.
const BUSY: Duration = Duration::from_secs(10);

/// What is set and must read back, with what SQLite answers for it (sqlite.org/pragma.html). `synchronous=FULL` syncs
/// the log at each commit: with `NORMAL` a power failure takes back what was acknowledged.
const PRAGMAS: [(&str, &str, &str); 7] = [
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("foreign_keys", "ON", "1"),
    ("busy_timeout", "10000", "10000"),
    // The writer checkpoints by itself, between two batches.
    ("wal_autocheckpoint", "0", "0"),
    ("cache_size", "-16384", "-16384"),
    ("trusted_schema", "OFF", "0"),
];

pub(crate) fn options(file: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(PREPARED)
        .disable_statement_logging();
    PRAGMAS
        .iter()
        .fold(options, |options, (name, value, _)| options.pragma(*name, *value))
}

async fn pragmas(connection: &mut SqliteConnection) -> Result<Vec<(&'static str, String)>, StoreError> {
    let mut read = Vec::with_capacity(PRAGMAS.len());
    for (name, _, expected) in PRAGMAS {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA {name}")))
            .fetch_one(&mut *connection)
            .await?;
        // Some answer a number and some a text; SQLite itself makes a text of either.
        let value: String = row.try_get_unchecked(0)?;
        if value != expected {
            return Err(StoreError::Setting { name, expected, value });
        }
        read.push((name, value));
    }
    Ok(read)
}
