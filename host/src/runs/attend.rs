//! One run in memory: from its beginning, or from what is recorded of it, to its end or until it is suspended.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use gate::RunSecret;
use gate::{About, Code, Halt, Limits, Mode, RunKey, Suspend};
use jiff::Timestamp;
use registry::Tenant;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::record::{ABI, Beginning, Record};
use super::way_out::Passage;
use super::{Begun, Ended, Invocation, Keyed, LiveRun, Open, Outliving, RunError, Runs};
use crate::engine::Skill;
use crate::run::{Finished, Outcome, RunId, Start};
use crate::seal;
use crate::store::{RunTitle, StoreError};
use crate::token::Caller;

/// A run that is still going after so long is recorded before it ends, so that it can be listed and cancelled.
const SHORT: Duration = Duration::from_millis(20);

/// Why a run was suspended.
mod reason {
    pub(super) const CONSENT: &str = "consent";
    pub(super) const TIMER: &str = "timer";
}

/// Everything that a run needs in memory.
pub(super) struct Job {
    pub(super) record: Record,
    pub(super) skill: Arc<Skill>,
    pub(super) start: Start,
    pub(super) passage: Option<Passage>,
    /// Where it has a way out: the journal knows its key for as long.
    pub(super) live: Option<LiveRun>,
    pub(super) place: OwnedSemaphorePermit,
}

impl Runs {
    /// Begins a run, which goes on to its end where nobody waits any more. Its record, and the files that it made, are
    /// durable when it has left; arguments that are refused leave no record, because nothing ran.
    ///
    /// # Errors
    /// Where nothing runs: there is no place, or the key is taken.
    pub async fn begin(self: &Arc<Self>, caller: &Caller, invocation: Invocation) -> Result<Begun, RunError> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| RunError::Overloaded)?;
        let (listed, key) = (invocation.listed, invocation.key.clone());
        let mut job = self.job(caller, invocation, place).await?;
        // In memory before it is on record: whoever finds it there waits for it.
        let in_memory = Listed::new(self, job.record.title(), &job.start.cancel).ok_or(RunError::Overloaded)?;
        match key {
            Some(key) => self.claim(&mut job.record, key).await?,
            None if listed => self.list_now(&mut job.record).await?,
            None => {}
        }
        if let Some(live) = job.live.as_ref().filter(|_| job.record.was_listed()) {
            live.recorded();
        }
        let id = job.record.title().id;
        let runs = Arc::clone(self);
        let left = Outliving::new(Handle::current(), runs.attend(job, in_memory));
        Ok(Begun { id, left })
    }

    async fn job(&self, caller: &Caller, invocation: Invocation, place: OwnedSemaphorePermit) -> Result<Job, RunError> {
        let tenant_key = self.tenants.key(caller.tenant()).ok_or(RunError::Keyless)?;
        let beginning = Beginning {
            abi: ABI,
            seed: seal::fresh(),
            secret: seal::fresh(),
            bindings: invocation.bindings,
            configuration: invocation.skill.configuration().as_ref().clone(),
        };
        let (id, subject) = (RunId(Uuid::now_v7()), invocation.subject);
        let record = Record::begin(&tenant_key, caller, id, subject, &invocation.text, &beginning)?;
        let passage = self
            .passage(
                record.title(),
                &beginning,
                (Mode::Live, invocation.skill.limits().of_calls()),
            )
            .await?;
        let live = passage
            .as_ref()
            .map(|_| self.journal.begin(record.row(), Arc::clone(record.key())));
        let start = Start {
            id,
            tool: record.title().tool.clone(),
            arguments: invocation.arguments,
            files: invocation.files,
            at: record.title().started_at,
            seed: beginning.seed,
            bindings: Arc::new(beginning.bindings.unwrap_or_default()),
            used: Duration::ZERO,
            configuration: None,
            cancel: CancellationToken::new(),
        };
        Ok(Job {
            record,
            skill: invocation.skill,
            start,
            passage,
            live,
            place,
        })
    }

    /// Opens the run at the gate, where it has a way out.
    pub(super) async fn passage(
        &self,
        title: &RunTitle,
        beginning: &Beginning,
        (mode, limits): (Mode, Limits),
    ) -> Result<Option<Passage>, RunError> {
        if beginning.bindings.is_none() {
            return Ok(None);
        }
        let about = About {
            key: key(title),
            skill: title.skill.to_string(),
            digest: title.digest.to_string(),
            tool: title.tool.clone(),
            by: title.by.clone(),
            secret: RunSecret::new(beginning.secret),
            limits,
        };
        let run = self.gate.open(about, mode).await?;
        Ok(Some(Passage::new(Arc::clone(&self.gate), run)))
    }

    /// Attends a run until it leaves memory.
    pub(super) async fn attend(self: Arc<Self>, job: Job, listed: Listed) -> Result<Ended, RunError> {
        let Job {
            mut record,
            skill,
            start,
            passage,
            live,
            place,
        } = job;
        let calls = passage.as_ref().map(Passage::calls);
        let mut work = pin!(skill.run(start, calls));
        let finished = if record.was_listed() {
            work.await
        } else {
            match tokio::time::timeout(SHORT, &mut work).await {
                Ok(finished) => finished,
                Err(_) => {
                    self.list_now(&mut record).await?;
                    if let Some(live) = &live {
                        live.recorded();
                    }
                    work.await
                }
            }
        };
        // A journal that had to be begun has put the run on record.
        if live.as_ref().is_some_and(LiveRun::is_recorded) {
            record.is_listed();
        }
        let left = self.settle(record, finished, passage).await;
        drop((live, place));
        let again = listed.leave();
        if let (true, Ok(ended)) = (again, &left) {
            self.wake(ended.title.tenant.clone(), ended.title.id);
        }
        left
    }

    async fn settle(
        self: &Arc<Self>,
        record: Record,
        finished: Finished,
        passage: Option<Passage>,
    ) -> Result<Ended, RunError> {
        match &finished.halt {
            Some(Halt::Suspend(Suspend::Consent { until, .. })) => {
                self.suspend(record, reason::CONSENT, Some(*until)).await
            }
            Some(Halt::Suspend(Suspend::Timer { until, .. })) => {
                self.suspend(record, reason::TIMER, Some(*until)).await
            }
            Some(Halt::Stop(stop)) if stop.code == Code::OUTCOME_UNKNOWN => {
                self.suspend(record, Code::OUTCOME_UNKNOWN.as_str(), None).await
            }
            // It is not over: it goes on when the host starts again.
            Some(Halt::Stop(stop)) if stop.retryable || stop.code == Code::SUPERSEDED => Err(stop.clone().into()),
            _ => self.keep(record, finished, passage).await,
        }
    }

    async fn suspend(
        self: &Arc<Self>,
        mut record: Record,
        reason: &str,
        wake_at: Option<Timestamp>,
    ) -> Result<Ended, RunError> {
        record.suspend(reason, wake_at);
        self.store.record(record.row()).await?;
        let title = record.into_title();
        if let Some(at) = wake_at {
            self.wake_at(title.tenant.clone(), title.id, at);
        }
        Ok(Ended {
            title,
            outcome: None,
            files: Vec::new(),
        })
    }

    /// Keeps how a run ended.
    pub(super) async fn keep(
        &self,
        mut record: Record,
        finished: Finished,
        passage: Option<Passage>,
    ) -> Result<Ended, RunError> {
        if matches!(finished.outcome, Outcome::Refused(_)) && !record.was_listed() {
            return Ok(Ended {
                title: record.into_title(),
                outcome: Some(finished.outcome),
                files: Vec::new(),
            });
        }
        if let Some(passage) = passage {
            passage.end(&finished).await?;
        }
        let mut files = Vec::with_capacity(finished.files.len());
        for file in &finished.files {
            files.push(self.files.keep(&record.title().tenant, record.key(), file).await?);
        }
        record.end(&finished)?;
        let title = record.title().clone();
        if files.is_empty() {
            self.store.record(record.into_row()).await?;
        } else {
            self.store.record_with(record.into_row(), files.clone()).await?;
        }
        Ok(Ended {
            title,
            outcome: Some(finished.outcome),
            files,
        })
    }

    /// Puts a run on record as one that is under way.
    async fn list_now(&self, record: &mut Record) -> Result<(), StoreError> {
        self.store.record(record.row()).await?;
        record.is_listed();
        Ok(())
    }

    async fn claim(&self, record: &mut Record, key: Keyed) -> Result<(), RunError> {
        match self.store.record_keyed(record.row(), key.row(record.title())).await {
            Ok(()) => {
                record.is_listed();
                Ok(())
            }
            Err(StoreError::Exists) => Err(RunError::KeyTaken),
            Err(error) => Err(error.into()),
        }
    }
}

