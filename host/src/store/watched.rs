//! What was last found in each repository that a tenant watches.

use jiff::Timestamp;
use registry::{Digest, SkillName, Tenant};
use semver::Version;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::row::{digest, micros, moment, text};
use super::{Store, StoreError};

/// What was last found in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// Who watches it.
    pub tenant: Tenant,
    /// The repository as it is configured.
    pub reference: String,
    /// The skill.
    pub skill: SkillName,
    /// Its version.
    pub version: Version,
    /// The artifact.
    pub digest: Digest,
    /// When it was first found.
    pub since: Timestamp,
    /// Since when the registry offers no longer what the tenant runs.
    pub gone_at: Option<Timestamp>,
    /// When the registry last answered.
    pub heard_at: Timestamp,
}

impl Store {
    /// Keeps what was found, in place of what was found there before; durable when it returns.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn keep_found(&self, row: FoundRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO watched (tenant, reference, skill, version, digest, since, gone_at, heard_at) \
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, reference) DO UPDATE SET skill = excluded.skill, \
                   version = excluded.version, digest = excluded.digest, since = excluded.since, \
                   gone_at = excluded.gone_at, heard_at = excluded.heard_at";
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    sqlx::query(sql)
                        .bind(row.tenant.as_str())
                        .bind(&row.reference)
                        .bind(row.skill.to_string())
                        .bind(row.version.to_string())
                        .bind(row.digest.as_bytes().as_slice())
                        .bind(micros(row.since))
                        .bind(row.gone_at.map(micros))
                        .bind(micros(row.heard_at))
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// What was found in the repositories of a tenant, in the order of their names.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn found(&self, tenant: &Tenant) -> Result<Vec<FoundRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM watched WHERE tenant = ? ORDER BY reference")
            .bind(tenant.as_str())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(found).collect()
    }
}

fn found(row: &SqliteRow) -> Result<FoundRow, StoreError> {
    let gone_at: Option<i64> = row.try_get("gone_at")?;
    Ok(FoundRow {
        tenant: text(row, "tenant")?,
        reference: row.try_get("reference")?,
        skill: text(row, "skill")?,
        version: text(row, "version")?,
        digest: digest(row, "digest")?,
        since: moment(row.try_get("since")?)?,
        gone_at: gone_at.map(moment).transpose()?,
        heard_at: moment(row.try_get("heard_at")?)?,
    })
}
