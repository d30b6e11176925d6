//! The records of runs: one row each, with the files that it made beside it.

use jiff::Timestamp;
use registry::{Digest, SkillName, Tenant};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::contents::{self, ContentId};
use super::row::{count, digest, moment, sealed, text, uuid};
use super::{Store, StoreError, insert};
use crate::run::RunId;
use crate::seal::Sealed;

/// What is known of a run without its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunTitle {
    /// Whose it is.
    pub tenant: Tenant,
    /// Its name.
    pub id: RunId,
    /// What ran.
    pub skill: SkillName,
    /// The version that ran.
    pub version: String,
    /// The artifact that ran.
    pub digest: Digest,
    /// The tool, as agents call it.
    pub tool: String,
    /// Who asked: the name of a token.
    pub by: String,
    /// Where it stands.
    pub state: RunState,
    /// Why it failed, or the tool's own code.
    pub code: Option<String>,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Fuel that the guest used.
    pub fuel: u64,
    /// Time that the guest computed, in microseconds.
    pub guest_us: u64,
}

/// The record of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// What is known without its keys.
    pub title: RunTitle,
    /// Its data key, wrapped by the tenant's.
    pub key: Sealed,
    /// What it was asked.
    pub arguments: Sealed,
    /// What it answered.
    pub result: Option<Sealed>,
    /// What it logged.
    pub logs: Option<Sealed>,
    /// Lines that did not fit.
    pub logs_dropped: u64,
    /// What the guest sees that is not an argument: the same each time that it is begun.
    pub start: Sealed,
    /// When a suspended run goes on, whatever happens.
    pub wake_at: Option<Timestamp>,
    /// How often the host ended while it ran.
    pub cut_off: u32,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// It has not ended.
    Running,
    /// It left memory until something happens.
    Suspended,
    /// The tool answered a value.
    Succeeded,
    /// The tool answered an error of its own.
    ToolError,
    /// The host stopped it, or the guest broke.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

/// A file that a run made, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeRow {
    /// The name that people see.
    pub name: String,
    /// Such as `application/pdf`.
    pub media_type: String,
    /// In bytes.
    pub size: u64,
    /// The SHA-256 of the content.
    pub sha256: Digest,
    /// Where its parts are kept, sealed by the run's key.
    pub content: ContentId,
}

/// Which runs of a tenant are asked for.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Only those that stand here.
    pub state: Option<RunState>,
    /// Only those of this skill.
    pub skill: Option<SkillName>,
    /// Only those that started before this one.
    pub before: Option<RunId>,
}

impl RunState {
    /// Each state.
    pub const ALL: [Self; 6] = [
        Self::Running,
        Self::Suspended,
        Self::Succeeded,
        Self::ToolError,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The state as the API spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Suspended => "suspended",
            Self::Succeeded => "succeeded",
            Self::ToolError => "tool-error",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Store {
    /// Records a run, or what has become of it; durable when it returns.
    ///
    /// # Errors
    /// Where it is not recorded.
    pub async fn record(&self, row: RunRow) -> Result<(), StoreError> {
        self.writer.run(row).await
    }

    /// Records a run that made files, with all of these at once; durable when it returns.
    ///
    /// # Errors
    /// Where nothing of it is recorded.
    pub async fn record_with(&self, row: RunRow, files: Vec<MadeRow>) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    let (tenant, id) = (row.title.tenant.clone(), row.title.id);
                    insert::runs(&mut *connection, vec![row]).await?;
                    insert_files(connection, &tenant, id, &files).await
                })
            })
            .await
    }

    /// The record of a run.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn run(&self, tenant: &Tenant, id: RunId) -> Result<Option<RunRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM runs WHERE tenant = ? AND id = ?")
            .bind(tenant.as_str())
            .bind(id.0.as_bytes().as_slice())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| run_row(&row)).transpose()
    }

    /// At most `most` runs of a tenant, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn runs(&self, tenant: &Tenant, filter: &RunFilter, most: u32) -> Result<Vec<RunTitle>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT tenant, id, skill, version, digest, tool, by, state, code, started_at, ended_at, fuel, guest_us \
             FROM runs WHERE tenant = ",
        );
        query.push_bind(tenant.to_string());
        if let Some(state) = filter.state {
            query.push(" AND state = ").push_bind(state.as_str());
            // Almost every run succeeds, so the index has only the others, and is used where the text says so.
            if state != RunState::Succeeded {
                query.push(" AND state <> 'succeeded'");
            }
        }
        if let Some(skill) = &filter.skill {
            query.push(" AND skill = ").push_bind(skill.to_string());
        }
        if let Some(before) = filter.before {
            query.push(" AND id < ").push_bind(before.0.as_bytes().to_vec());
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(most);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(run_title).collect()
    }

    /// The files that a run made, in the order in which it made them.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn made(&self, tenant: &Tenant, id: RunId) -> Result<Vec<MadeRow>, StoreError> {
        let rows = sqlx::query("SELECT * FROM run_files WHERE tenant = ? AND run = ? ORDER BY place")
            .bind(tenant.as_str())
            .bind(id.0.as_bytes().as_slice())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(made_row).collect()
    }

    /// A run of the tenant that made this content, with the file.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn maker(&self, tenant: &Tenant, sha256: Digest) -> Result<Option<(RunRow, MadeRow)>, StoreError> {
        let row = sqlx::query("SELECT * FROM run_files WHERE tenant = ? AND sha256 = ? LIMIT 1")
            .bind(tenant.as_str())
            .bind(sha256.as_bytes().as_slice())
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let made = made_row(&row)?;
        let maker = self.run(tenant, RunId(uuid(&row, "run")?)).await?;
        Ok(maker.map(|maker| (maker, made)))
    }

    /// The runs of a tenant that have not ended, oldest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn unfinished(&self, tenant: &Tenant) -> Result<Vec<RunRow>, StoreError> {
        const UNFINISHED: &str = "SELECT * FROM runs WHERE tenant = ? AND state IN ('running', 'suspended') \
                                  AND state <> 'succeeded' ORDER BY id";
        let rows = sqlx::query(UNFINISHED)
            .bind(tenant.as_str())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(run_row).collect()
    }
}

