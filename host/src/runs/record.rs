//! The record of one run: its payloads sealed on the way in, opened on the way out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use registry::{Digest, Tenant};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Recalled, RunError, Subject};
use crate::file::about_run;
use crate::run::{Bindings, Finished, LogLine, Outcome, RunId, Start, Stop};
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

/// What a guest sees that is not an argument, as it is kept, so that the run can be begun again.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Beginning {
    /// The number of the host's mapping of WIT, clocks, randomness, waits and calls: another number is another run.
    pub(super) abi: u32,
    /// Where its randomness comes from.
    #[serde(with = "hex::serde")]
    pub(super) seed: [u8; 32],
    /// What the commitments of its journal are made with.
    #[serde(with = "hex::serde")]
    pub(super) secret: [u8; 32],
    /// The bindings that it may name; none where it has no way out.
    pub(super) bindings: Option<Bindings>,
    /// What `configuration` answers.
    pub(super) configuration: BTreeMap<String, String>,
}

impl Beginning {
    /// What a run that has begun before starts from when it is run again, on these arguments and files.
    pub(super) fn again(
        self,
        title: &RunTitle,
        (arguments, files): (Value, BTreeMap<Digest, Bytes>),
        used: Duration,
        cancel: CancellationToken,
    ) -> Start {
        Start {
            id: title.id,
            tool: title.tool.clone(),
            arguments,
            files,
            at: title.started_at,
            seed: self.seed,
            bindings: Arc::new(self.bindings.unwrap_or_default()),
            used,
            configuration: Some(Arc::new(self.configuration)),
            cancel,
        }
    }
}

/// The number that this host writes, and the only one that it can begin again.
pub(super) const ABI: u32 = 1;

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
        beginning: &Beginning,
    ) -> Result<Self, RunError> {
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
        let start = key.seal(&about(tenant, id, "start"), &serde_json::to_vec(beginning)?);
        Ok(Self {
            row: RunRow {
                title,
                key: wrapped,
                arguments,
                result: None,
                logs: None,
                logs_dropped: 0,
                start,
                wake_at: None,
                cut_off: 0,
            },
            key: Arc::new(key),
            listed: false,
        })
    }

    /// A run that is on record and has not ended, with what it was asked and what it began with.
    pub(super) fn again(tenant_key: &TenantKey, row: RunRow) -> Result<(Self, Vec<u8>, Beginning), RunError> {
        let key = key(tenant_key, &row)?;
        let (tenant, id) = (&row.title.tenant, row.title.id);
        let arguments = key.open(&about(tenant, id, "arguments"), row.arguments.clone())?;
        let beginning = key.open(&about(tenant, id, "start"), row.start.clone())?;
        let beginning = serde_json::from_slice(&beginning)?;
        let mut record = Self {
            row,
            key: Arc::new(key),
            listed: true,
        };
        record.row.title.state = RunState::Running;
        record.row.title.code = None;
        record.row.wake_at = None;
        Ok((record, arguments, beginning))
    }

    /// The run leaves memory for this reason, at the latest until then.
    pub(super) fn suspend(&mut self, code: &str, wake_at: Option<Timestamp>) {
        self.row.title.state = RunState::Suspended;
        self.row.title.code = Some(code.to_owned());
        self.row.wake_at = wake_at;
    }

    /// The host ended while it ran. Returns how often that happened.
    pub(super) const fn was_cut_off(&mut self) -> u32 {
        self.row.cut_off += 1;
        self.row.cut_off
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

    pub(super) fn into_row(self) -> RunRow {
        self.row
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
    [about_run(tenant, id).as_str(), "/", kind].concat()
}
