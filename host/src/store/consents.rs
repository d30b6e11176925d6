//! Questions to people that nobody answered yet, kept beside the journals that ask them.

use gate::journal::{Entry, Event};
use gate::{Binding, ConsentId};
use jiff::Timestamp;
use registry::Tenant;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::journal::JournalId;
use super::row::{micros, moment, uuid};
use super::{Store, StoreError};

/// A call that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The run and the number of its call.
    pub id: ConsentId,
    /// When the question expires.
    pub until: Timestamp,
    /// On which binding the call is.
    pub binding: Binding,
}

impl Store {
    /// At most `most` questions of a tenant's runs that are not answered and expire after `now`, those of the oldest
    /// run first. A run whose journal cannot be read cannot go on, whatever a person says, and is left out.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn waiting(&self, tenant: &Tenant, now: Timestamp, most: u32) -> Result<Vec<Waiting>, StoreError> {
        // The first entry of a call says on which binding it is.
        let sql = "SELECT run, number, until, \
                   (SELECT entry FROM journal j WHERE j.tenant = c.tenant AND j.run = c.run AND j.number = c.number \
                    ORDER BY place LIMIT 1) AS begun \
                   FROM consents c WHERE tenant = ? AND until > ? ORDER BY run, number LIMIT ?";
        let rows = sqlx::query(sql)
            .bind(tenant.as_str())
            .bind(micros(now))
            .bind(most)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().filter_map(|row| waiting(row).transpose()).collect()
    }
}

/// Keeps the questions of a run in step with an entry that is added to its journal.
pub(super) async fn follow(connection: &mut SqliteConnection, id: &JournalId, entry: &Entry) -> Result<(), StoreError> {
    let query = match &entry.event {
        Event::Asked { until } => sqlx::query(
            "INSERT INTO consents (tenant, run, number, until) VALUES (?, ?, ?, ?) \
             ON CONFLICT (tenant, run, number) DO UPDATE SET until = excluded.until",
        )
        .bind(id.tenant.as_str())
        .bind(id.run.0.as_bytes().as_slice())
        .bind(entry.number)
        .bind(micros(*until)),
        Event::Answered { .. } | Event::Refused { .. } | Event::Finished { .. } => {
            sqlx::query("DELETE FROM consents WHERE tenant = ? AND run = ? AND number = ?")
                .bind(id.tenant.as_str())
                .bind(id.run.0.as_bytes().as_slice())
                .bind(entry.number)
        }
        Event::Ended { .. } => sqlx::query("DELETE FROM consents WHERE tenant = ? AND run = ?")
            .bind(id.tenant.as_str())
            .bind(id.run.0.as_bytes().as_slice()),
        _ => return Ok(()),
    };
    query.execute(connection).await?;
    Ok(())
}

fn waiting(row: &SqliteRow) -> Result<Option<Waiting>, StoreError> {
    let id = ConsentId {
        run: uuid(row, "run")?,
        number: row.try_get("number")?,
    };
    let begun: Option<&str> = row.try_get("begun")?;
    match begun.map(Entry::decode) {
        Some(Ok(Entry {
            event: Event::Begun { binding, .. },
            ..
        })) => Ok(Some(Waiting {
            id,
            until: moment(row.try_get("until")?)?,
            binding,
        })),
        unreadable => {
            tracing::error!(consent = %id, ?unreadable, "a question is left out: the journal that asks it cannot be read");
            Ok(None)
        }
    }
}
