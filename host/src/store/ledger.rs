//! The ledger, append-only by triggers of the database.

use async_trait::async_trait;
use jiff::Timestamp;
use registry::ledger::{Entry, Ledger, LedgerError, Recorded, Scope};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::row::{count, micros, moment};
use super::{Store, StoreError};

/// Under which tenant the rows stand that concern the whole host. No tenant can be named so.
pub(super) const HOST: &str = "*";

#[async_trait]
impl Ledger for Store {
    async fn append(&self, scope: &Scope, by: &str, entry: &Entry) -> Result<Recorded, LedgerError> {
        let text = serde_json::to_string(entry).map_err(|error| LedgerError(error.into()))?;
        let recorded = Recorded {
            seq: 0,
            scope: scope.clone(),
            at: Timestamp::now(),
            by: by.to_owned(),
            entry: entry.clone(),
        };
        self.writer
            .write(move |connection| Box::pin(insert(connection, recorded, text)))
            .await
            .map_err(|error| LedgerError(error.into()))
    }

    async fn entries(&self, after: u64) -> Result<Vec<Recorded>, LedgerError> {
        let read = async {
            let rows = sqlx::query("SELECT * FROM ledger WHERE seq > ? ORDER BY seq")
                .bind(after.cast_signed())
                .fetch_all(&self.readers)
                .await?;
            rows.iter().map(recorded).collect::<Result<_, _>>()
        };
        read.await.map_err(|error: StoreError| LedgerError(error.into()))
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    mut recorded: Recorded,
    entry: String,
) -> Result<Recorded, StoreError> {
    let tenant = match &recorded.scope {
        Scope::Host => HOST.to_owned(),
        Scope::Tenant(tenant) => tenant.to_string(),
    };
    // Only the writer writes, so nothing comes between the reading of the last place and the writing of the next.
    let sql = "INSERT INTO ledger (tenant, seq, at, by, entry) \
               VALUES (?, (SELECT coalesce(max(seq), 0) + 1 FROM ledger), ?, ?, ?) RETURNING seq";
    let row = sqlx::query(sql)
        .bind(tenant)
        .bind(micros(recorded.at))
        .bind(&recorded.by)
        .bind(entry)
        .fetch_one(connection)
        .await?;
    recorded.seq = count(&row, "seq")?;
    // What is answered now is what is read later: in whole microseconds.
    recorded.at = moment(micros(recorded.at))?;
    Ok(recorded)
}

fn recorded(row: &SqliteRow) -> Result<Recorded, StoreError> {
    let tenant: &str = row.try_get("tenant")?;
    let entry: &str = row.try_get("entry")?;
    let scope = match tenant {
        HOST => Scope::Host,
        tenant => Scope::Tenant(tenant.parse().map_err(|_| StoreError::Damaged("tenant"))?),
    };
    Ok(Recorded {
        seq: count(row, "seq")?,
        scope,
        at: moment(row.try_get("at")?)?,
        by: row.try_get("by")?,
        entry: serde_json::from_str(entry).map_err(|_| StoreError::Damaged("entry"))?,
    })
}