/// The run of this title, as the gate names it.
pub(super) fn key(title: &RunTitle) -> RunKey {
    key_of(&title.tenant, title.id)
}

/// A run of a tenant, as the gate names it.
pub(super) fn key_of(tenant: &Tenant, id: RunId) -> RunKey {
    RunKey {
        tenant: tenant.to_string(),
        run: id.0,
    }
}

/// A run is in memory for as long as this lives.
pub(super) struct Listed {
    runs: Arc<Runs>,
    run: RunKey,
    id: RunId,
    _left: watch::Sender<()>,
}

impl Listed {
    /// Lists it; nothing where it is in memory already.
    pub(super) fn new(runs: &Arc<Runs>, title: &RunTitle, cancel: &CancellationToken) -> Option<Self> {
        Self::of(runs, &title.tenant, title.id, cancel)
    }

    pub(super) fn of(runs: &Arc<Runs>, tenant: &Tenant, id: RunId, cancel: &CancellationToken) -> Option<Self> {
        let (sender, left) = watch::channel(());
        let mut book = runs.book();
        if book.open.contains_key(&id) {
            return None;
        }
        let open = Open {
            tenant: tenant.clone(),
            cancel: cancel.clone(),
            left,
        };
        book.open.insert(id, open);
        drop(book);
        Some(Self {
            runs: Arc::clone(runs),
            run: key_of(tenant, id),
            id,
            _left: sender,
        })
    }

    /// It leaves memory. Returns whether what it waits for has happened meanwhile.
    pub(super) fn leave(self) -> bool {
        let mut book = self.runs.book();
        book.open.remove(&self.id);
        book.woken.remove(&self.id)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.runs.book().open.remove(&self.id);
        self.runs.audience.left(&self.run);
    }
}
