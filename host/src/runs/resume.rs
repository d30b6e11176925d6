//! Runs that go on: after a person answered, after a timer, and after the host ended under them.

use std::sync::Arc;
use std::time::Duration;

use gate::Mode;
use gate::journal::{Ending, Entry, Event};
use jiff::Timestamp;
use registry::Tenant;
use tokio_util::sync::CancellationToken;

use super::attend::{Job, Listed, key};
use super::record::{ABI, Beginning, Record};
use super::way_out::Passage;
use super::{RunError, Runs};
use crate::run::{Finished, Outcome, RunId, Start, Stop};
use crate::store::{RunRow, RunState, RunTitle};

/// How often the host may end under a run before it is taken for the reason.
const CUT_OFF_MOST: u32 = 3;

impl Runs {
    /// Goes on with every run that an earlier process left: those that it ended under, and those that wait.
    ///
    /// # Errors
    /// Where the store cannot be used.
    pub async fn go_on(self: &Arc<Self>, tenant: &Tenant) -> Result<(), RunError> {
        for row in self.store.unfinished(tenant).await? {
            let id = row.title.id;
            match row.title.state {
                RunState::Running => self.go_on_after_end(row).await?,
                _ => {
                    if let Some(at) = row.wake_at {
                        self.wake_at(tenant.clone(), id, at);
                    }
                    if self.was_decided(&row.title).await {
                        self.wake(tenant.clone(), id);
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a person decided when no process was there to go on. One whose journal cannot be read goes on too: it
    /// ends, and says why.
    async fn was_decided(&self, title: &RunTitle) -> bool {
        let decides = |entry: &Entry| matches!(entry.event, Event::Answered { .. } | Event::Resolved { .. });
        let entries = self.journal.entries(&key(title)).await;
        entries.map_or(true, |entries| entries.last().is_some_and(decides))
    }

    /// Goes on with a suspended run in the background, because what it waits for may have happened.
    pub(super) fn wake(self: &Arc<Self>, tenant: Tenant, id: RunId) {
        let runs = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = runs.resume(&tenant, id).await {
                tracing::error!(run = %id.0, error = &error as &dyn std::error::Error, "a run cannot go on");
            }
        });
    }

    /// The same, at this time.
    pub(super) fn wake_at(self: &Arc<Self>, tenant: Tenant, id: RunId, at: Timestamp) {
        let runs = Arc::clone(self);
        tokio::spawn(async move {
            let wait = Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default();
            tokio::time::sleep(wait).await;
            runs.wake(tenant, id);
        });
    }

    /// Ends a run that is suspended.
    pub(super) async fn cancel_suspended(self: &Arc<Self>, tenant: &Tenant, id: RunId) -> Result<(), RunError> {
        let Some((job, listed)) = self.reopen(tenant, id).await? else {
            return Ok(());
        };
        let stop = Stop {
            code: "cancelled".to_owned(),
            message: "The run was cancelled while it waited.".to_owned(),
        };
        let finished = Finished::before_start(Outcome::Stopped(stop));
        self.keep(job.record, finished, job.passage).await?;
        drop(listed);
        Ok(())
    }

    async fn go_on_after_end(self: &Arc<Self>, row: RunRow) -> Result<(), RunError> {
        let (tenant, id) = (row.title.tenant.clone(), row.title.id);
        let tenant_key = self.tenants.key(&tenant).ok_or(RunError::Keyless)?;
        let (mut record, ..) = Record::again(&tenant_key, row)?;
        if record.was_cut_off() > CUT_OFF_MOST {
            let stop = Stop {
                code: "host-restarted".to_owned(),
                message: "The host ended each time that it ran this. Tell its operator.".to_owned(),
            };
            return self.end_for_good(record, stop).await;
        }
        self.store.record(record.row()).await?;
        tracing::info!(run = %id.0, "a run goes on that was under way when the host ended");
        self.wake(tenant, id);
        Ok(())
    }

    async fn resume(self: &Arc<Self>, tenant: &Tenant, id: RunId) -> Result<(), RunError> {
        if let Some((job, listed)) = self.reopen(tenant, id).await? {
            Arc::clone(self).attend(job, listed).await?;
        }
        Ok(())
    }

    /// Brings a run back into memory, as it began; nothing where it is there, or over.
    async fn reopen(self: &Arc<Self>, tenant: &Tenant, id: RunId) -> Result<Option<(Job, Listed)>, RunError> {
        let cancel = CancellationToken::new();
        let Some(listed) = Listed::of(self, tenant, id, &cancel) else {
            self.book().woken.insert(id);
            return Ok(None);
        };
        let unfinished = |row: &RunRow| matches!(row.title.state, RunState::Running | RunState::Suspended);
        let Some(row) = self.store.run(tenant, id).await?.filter(unfinished) else {
            return Ok(None);
        };
        let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
            return Ok(None);
        };
        let tenant_key = self.tenants.key(tenant).ok_or(RunError::Keyless)?;
        let (record, text, beginning) = Record::again(&tenant_key, row)?;
        let live = match &beginning.bindings {
            Some(_) => Some(self.journal.resume(&key(record.title())).await?),
            None => None,
        };
        match self.prepare(&record, &text, beginning, cancel).await {
            Ok((skill, start, passage)) => Ok(Some((
                Job {
                    record,
                    skill,
                    start,
                    passage,
                    live,
                    place,
                },
                listed,
            ))),
            Err(error) => {
                self.give_up(record, &error).await?;
                Ok(None)
            }
        }
    }

    async fn prepare(
        &self,
        record: &Record,
        text: &[u8],
        beginning: Beginning,
        cancel: CancellationToken,
    ) -> Result<(Arc<crate::engine::Skill>, Start, Option<Passage>), RunError> {
        let title = record.title();
        if beginning.abi != ABI {
            let told = "the run was begun by a host of another kind; invoke the tool again";
            return Err(gate::Stop::new(gate::Code::new("abi-unknown"), told).into());
        }
        let skill = self.skills.pinned(&title.tenant, &title.skill, title.digest).await?;
        let arguments = serde_json::from_slice(text)?;
        let files = self.files_of(&title.tenant, &skill, &title.tool, &arguments).await?;
        let passage = self
            .passage(title, &beginning, (Mode::Resume, skill.limits().of_calls()))
            .await?;
        let waited = passage.as_ref().map(Passage::waited_for_people);
        let used = Timestamp::now().duration_since(title.started_at) - waited.unwrap_or_default();
        let used = Duration::try_from(used).unwrap_or_default();
        let start = beginning.again(title, (arguments, files), used, cancel);
        Ok((skill, start, passage))
    }

    /// Ends a run that can never go on; one that may later stays as it is.
    async fn give_up(&self, record: Record, error: &RunError) -> Result<(), RunError> {
        let stop = match error {
            RunError::Skill(error) => Stop {
                code: error.code().to_owned(),
                message: format!("The run cannot go on: {error}."),
            },
            RunError::Interrupted(stop) if !stop.retryable => Stop {
                code: stop.code.to_string(),
                message: stop.told.clone(),
            },
            other => {
                tracing::error!(error = other as &dyn std::error::Error, "a run cannot go on now");
                return Ok(());
            }
        };
        self.end_for_good(record, stop).await
    }

    /// Ends a run without opening its journal, which may not be readable any more.
    async fn end_for_good(&self, record: Record, stop: Stop) -> Result<(), RunError> {
        let ending = Ending::Stopped {
            code: stop.code.clone().into(),
            told: stop.message.clone(),
        };
        match self.journal.close(&key(record.title()), ending).await {
            Err(error) if error.retryable() => return Err(error.into()),
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the journal of a run cannot be ended"
                );
            }
            Ok(()) => {}
        }
        self.keep(record, Finished::before_start(Outcome::Stopped(stop)), None)
            .await?;
        Ok(())
    }
}
