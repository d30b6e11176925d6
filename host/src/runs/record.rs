//! The record of one run: its payloads sealed on the way in, opened on the way out.

use std::sync::Arc;

use jiff::Timestamp;
use registry::Tenant;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Recalled, RunError, Subject};
use crate::file::about_run;
use crate::run::{Finished, LogLine, Outcome, RunId, Stop};
use crate::seal::{DataKey, OpenError, Sealed, TenantKey};
use crate::store::{MadeRow, RunRow, RunState, RunTitle};
use crate::token::Caller;

/// What came out of a run, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Kept {
    /// The tool's value.
    Value(Value),
    /// The tool's own error.
    ToolError(Value),
    /// Why there is neither.
    Stop(Stop),
}

/// The record of a run that is under way.
pub(super) struct Record {
    row: RunRow,
    key: Arc<DataKey>,
    listed: bool,
}

impl Record {
    pub(super) fn begin(
        tenant_key: &TenantKey,
        caller: &Caller,
        id: RunId,
        subject: Subject,
        arguments: &[u8],
    ) -> Self {
        let tenant = caller.tenant();
        let (key, wrapped) = tenant_key.data_key(&about_run(tenant, id));
        let title = RunTitle {
            tenant: tenant.clone(),
            id,
            skill: subject.skill,
            version: subject.version,
            digest: subject.digest,
            tool: subject.tool,
            by: caller.name().to_owned(),
            state: RunState::Running,
            code: None,
            started_at: Timestamp::now(),
            ended_at: None,
            fuel: 0,
            guest_us: 0,
        };
        let arguments = key.seal(&about(tenant, id, "arguments"), arguments);
        Self {
            row: RunRow {
                title,
                key: wrapped,
                arguments,
                result: None,
                logs: None,
                logs_dropped: 0,
            },
            key: Arc::new(key),
            listed: false,
        }
    }

    pub(super) const fn title(&self) -> &RunTitle {
        &self.row.title
    }

    pub(super) const fn key(&self) -> &Arc<DataKey> {
        &self.key
    }

    pub(super) fn row(&self) -> RunRow {
        self.row.clone()
    }

    pub(super) fn into_title(self) -> RunTitle {
        self.row.title
    }

    /// The run is on record already, as one that is under way.
    pub(super) const fn is_listed(&mut self) {
        self.listed = true;
    }

    pub(super) const fn was_listed(&self) -> bool {
        self.listed
    }

    /// Takes in how the run ended.
    pub(super) fn end(&mut self, finished: &Finished) -> Result<(), RunError> {
        let (state, kept) = match &finished.outcome {
            Outcome::Value(value) => (RunState::Succeeded, Kept::Value(value.clone())),
            Outcome::ToolError(error) => (RunState::ToolError, Kept::ToolError(error.clone())),
            Outcome::Refused(stop) | Outcome::Stopped(stop) => {
                let state = if stop.code == "cancelled" {
                    RunState::Cancelled
                } else {
                    RunState::Failed
                };
                (state, Kept::Stop(stop.clone()))
            }
        };
        let title = &mut self.row.title;
        title.state = state;
        title.code = match &kept {
            Kept::Stop(stop) => Some(stop.code.clone()),
            Kept::Value(_) | Kept::ToolError(_) => None,
        };
        title.ended_at = Some(Timestamp::now());
        title.fuel = finished.fuel;
        title.guest_us = u64::try_from(finished.guest_time.as_micros()).unwrap_or(u64::MAX);
        let result = serde_json::to_vec(&kept)?;
        self.row.result = Some(self.key.seal(&about(&title.tenant, title.id, "result"), &result));
        self.log(finished)
    }

    fn log(&mut self, finished: &Finished) -> Result<(), RunError> {
        self.row.logs_dropped = finished.logs_dropped;
        if !finished.logs.is_empty() {
            let title = &self.row.title;
            let lines = serde_json::to_vec(&finished.logs)?;
            self.row.logs = Some(self.key.seal(&about(&title.tenant, title.id, "logs"), &lines));
        }
        Ok(())
    }
}

/// A run as its keys show it.
pub(super) fn open(tenant_key: &TenantKey, row: RunRow, files: Vec<MadeRow>) -> Result<Recalled, RunError> {
    let key = key(tenant_key, &row)?;
    let RunRow {
        title,
        arguments,
        result,
        ..
    } = row;
    let arguments = key.open(&about(&title.tenant, title.id, "arguments"), arguments)?;
    let result = match result {
        None => None,
        Some(sealed) => {
            let bytes = key.open(&about(&title.tenant, title.id, "result"), sealed)?;
            Some(serde_json::from_slice(&bytes)?)
        }
    };
    Ok(Recalled {
        title,
        arguments,
        result,
        files,
    })
}

pub(super) fn open_logs(tenant_key: &TenantKey, row: RunRow) -> Result<Vec<LogLine>, RunError> {
    let key = key(tenant_key, &row)?;
    let Some(sealed) = row.logs else { return Ok(Vec::new()) };
    let bytes = key.open(&about(&row.title.tenant, row.title.id, "logs"), sealed)?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// The data key of a run.
pub(super) fn unwrap(
    tenant_key: &TenantKey,
    tenant: &Tenant,
    id: RunId,
    wrapped: &Sealed,
) -> Result<DataKey, OpenError> {
    tenant_key.open(&about_run(tenant, id), wrapped)
}

fn key(tenant_key: &TenantKey, row: &RunRow) -> Result<DataKey, OpenError> {
    unwrap(tenant_key, &row.title.tenant, row.title.id, &row.key)
}

pub(super) fn about(tenant: &Tenant, id: RunId, kind: &str) -> String {
    format!("{tenant}/run/{}/{kind}", id.0)
}
