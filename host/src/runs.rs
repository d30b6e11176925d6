//! Runs under way and runs on record: begun, suspended, gone on with, cancelled, sealed, kept and read back.

mod attend;
mod audience;
mod decide;
mod follow;
mod handover;
mod journal;
mod keyed;
mod record;
mod resume;
mod trial;
mod way_out;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use gate::Gate;
use registry::{Digest, SkillName, Tenant};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::engine::Skill;
use crate::file::{FileError, Files};
use crate::run::{Bindings, LogLine, Outcome, RunId, Stop};
use crate::seal::OpenError;
use crate::skills::{ReadyError, Skills};
use crate::store::{MadeRow, RunFilter, RunRow, RunTitle, Store, StoreError};
use crate::tenant::Tenants;

pub use crate::outliving::Outliving;
pub use audience::Audience;
pub use decide::{Question, Recorded};
pub use follow::{Follow, Happened};
pub use handover::{Broken, Handover};
pub use journal::{LiveRun, SealedJournal};
pub use keyed::{Key, Keyed};
pub use record::Kept;
pub use trial::{Differs, Tried};

/// The runs of a host.
pub struct Runs {
    store: Store,
    tenants: Arc<Tenants>,
    files: Files,
    skills: Arc<Skills>,
    gate: Arc<Gate>,
    journal: Arc<SealedJournal>,
    audience: Arc<Audience>,
    /// How many may be under way at a time.
    places: Arc<Semaphore>,
    most: u32,
    book: Mutex<Book>,
}

/// What is known of runs that are in memory.
#[derive(Default)]
struct Book {
    open: HashMap<RunId, Open>,
    /// What a run waits for happened before it had left memory.
    woken: HashSet<RunId>,
}

struct Open {
    tenant: Tenant,
    cancel: CancellationToken,
    /// Closes when the run leaves memory.
    left: watch::Receiver<()>,
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

/// One invocation, ready to begin.
pub struct Invocation {
    /// What is to run.
    pub subject: Subject,
    /// The same, ready to run.
    pub skill: Arc<Skill>,
    /// The arguments.
    pub arguments: Value,
    /// The same as they were sent: what is kept.
    pub text: Bytes,
    /// The files that they name.
    pub files: BTreeMap<Digest, Bytes>,
    /// What the skill may name, where it makes calls.
    pub bindings: Option<Bindings>,
    /// Whether it is on record from its beginning, for whoever does not wait for its end.
    pub listed: bool,
    /// The key that it was asked with.
    pub key: Option<Keyed>,
}

/// A run that has begun.
pub struct Begun {
    /// Its name.
    pub id: RunId,
    /// How it leaves memory.
    pub left: Outliving<Result<Ended, RunError>>,
}

/// A run that ended or was suspended, and whose record is durable.
#[derive(Debug)]
pub struct Ended {
    /// What is known of it.
    pub title: RunTitle,
    /// What came out; nothing where it is suspended.
    pub outcome: Option<Outcome>,
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
    /// The arguments do not fit the tool.
    #[error("{}", .0.message)]
    Unfit(Stop),
    /// The arguments name a file that was not uploaded.
    #[error("there is no file {}", .0.hex())]
    FileUnknown(Digest),
    /// The files that the arguments name are too large together.
    #[error("the files are too large together")]
    FilesTooLarge,
    /// Another invocation has the key.
    #[error("another invocation has the key")]
    KeyTaken,
    /// What ran cannot be run any more.
    #[error(transparent)]
    Skill(#[from] ReadyError),
    /// The journal is not there, or does not take it.
    #[error(transparent)]
    Journal(#[from] gate::JournalError),
    /// The gate went no further, for a reason of the host's own.
    #[error("the run was interrupted: {0}")]
    Interrupted(#[from] gate::Stop),
}

impl Runs {
    /// Runs of which `most` may be under way at a time.
    pub fn new(
        store: Store,
        tenants: Arc<Tenants>,
        files: Files,
        skills: Arc<Skills>,
        (gate, journal, audience): (Arc<Gate>, Arc<SealedJournal>, Arc<Audience>),
        most: u32,
    ) -> Self {
        Self {
            store,
            tenants,
            files,
            skills,
            gate,
            journal,
            audience,
            places: Arc::new(Semaphore::new(most as usize)),
            most,
            book: Mutex::default(),
        }
    }

    /// Asks a run of the tenant to stop. Returns what is known of it, or nothing where the tenant has no such run.
    ///
    /// # Errors
    /// Where the store cannot be used.
    pub async fn cancel(self: &Arc<Self>, tenant: &Tenant, id: RunId) -> Result<Option<RunTitle>, RunError> {
        let open = {
            let book = self.book();
            let of_tenant = book.open.get(&id).filter(|open| open.tenant == *tenant);
            of_tenant.map(|open| open.cancel.clone())
        };
        match open {
            Some(cancel) => cancel.cancel(),
            None => self.cancel_suspended(tenant, id).await?,
        }
        Ok(self.store.run(tenant, id).await?.map(|row| row.title))
    }

    /// Waits until a run leaves memory, or for so long. Returns at once where it is not there.
    pub async fn left(&self, id: RunId, patience: Duration) {
        let left = self.book().open.get(&id).map(|open| open.left.clone());
        if let Some(mut left) = left {
            // Nothing is ever sent: it closes.
            let _ = tokio::time::timeout(patience, left.changed()).await;
        }
    }

    /// At most `most` runs of a tenant, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn list(&self, tenant: &Tenant, filter: &RunFilter, most: u32) -> Result<Vec<RunTitle>, RunError> {
        Ok(self.store.runs(tenant, filter, most).await?)
    }

    /// The content of the files that the arguments name: together as large as one file may be, because all of it is in
    /// memory for as long as the run.
    ///
    /// # Errors
    /// Where one is not there, or they are too large together.
    pub async fn files_of(
        &self,
        tenant: &Tenant,
        skill: &Skill,
        tool: &str,
        arguments: &Value,
    ) -> Result<BTreeMap<Digest, Bytes>, RunError> {
        let needed = skill.files_needed(tool, arguments).map_err(RunError::Unfit)?;
        self.contents(tenant, needed).await
    }

    /// The content of these files.
    async fn contents(&self, tenant: &Tenant, needed: Vec<Digest>) -> Result<BTreeMap<Digest, Bytes>, RunError> {
        let mut files = BTreeMap::new();
        let mut room = Files::MOST;
        for sha256 in needed {
            let found = self.files.download(tenant, sha256).await?;
            let found = found.ok_or(RunError::FileUnknown(sha256))?;
            room = room.checked_sub(found.size).ok_or(RunError::FilesTooLarge)?;
            files.insert(sha256, found.whole().await?);
        }
        Ok(files)
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

    /// Sends everybody away who follows a run: the host ends.
    pub fn send_away(&self) {
        self.audience.close();
    }

    /// Waits until no run is under way.
    pub async fn idle(&self) {
        // The semaphore is never closed, so this waits and does not fail.
        drop(self.places.acquire_many(self.most).await);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
