//! Whose things are kept here, and the key of each.

use jiff::Timestamp;
use registry::Tenant;

use super::row::{micros, moment, sealed, text};
use super::{Store, StoreError};
use crate::seal::Sealed;

use sqlx::Row as _;

/// A tenant as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantRow {
    /// Its name.
    pub tenant: Tenant,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Its key, wrapped by the host's.
    pub key: Sealed,
}

impl Store {
    /// Adds a tenant; durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where the name is taken.
    pub async fn add_tenant(&self, row: TenantRow) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query("INSERT INTO tenants (tenant, created_at, key) VALUES (?, ?, ?)")
                        .bind(row.tenant.as_str())
                        .bind(micros(row.created_at))
                        .bind(row.key.into_bytes())
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// All tenants, in the order of their names.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn tenants(&self) -> Result<Vec<TenantRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM tenants ORDER BY tenant")
            .fetch_all(&self.readers)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(TenantRow {
                    tenant: text(row, "tenant")?,
                    created_at: moment(row.try_get("created_at")?)?,
                    key: sealed(row, "key")?,
                })
            })
            .collect()
    }
}
