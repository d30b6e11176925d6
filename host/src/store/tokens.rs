//! Tokens as they are kept: hashed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use registry::{PublisherName, Tenant};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::row::{digest, micros, moment, text, uuid};
use super::{Store, StoreError};
use crate::token::Role;
use registry::Digest;

/// A token as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Whose it is.
    pub tenant: Tenant,
    /// What it is called by, which is no secret.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// The SHA-256 of the token.
    pub hash: Digest,
    /// What its bearer may do.
    pub roles: BTreeSet<Role>,
    /// As whom it publishes.
    pub publisher: Option<PublisherName>,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last seen, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Store {
    /// Adds a token; durable when it returns.
    ///
    /// # Errors
    /// Where it is not added.
    pub async fn add_token(&self, row: TokenRow) -> Result<(), StoreError> {
        let roles = serde_json::to_string(&row.roles).map_err(|_| StoreError::Damaged("roles"))?;
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    let sql = "INSERT INTO tokens (tenant, id, name, hash, roles, publisher, created_at, expires_at) \
                               VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
                    sqlx::query(sql)
                        .bind(row.tenant.as_str())
                        .bind(row.id.as_bytes().as_slice())
                        .bind(row.name)
                        .bind(row.hash.as_bytes().as_slice())
                        .bind(roles)
                        .bind(row.publisher.as_ref().map(ToString::to_string))
                        .bind(micros(row.created_at))
                        .bind(micros(row.expires_at))
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Notes that a token is revoked; durable when it returns.
    ///
    /// # Errors
    /// Where it is not noted.
    pub async fn revoke_token(&self, tenant: &Tenant, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE tokens SET revoked_at = ? WHERE tenant = ? AND id = ? AND revoked_at IS NULL";
        self.touch(sql, tenant, id, at).await
    }

    /// Notes when a token was last seen.
    ///
    /// # Errors
    /// Where it is not noted.
    pub async fn token_used(&self, tenant: &Tenant, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        self.touch(
            "UPDATE tokens SET last_used_at = ? WHERE tenant = ? AND id = ?",
            tenant,
            id,
            at,
        )
        .await
    }

    /// All tokens of all tenants, in the order in which they were issued.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM tokens ORDER BY tenant, id")
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(token_row).collect()
    }

    async fn touch(&self, sql: &'static str, tenant: &Tenant, id: Uuid, at: Timestamp) -> Result<(), StoreError> {
        let tenant = tenant.to_string();
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    let update = sqlx::query(sql)
                        .bind(micros(at))
                        .bind(tenant)
                        .bind(id.as_bytes().to_vec());
                    update.execute(connection).await?;
                    Ok(())
                })
            })
            .await
    }
}

fn token_row(row: &SqliteRow) -> Result<TokenRow, StoreError> {
    let roles: &str = row.try_get("roles")?;
    let publisher: Option<&str> = row.try_get("publisher")?;
    let moments = |column| {
        let micros: Option<i64> = row.try_get(column)?;
        micros.map(moment).transpose()
    };
    Ok(TokenRow {
        tenant: text(row, "tenant")?,
        id: uuid(row, "id")?,
        name: row.try_get("name")?,
        hash: digest(row, "hash")?,
        roles: serde_json::from_str(roles).map_err(|_| StoreError::Damaged("roles"))?,
        publisher: publisher
            .map(|name| name.parse().map_err(|_| StoreError::Damaged("publisher")))
            .transpose()?,
        created_at: moment(row.try_get("created_at")?)?,
        expires_at: moment(row.try_get("expires_at")?)?,
        revoked_at: moments("revoked_at")?,
        last_used_at: moments("last_used_at")?,
    })
}
