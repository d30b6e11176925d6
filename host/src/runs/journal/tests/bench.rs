//! A host's store in a folder of its own, which can be killed and found again.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use gate::journal::conformance::Workbench;
use gate::journal::{Ending, Entry, Event, Fence};
use gate::{Attachment, Binding, Effect, Journal, JournalError, Payload, Record, RunKey};
use jiff::Timestamp;
use registry::{Digest, Tenant};
use tempfile::TempDir;
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::file::about_run;
use crate::run::RunId;
use crate::runs::{LiveRun, SealedJournal};
use crate::seal::{DataKey, HostKey};
use crate::store::{RunRow, RunState, RunTitle, Store};
use crate::tenant::Tenants;

/// How the journal knows of a run that is to have one.
#[derive(Clone, Copy)]
pub(super) enum Known {
    OnRecord,
    Live,
}

pub(super) struct Bench {
    known: Known,
    keys: TempDir,
    process: Mutex<Process>,
}

/// What is gone when a host is killed.
struct Process {
    data: TempDir,
    host: Host,
    held: Vec<LiveRun>,
}

#[derive(Clone)]
pub(super) struct Host {
    pub(super) store: Store,
    pub(super) tenants: Arc<Tenants>,
    pub(super) journal: Arc<SealedJournal>,
}

impl Bench {
    pub(super) async fn new(known: Known) -> Self {
        let (keys, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let host = Host::open(data.path(), HostKey::create(keys.path()).unwrap()).await;
        let held = Vec::new();
        Self {
            known,
            keys,
            process: Mutex::new(Process { data, host, held }),
        }
    }

    pub(super) fn host(&self) -> Host {
        self.process.lock().unwrap().host.clone()
    }

    /// The bytes of the database and of its log, as they are on the disk now.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let process = self.process.lock().unwrap();
        FILES
            .map(|file| std::fs::read(process.data.path().join(file)).unwrap())
            .concat()
    }

    /// The database as somebody finds it who can write to the disk.
    pub(super) async fn connection(&self) -> sqlx::SqliteConnection {
        use sqlx::ConnectOptions as _;
        let path = self.process.lock().unwrap().data.path().join(Store::FILE);
        crate::store::options(&path).connect().await.unwrap()
    }

    pub(super) async fn tenant(&self, name: &str) -> Tenant {
        let (tenants, tenant) = (self.host().tenants, name.parse().unwrap());
        if tenants.key(&tenant).is_none() {
            tenants.add(&tenant).await.unwrap();
        }
        tenant
    }

    /// The record of a run that has just begun, and its key.
    pub(super) fn row(&self, tenant: &Tenant, run: Uuid) -> (RunRow, Arc<DataKey>) {
        let id = RunId(run);
        let tenant_key = self.host().tenants.key(tenant).unwrap();
        let (key, wrapped) = tenant_key.data_key(&about_run(tenant, id));
        let title = RunTitle {
            tenant: tenant.clone(),
            id,
            skill: "acme/jira".parse().unwrap(),
            version: "1.0.0".to_owned(),
            digest: Digest::of(b"artifact"),
            tool: "search".to_owned(),
            by: "anna".to_owned(),
            state: RunState::Running,
            code: None,
            started_at: at(),
            ended_at: None,
            fuel: 0,
            guest_us: 0,
        };
        let arguments = key.seal("arguments", b"{}");
        let row = RunRow {
            title,
            key: wrapped,
            arguments,
            result: None,
            logs: None,
            logs_dropped: 0,
            start: key.seal("start", b"{}"),
            wake_at: None,
            cut_off: 0,
        };
        (row, Arc::new(key))
    }

    pub(super) fn live(&self, row: RunRow, key: Arc<DataKey>) -> (RunKey, LiveRun) {
        let run = run_key(&row);
        (run, self.host().journal.begin(row, key))
    }
}

#[async_trait]
impl Workbench for Bench {
    async fn journal(&self) -> Arc<dyn Journal> {
        self.host().journal
    }

