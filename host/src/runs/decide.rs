//! What people see of a run's calls, and what they decide about them.

use std::sync::Arc;

use gate::journal::{DecisionError, Entry, Event, Resolution};
use gate::{ConsentId, Journal as _, JournalError};
use jiff::Timestamp;
use registry::Tenant;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::attend::{Listed, key};
use super::{RunError, Runs};
use crate::run::RunId;
use crate::store::{RunState, RunTitle};
use crate::token::Caller;

/// A call that waits for a person.
#[derive(Clone, Debug)]
pub struct Question {
    /// By what it is answered.
    pub id: ConsentId,
    /// The run that asks.
    pub run: RunTitle,
    /// When it expires.
    pub until: Timestamp,
    /// On which binding.
    pub binding: String,
    /// What is asked, exactly as it would be sent.
    pub call: Value,
}

/// One entry of a journal, opened.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What happened.
    pub entry: Entry,
    /// What was asked.
    pub call: Option<Value>,
    /// How it ended.
    pub outcome: Option<Value>,
}

/// Questions that are shown at a time.
const MOST: u32 = 200;

impl Recorded {
    /// # Errors
    /// What was kept is no JSON.
    pub(super) fn of(record: gate::Record) -> Result<Self, RunError> {
        let json = |payload: Option<gate::Payload>| payload.map(|it| serde_json::from_slice(it.json())).transpose();
        Ok(Self {
            entry: record.entry,
            call: json(record.call)?,
            outcome: json(record.outcome)?,
        })
    }
}

const NOT_ASKED: JournalError = JournalError::Decision(DecisionError::NotAsked);

impl Runs {
    /// The calls of a tenant that wait for a person, of the oldest runs first.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub async fn questions(&self, tenant: &Tenant) -> Result<Vec<Question>, RunError> {
        let mut questions = Vec::new();
        for waiting in self.store.waiting(tenant, Timestamp::now(), MOST).await? {
            let row = self.store.run(tenant, RunId(waiting.id.run)).await?;
            let run = row.ok_or(JournalError::Unknown)?.title;
            let records = self.journal.read(&key(&run)).await?;
            let mut of_call = records.iter().filter(|record| record.entry.number == waiting.id.number);
            let call = of_call.find_map(|record| record.call.as_ref());
            let call = call.map(|call| serde_json::from_slice(call.json())).transpose()?;
            questions.push(Question {
                id: waiting.id,
                until: waiting.until,
                binding: waiting.binding.to_string(),
                call: call.unwrap_or_default(),
                run,
            });
        }
        Ok(questions)
    }

    /// Answers a question of the tenant, and lets its run go on.
    ///
    /// # Errors
    /// Where nobody asked, or somebody answered before.
    pub async fn answer(self: &Arc<Self>, caller: &Caller, id: ConsentId, allowed: bool) -> Result<(), RunError> {
        let tenant = caller.tenant();
        self.gate.answer(tenant.as_str(), id, allowed, caller.name()).await?;
        self.wake(tenant.clone(), RunId(id.run));
        Ok(())
    }

    /// Decides about a call whose outcome nobody knows, and lets its run go on.
    ///
    /// # Errors
    /// Where the run does not wait for that.
    pub async fn resolve(self: &Arc<Self>, caller: &Caller, run: RunId, how: Resolution) -> Result<(), RunError> {
        let tenant = caller.tenant();
        let row = self.store.run(tenant, run).await?;
        row.ok_or(JournalError::Unknown)?;
        let cancel = CancellationToken::new();
        // A run that goes on is on record as it waited. To the journal its call looks like the one in doubt, so that it
        // stays out of memory while this is decided.
        let held = Listed::of(self, tenant, run, &cancel).ok_or(NOT_ASKED)?;
        let decided = self.decide(caller, run, how).await;
        let woken = held.leave();
        if cancel.is_cancelled() {
            self.cancel_suspended(tenant, run).await?;
        } else if woken || decided.is_ok() {
            self.wake(tenant.clone(), run);
        }
        decided
    }

    async fn decide(&self, caller: &Caller, run: RunId, how: Resolution) -> Result<(), RunError> {
        let row = self.store.run(caller.tenant(), run).await?;
        let row = row.ok_or(JournalError::Unknown)?;
        let in_doubt = row.title.code.as_deref() == Some(gate::Code::OUTCOME_UNKNOWN.as_str());
        if row.title.state != RunState::Suspended || !in_doubt {
            return Err(NOT_ASKED.into());
        }
        let records = self.journal.read(&key(&row.title)).await?;
        let last = records
            .iter()
            .rev()
            .find(|record| matches!(record.entry.event, Event::Sent { .. }));
        let number = last.map_or(0, |record| record.entry.number);
        self.gate.resolve(&key(&row.title), number, how, caller.name()).await?;
        Ok(())
    }

    /// The journal of a run of the tenant, opened; nothing where there is no such run.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn journal(&self, tenant: &Tenant, run: RunId) -> Result<Option<Vec<Recorded>>, RunError> {
        let Some(row) = self.store.run(tenant, run).await? else {
            return Ok(None);
        };
        let records = match self.journal.read(&key(&row.title)).await {
            // A run that asked for nothing has none.
            Err(JournalError::Unknown) => Vec::new(),
            records => records?,
        };
        records
            .into_iter()
            .map(Recorded::of)
            .collect::<Result<_, _>>()
            .map(Some)
    }
}