async fn insert_files(
    connection: &mut SqliteConnection,
    tenant: &Tenant,
    run: RunId,
    files: &[MadeRow],
) -> Result<(), StoreError> {
    for (place, file) in (0_i64..).zip(files) {
        sqlx::query("INSERT INTO run_files VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(tenant.as_str())
            .bind(run.0.as_bytes().as_slice())
            .bind(place)
            .bind(&file.name)
            .bind(&file.media_type)
            .bind(file.size.cast_signed())
            .bind(file.sha256.as_bytes().as_slice())
            .bind(file.content.0.as_bytes().as_slice())
            .execute(&mut *connection)
            .await?;
        contents::own(&mut *connection, tenant, file.content).await?;
    }
    Ok(())
}

fn run_row(row: &SqliteRow) -> Result<RunRow, StoreError> {
    let result: Option<Vec<u8>> = row.try_get("result")?;
    let logs: Option<Vec<u8>> = row.try_get("logs")?;
    let wake_at: Option<i64> = row.try_get("wake_at")?;
    Ok(RunRow {
        title: run_title(row)?,
        key: sealed(row, "key")?,
        arguments: sealed(row, "arguments")?,
        result: result.map(Sealed::stored),
        logs: logs.map(Sealed::stored),
        logs_dropped: count(row, "logs_dropped")?,
        start: sealed(row, "start")?,
        wake_at: wake_at.map(moment).transpose()?,
        cut_off: row.try_get("cut_off")?,
    })
}

fn run_title(row: &SqliteRow) -> Result<RunTitle, StoreError> {
    let state: &str = row.try_get("state")?;
    let ended_at: Option<i64> = row.try_get("ended_at")?;
    Ok(RunTitle {
        tenant: text(row, "tenant")?,
        id: RunId(uuid(row, "id")?),
        skill: text(row, "skill")?,
        version: row.try_get("version")?,
        digest: digest(row, "digest")?,
        tool: row.try_get("tool")?,
        by: row.try_get("by")?,
        state: RunState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or(StoreError::Damaged("state"))?,
        code: row.try_get("code")?,
        started_at: moment(row.try_get("started_at")?)?,
        ended_at: ended_at.map(moment).transpose()?,
        fuel: count(row, "fuel")?,
        guest_us: count(row, "guest_us")?,
    })
}

fn made_row(row: &SqliteRow) -> Result<MadeRow, StoreError> {
    Ok(MadeRow {
        name: row.try_get("name")?,
        media_type: row.try_get("media_type")?,
        size: count(row, "size")?,
        sha256: digest(row, "sha256")?,
        content: ContentId(uuid(row, "content")?),
    })
}
