//! Invocations that carry an Idempotency-Key: which run is whose answer.

use jiff::Timestamp;
use registry::{Digest, Tenant};
use sqlx::{Row as _, SqliteConnection};

use super::row::{digest, micros, moment, uuid};
use super::runs::RunRow;
use super::{Store, StoreError, insert};
use crate::run::RunId;

/// The first invocation with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvocationRow {
    /// Of the caller's token and the key.
    pub key: Digest,
    /// Of what was asked.
    pub parameters: Digest,
    /// The run that answers it.
    pub run: RunId,
    /// When it was asked.
    pub at: Timestamp,
}

impl Store {
    /// Records a run together with the key that it was asked with; durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where another run has the key, and then nothing is recorded.
    pub async fn record_keyed(&self, row: RunRow, invocation: InvocationRow) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    let tenant = row.title.tenant.clone();
                    insert::runs(&mut *connection, vec![row]).await?;
                    claim(connection, &tenant, &invocation).await
                })
            })
            .await
    }

    /// The first invocation of a tenant with this key.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn invocation(&self, tenant: &Tenant, key: Digest) -> Result<Option<InvocationRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM invocations WHERE tenant = ? AND key = ?")
            .bind(tenant.as_str())
            .bind(key.as_bytes().as_slice())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(InvocationRow {
                key: digest(&row, "key")?,
                parameters: digest(&row, "parameters")?,
                run: RunId(uuid(&row, "run")?),
                at: moment(row.try_get("at")?)?,
            })
        })
        .transpose()
    }

    /// Forgets the keys of a tenant that were given before this moment.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn forget_invocations(&self, tenant: &Tenant, before: Timestamp) -> Result<(), StoreError> {
        let tenant = tenant.clone();
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query("DELETE FROM invocations WHERE tenant = ? AND at < ?")
                        .bind(tenant.as_str())
                        .bind(micros(before))
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
    }
}

async fn claim(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    invocation: &InvocationRow,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO invocations (tenant, key, parameters, run, at) VALUES (?, ?, ?, ?, ?)")
        .bind(tenant.as_str())
        .bind(invocation.key.as_bytes().as_slice())
        .bind(invocation.parameters.as_bytes().as_slice())
        .bind(invocation.run.0.as_bytes().as_slice())
        .bind(micros(invocation.at))
        .execute(connection)
        .await?;
    Ok(())
}