    /// The files as they are while the process before is at work, and nothing else of it.
    async fn restart(&self) -> Arc<dyn Journal> {
        let data = tempfile::tempdir().unwrap();
        for file in FILES {
            let process = self.process.lock().unwrap();
            std::fs::copy(process.data.path().join(file), data.path().join(file)).unwrap();
        }
        let host = Host::found(data.path().to_owned(), HostKey::load(self.keys.path()).unwrap()).await;
        let held = Vec::new();
        *self.process.lock().unwrap() = Process { data, host, held };
        self.host().journal
    }

    async fn run(&self, tenant: &str, run: Uuid) -> RunKey {
        let (row, key) = self.row(&self.tenant(tenant).await, run);
        let run = run_key(&row);
        match self.known {
            Known::OnRecord => self.host().store.record(row).await.unwrap(),
            Known::Live => {
                let (_, live) = self.live(row, key);
                self.process.lock().unwrap().held.push(live);
            }
        }
        run
    }
}

impl Host {
    /// On a thread of its own: what migrates is not `Send` to this compiler.
    async fn found(data: PathBuf, key: HostKey) -> Self {
        let runtime = Handle::current();
        tokio::task::spawn_blocking(move || runtime.block_on(Self::open(&data, key)))
            .await
            .unwrap()
    }

    async fn open(data: &Path, key: HostKey) -> Self {
        let store = Store::open(&data.join(Store::FILE)).await.unwrap();
        let tenants = Arc::new(Tenants::load(store.clone(), key).await.unwrap());
        let journal = Arc::new(SealedJournal::new(store.clone(), Arc::clone(&tenants), Arc::default()));
        Self {
            store,
            tenants,
            journal,
        }
    }
}

/// What SQLite keeps: the database, and the log that belongs to it.
const FILES: [&str; 2] = [Store::FILE, "skillhost.db-wal"];

/// When everything here happens.
pub(super) fn at() -> Timestamp {
    Timestamp::from_millisecond(1_795_000_000_123).unwrap()
}

pub(super) fn record(number: u32, event: Event) -> Record {
    Record::bare(Entry {
        at: at(),
        number,
        event,
    })
}

pub(super) fn payload(json: &str, bodies: &[&[u8]]) -> Payload {
    let attachments = bodies.iter().map(|bytes| Attachment {
        sha256: *Digest::of(bytes).as_bytes(),
        bytes: Bytes::copy_from_slice(bytes),
    });
    Payload::from_parts(json.as_bytes().to_vec(), attachments.collect())
}

pub(super) fn begun() -> Record {
    begun_on(1, "jira")
}

pub(super) fn begun_on(number: u32, binding: &str) -> Record {
    let binding = Binding {
        kind: "http".to_owned(),
        name: binding.to_owned(),
    };
    let commitment = "0".repeat(64);
    record(number, Event::Begun { binding, commitment })
}

pub(super) fn sent() -> Record {
    let event = Event::Sent {
        attempt: 1,
        effect: Effect::Write,
        fence: Fence::FIRST,
        reserved: 7,
        account: "account".to_owned(),
        chosen: None,
    };
    Record {
        call: Some(payload("{}", &[])),
        ..record(1, event)
    }
}

pub(super) fn finished() -> Record {
    let event = Event::Finished {
        sendings: 1,
        settled: 7,
        bill: None,
        code: None,
        fuel: 100,
        lost: false,
    };
    Record {
        outcome: Some(payload("{}", &[])),
        ..record(1, event)
    }
}

pub(super) fn ended() -> Record {
    let ending = Ending::Returned;
    record(0, Event::Ended { ending, fuel: 1 })
}

pub(super) fn answered(allowed: bool) -> Entry {
    let by = "maria".to_owned();
    record(1, Event::Answered { allowed, by }).entry
}

pub(super) fn refused<T>(result: Result<T, JournalError>, expected: impl FnOnce(&JournalError) -> bool) {
    match result {
        Err(error) => assert!(expected(&error), "refused with {error:?}"),
        Ok(_) => panic!("not refused"),
    }
}

fn run_key(row: &RunRow) -> RunKey {
    RunKey {
        tenant: row.title.tenant.to_string(),
        run: row.title.id.0,
    }
}
