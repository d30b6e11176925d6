//! Runs under way and runs on record: started, cancelled, sealed, kept and read back.

mod journal;
mod record;

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use registry::{Digest, SkillName, Tenant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::file::{FileError, Files};
use crate::run::{Finished, LogLine, Outcome, RunId};
use crate::seal::OpenError;
use crate::store::{MadeRow, RunFilter, RunRow, RunTitle, Store, StoreError};
use crate::tenant::Tenants;
use crate::token::Caller;
use record::Record;

pub use journal::{LiveRun, SealedJournal};
pub use record::Kept;

/// The runs of a host.
pub struct Runs {
    store: Store,
    tenants: Arc<Tenants>,
    files: Files,
    /// How many may be under way at a time.
    places: Arc<Semaphore>,
    most: u32,
    open: Mutex<HashMap<RunId, Open>>,
}

/// What is to run.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The skill.
    pub skill: SkillName,
    /// Its version.
    pub version: String,
    /// The artifact.
    pub digest: Digest,
    /// The tool, as agents call it.
    pub tool: String,
}

/// A run that ended, and whose record is durable.
#[derive(Debug)]
pub struct Ended {
    /// What is known of it.
    pub title: RunTitle,
    /// What came out.
    pub outcome: Outcome,
    /// The files that it made.
    pub files: Vec<MadeRow>,
}

/// A run on record, with what its keys open.
#[derive(Debug)]
pub struct Recalled {
    /// What is known without its keys.
    pub title: RunTitle,
    /// What it was asked, as JSON.
    pub arguments: Vec<u8>,
    /// What came out; nothing while it runs, or where the host ended before it.
    pub result: Option<Kept>,
    /// The files that it made.
    pub files: Vec<MadeRow>,
}

