//! Sums of what was recorded before there were any.

use gate::journal::Entry;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection as _, SqliteConnection};

use super::super::journal::JournalId;
use super::super::row::{text, uuid};
use super::{StoreError, entry, follow};
use crate::run::RunId;

/// What `PRAGMA user_version` says once every journal is in the sums. A database that knows nothing of it says 0.
const SUMMED: i64 = 1;

/// Journals that are read at once; so few in tests that they turn pages.
const PAGE: usize = if cfg!(test) { 2 } else { 500 };

/// Sums every journal, once for each database, all of it or nothing: a host that ends meanwhile begins again. Nobody writes
/// yet, and no journal was ever removed from a database that was not summed.
pub(in crate::store) async fn recount(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let summed: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *connection)
        .await?;
    if summed >= SUMMED {
        return Ok(());
    }
    let mut transaction = connection.begin().await?;
    sqlx::query("DELETE FROM usage").execute(&mut *transaction).await?;
    let mut after = (String::new(), Vec::new());
    while let page = journals(&mut transaction, &after).await?
        && let Some(last) = page.last()
    {
        for journal in &page {
            let entries = entries(&mut transaction, journal).await?;
            follow(&mut transaction, journal, 0, &entries.iter().collect::<Vec<_>>()).await?;
        }
        after = (last.tenant.to_string(), last.run.0.as_bytes().to_vec());
    }
    sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {SUMMED}")))
        .execute(&mut *transaction)
        .await?;
    Ok(transaction.commit().await?)
}

async fn journals(
    connection: &mut SqliteConnection,
    (tenant, run): &(String, Vec<u8>),
) -> Result<Vec<JournalId>, StoreError> {
    let sql = "SELECT tenant, run FROM journals WHERE (tenant, run) > (?, ?) ORDER BY tenant, run LIMIT ?";
    let rows = sqlx::query(sql)
        .bind(tenant)
        .bind(run.as_slice())
        .bind(i64::try_from(PAGE).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
    rows.iter().map(journal).collect()
}

fn journal(row: &SqliteRow) -> Result<JournalId, StoreError> {
    Ok(JournalId {
        tenant: text(row, "tenant")?,
        run: RunId(uuid(row, "run")?),
    })
}

async fn entries(connection: &mut SqliteConnection, id: &JournalId) -> Result<Vec<Entry>, StoreError> {
    let rows = sqlx::query("SELECT entry FROM journal WHERE tenant = ? AND run = ? ORDER BY place")
        .bind(id.tenant.as_str())
        .bind(id.run.0.as_bytes().as_slice())
        .fetch_all(connection)
        .await?;
    rows.iter().map(entry).collect()
}