/// Why there is no run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// As many runs as may be are under way.
    #[error("as many runs as may be are under way")]
    Overloaded,
    /// The run broke the host's own code.
    #[error("a run ended in a panic of the host")]
    Panicked,
    /// A payload does not open.
    #[error("what a run left behind cannot be read")]
    Sealed(#[from] OpenError),
    /// A payload opened, and is not what was kept.
    #[error("what a run left behind cannot be understood")]
    Malformed(#[from] serde_json::Error),
    /// The tenant has no key.
    #[error("the tenant has no key")]
    Keyless,
    /// A file that it made is not kept.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its record is not durable.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A run that is still going after so long is recorded before it ends, so that it can be listed and cancelled.
const SHORT: Duration = Duration::from_millis(20);

struct Open {
    tenant: Tenant,
    cancel: CancellationToken,
}

impl Runs {
    /// Runs of which `most` may be under way at a time.
    pub fn new(store: Store, tenants: Arc<Tenants>, files: Files, most: u32) -> Self {
        let places = Arc::new(Semaphore::new(most as usize));
        Self {
            store,
            tenants,
            files,
            places,
            most,
            open: Mutex::default(),
        }
    }

    /// Runs a tool to its end, and on to the end where nobody waits any more. Its record, and the files that it made,
    /// are durable when this returns; arguments that are refused leave no record, because nothing ran.
    ///
    /// # Errors
    /// Where nothing ran, or what became of it is not recorded.
    pub async fn run<W, F>(
        self: &Arc<Self>,
        caller: &Caller,
        subject: Subject,
        arguments: Bytes,
        work: W,
    ) -> Result<Ended, RunError>
    where
        W: FnOnce(RunId, Timestamp, CancellationToken) -> F + Send + 'static,
        F: Future<Output = Finished> + Send,
    {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| RunError::Overloaded)?;
        let record = self.record(caller, subject, &arguments)?;
        let runs = Arc::clone(self);
        tokio::spawn(async move { runs.attend(record, work, place).await })
            .await
            .map_err(|_| RunError::Panicked)?
    }

    /// Asks a run of the tenant to stop. Returns what is known of it, or nothing where the tenant has no such run.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn cancel(&self, tenant: &Tenant, id: RunId) -> Result<Option<RunTitle>, RunError> {
        let cancel = self
            .open()
            .get(&id)
            .filter(|open| open.tenant == *tenant)
            .map(|open| open.cancel.clone());
        if let Some(cancel) = cancel {
            cancel.cancel();
        }
        Ok(self.store.run(tenant, id).await?.map(|row| row.title))
    }

    /// At most `most` runs of a tenant, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn list(&self, tenant: &Tenant, filter: &RunFilter, most: u32) -> Result<Vec<RunTitle>, RunError> {
        Ok(self.store.runs(tenant, filter, most).await?)
    }

    /// A run of the tenant, opened.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn recall(&self, tenant: &Tenant, id: RunId) -> Result<Option<Recalled>, RunError> {
        let Some(row) = self.store.run(tenant, id).await? else {
            return Ok(None);
        };
        let files = self.store.made(tenant, id).await?;
        let tenant_key = self.tenants.key(tenant).ok_or(RunError::Keyless)?;
        record::open(&tenant_key, row, files).map(Some)
    }

    /// A file that a run of the tenant made, with the run that made it.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn made(&self, tenant: &Tenant, id: RunId, name: &str) -> Result<Option<(RunRow, MadeRow)>, RunError> {
        let Some(row) = self.store.run(tenant, id).await? else {
            return Ok(None);
        };
        let files = self.store.made(tenant, id).await?;
        Ok(files.into_iter().find(|file| file.name == name).map(|file| (row, file)))
    }

    /// What a run of the tenant logged, and how many lines did not fit; nothing where there is no such run.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn logs(&self, tenant: &Tenant, id: RunId) -> Result<Option<(Vec<LogLine>, u64)>, RunError> {
        let Some(row) = self.store.run(tenant, id).await? else {
            return Ok(None);
        };
        let tenant_key = self.tenants.key(tenant).ok_or(RunError::Keyless)?;
        let dropped = row.logs_dropped;
        Ok(Some((record::open_logs(&tenant_key, row)?, dropped)))
    }

    /// Waits until no run is under way.
    pub async fn idle(&self) {
        // The semaphore is never closed, so this waits and does not fail.
        drop(self.places.acquire_many(self.most).await);
    }

    fn record(&self, caller: &Caller, subject: Subject, arguments: &[u8]) -> Result<Record, RunError> {
        let tenant_key = self.tenants.key(caller.tenant()).ok_or(RunError::Keyless)?;
        Ok(Record::begin(
            &tenant_key,
            caller,
            RunId(Uuid::now_v7()),
            subject,
            arguments,
        ))
    }

    async fn attend<W, F>(
        self: Arc<Self>,
        mut record: Record,
        work: W,
        place: OwnedSemaphorePermit,
    ) -> Result<Ended, RunError>
    where
        W: FnOnce(RunId, Timestamp, CancellationToken) -> F,
        F: Future<Output = Finished>,
    {
        let id = record.title().id;
        let cancel = CancellationToken::new();
        let _listed = Listed::new(&self, record.title(), cancel.clone());
        let mut work = pin!(work(id, record.title().started_at, cancel));
        let finished = match tokio::time::timeout(SHORT, &mut work).await {
            Ok(finished) => finished,
            Err(_) => {
                self.store.record(record.row()).await?;
                record.is_listed();
                work.await
            }
        };
        let ended = self.keep(record, finished).await;
        drop(place);
        ended
    }

    async fn keep(&self, mut record: Record, finished: Finished) -> Result<Ended, RunError> {
        if matches!(finished.outcome, Outcome::Refused(_)) && !record.was_listed() {
            return Ok(Ended {
                title: record.into_title(),
                outcome: finished.outcome,
                files: Vec::new(),
            });
        }
        let mut files = Vec::with_capacity(finished.files.len());
        for file in &finished.files {
            files.push(self.files.keep(&record.title().tenant, record.key(), file).await?);
        }
        record.end(&finished)?;
        if files.is_empty() {
            self.store.record(record.row()).await?;
        } else {
            self.store.record_with(record.row(), files.clone()).await?;
        }
        Ok(Ended {
            title: record.into_title(),
            outcome: finished.outcome,
            files,
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<RunId, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run can be cancelled for as long as this lives.
struct Listed<'a> {
    runs: &'a Runs,
    id: RunId,
}

impl<'a> Listed<'a> {
    fn new(runs: &'a Runs, title: &RunTitle, cancel: CancellationToken) -> Self {
        runs.open().insert(
            title.id,
            Open {
                tenant: title.tenant.clone(),
                cancel,
            },
        );
        Self { runs, id: title.id }
    }
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        self.runs.open().remove(&self.id);
    }
}
