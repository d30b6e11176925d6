//! A whole host: wired from its settings, started, and ended without losing what it acknowledged.

mod listen;
mod settings;

use std::fs::{self, DirBuilder, File};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gate::{Bottomless, Gate, HostSecret, Parts, SystemClock};
use registry::ledger::LedgerError;
use registry::{Client, ClientSettings, Login, Shelf, Tenant};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api::{self, App, Door};
use crate::binding::{BindingError, Outside};
use crate::engine::{self, Engine};
use crate::file::Files;
use crate::runs::{Audience, RunError, Runs, SealedJournal};
use crate::seal::{HostKey, HostKeyError};
use crate::skills::{Rules, Skills};
use crate::store::{Store, StoreError};
use crate::tenant::{TenantError, Tenants};
use crate::token::{Caller, Issued, TokenError, Tokens, Wanted};
use crate::trust::{PolicyFile, Trust};
use crate::watch::{Watch, WatchError};

pub use settings::Settings;

/// A host that serves.
pub struct Running {
    address: SocketAddr,
    store: Store,
    stop: CancellationToken,
    served: JoinHandle<Result<(), StartError>>,
}

/// Why a host does not start, or does not go on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is nothing to serve yet.
    #[error("there is no host in this data folder: make one with `skillhost init`")]
    Empty,
    /// There is one already.
    #[error("there is a host in this data folder already: `skillhost serve` starts it")]
    Initialised,
    /// Another process uses the folder.
    #[error("another process uses this data folder: stop it first")]
    InUse,
    /// A folder cannot be used.
    #[error("{path} cannot be used", path = path.display())]
    Folder {
        /// Which.
        path: std::path::PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("{address} cannot be listened on: is another host there?")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What happened.
        source: io::Error,
    },
    /// What the configuration says of bindings or policies cannot hold.
    #[error("the configuration cannot be used")]
    Binding(#[from] BindingError),
    /// What the configuration says of watched repositories cannot hold.
    #[error("the configuration cannot be used")]
    Watch(#[from] WatchError),
    /// The host's key cannot be used.
    #[error(transparent)]
    Key(#[from] HostKeyError),
    /// The tenants cannot be opened.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// The first token is not issued.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The ledger cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The engine does not start.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// The folder of artifacts cannot be used.
    #[error(transparent)]
    Artifacts(#[from] registry::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A run that an earlier process left cannot be looked at.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Makes a host: its key, the tenant `default` and the token of its first administrator.
///
/// # Errors
/// Where there is one already, or a folder cannot be used.
pub async fn init(data: &Path, keys: &Path) -> Result<Issued, StartError> {
    let _lock = lock(data).await?;
    let store = Store::open(&data.join(Store::FILE)).await?;
    if !store.tenants().await?.is_empty() {
        return Err(StartError::Initialised);
    }
    // A key without tenants is what an `init` that was killed leaves behind.
    let key = match HostKey::create(keys) {
        Err(HostKeyError::Exists(_)) => HostKey::load(keys)?,
        created => created?,
    };
    let first: Tenant = Caller::FIRST_TENANT.parse()?;
    Tenants::load(store.clone(), key).await?.add(&first).await?;
    let issued = Tokens::load(store.clone())
        .await?
        .issue(&first, Wanted::first_admin())
        .await?;
    store.close().await;
    Ok(issued)
}

/// Starts a host and returns as soon as it listens.
///
/// # Errors
/// Where any part of it cannot be used: a host starts whole or not at all.
pub async fn start(settings: Settings) -> Result<Running, StartError> {
    let lock = lock(&settings.data).await?;
    let store = Store::open(&settings.data.join(Store::FILE)).await?;
    if store.tenants().await?.is_empty() {
        return Err(StartError::Empty);
    }
    let listener = TcpListener::bind(settings.listen).await;
    let unusable = |source| StartError::Listen {
        address: settings.listen,
        source,
    };
    let listener = listener.map_err(unusable)?;
    let address = listener.local_addr().map_err(unusable)?;
    let app = wire(&settings, store.clone(), address).await?;
    let answering = answering(&settings, &app)?;
    let stop = CancellationToken::new();
    let served = tokio::spawn(serve(settings, app, listener, answering, stop.clone(), lock));
    Ok(Running {
        address,
        store,
        stop,
        served,
    })
}

/// Waits until the process is asked to end (SIGTERM or SIGINT).
///
/// # Errors
/// Where the signals cannot be waited for.
pub async fn asked_to_end() -> io::Result<()> {
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

impl Running {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it keeps everything.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Ends it: takes no more, finishes what is under way within its grace, and closes the store.
    ///
    /// # Errors
    /// Where it had failed before.
    pub async fn shutdown(self) -> Result<(), StartError> {
        self.stop.cancel();
        self.ended().await
    }

    /// Waits until it ends by itself, which it does only when its disk fails.
    ///
    /// # Errors
    /// Why it ended.
    pub async fn ended(self) -> Result<(), StartError> {
        // A panic of the serving task is one of this program, and goes on here.
        self.served
            .await
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    }

    /// Ends it when this is cancelled, for whoever waits in [`Self::ended`].
    pub fn stopper(&self) -> CancellationToken {
        self.stop.clone()
    }
}

/// How often it is noted when tokens were last seen.
const NOTE: Duration = Duration::from_secs(60);

/// How often the keys of old invocations are forgotten.
const FORGET: Duration = Duration::from_secs(60 * 60);

/// For a process that was started, and not become another program yet, to let go of what it has of its parent's.
const LET_GO: Duration = Duration::from_secs(1);
/// How often the file of the trust policy is looked at: without anybody asking, and whatever wrote it.
const LOOK: Duration = Duration::from_secs(1);

/// Only one process may write a data folder.
async fn lock(data: &Path) -> Result<File, StartError> {
    let unusable = |source| StartError::Folder {
        path: data.to_owned(),
        source,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .map_err(unusable)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(data.join("lock"));
    let file = file.map_err(unusable)?;
    let until = tokio::time::Instant::now() + LET_GO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) if tokio::time::Instant::now() < until => {
                tokio::time::sleep(LET_GO / 100).await;
            }
            Err(fs::TryLockError::WouldBlock) => return Err(StartError::InUse),
            Err(fs::TryLockError::Error(source)) => return Err(unusable(source)),
        }
    }
}

async fn wire(settings: &Settings, store: Store, address: SocketAddr) -> Result<Arc<App>, StartError> {
    let key = HostKey::load(&settings.keys)?;
    let engine = Engine::new(settings.engine(key.code_key()))?;
    let secret = HostSecret::new(key.gate_secret());
    let outside = Outside::priced(&settings.tenants, &key.account_key(), settings.prices.as_ref())?;
    let tenants = Arc::new(Tenants::load(store.clone(), key).await?);
    for tenant in tenants.names() {
        store.abandon_contents(&tenant).await?;
    }
    let tokens = Arc::new(Tokens::load(store.clone()).await?);
    let mut trust = Trust::load(Arc::new(store.clone())).await?;
    if let Some(file) = &settings.trust_policy {
        trust = trust.under(PolicyFile::new(file.clone(), &settings.data));
    }
    let trust = Arc::new(trust);
    let follower = outside.clone();
    trust.follow(move |state, scope| follower.follow(state, scope));
    let shelf = Shelf::open(&settings.data.join("artifacts"))?;
    let client = Client::new(with_home(settings, address, &tokens, &Caller::FIRST_TENANT.parse()?));
    let files = Files::new(store.clone(), Arc::clone(&tenants));
    let rules = Rules::new(&settings.tenants);
    let skills = Arc::new(Skills::new(Arc::clone(&trust), rules, shelf, client, engine));
    let audience = Arc::<Audience>::default();
    let journal = SealedJournal::new(store.clone(), Arc::clone(&tenants), Arc::clone(&audience));
    let journal = Arc::new(journal);
    let gate = Arc::new(Gate::new(Parts {
        journal: Arc::clone(&journal) as Arc<dyn gate::Journal>,
        policies: Arc::clone(&outside.policies),
        dlp: Arc::clone(&outside.dlp),
        bindings: Arc::clone(&outside.bindings),
        purse: Arc::new(Bottomless),
        audience: Arc::clone(&audience) as Arc<dyn gate::Audience>,
        clock: Arc::new(SystemClock),
        secret,
    }));
    let runs = Runs::new(
        store.clone(),
        Arc::clone(&tenants),
        files.clone(),
        Arc::clone(&skills),
        (gate, journal, audience),
        settings.runs,
    );
    let home = format!("localhost:{}", address.port());
    let watch = Watch::new(&settings.tenants, &home, store.clone(), Arc::clone(&skills))?;
    Ok(Arc::new(App {
        store,
        tenants,
        tokens,
        files,
        runs: Arc::new(runs),
        outside,
        trust,
        skills,
        watch: Arc::new(watch),
        home,
        draining: AtomicBool::new(false),
    }))
}

/// The host pulls from its own registry too, with a token that is nowhere but in memory.
fn with_home(settings: &Settings, address: SocketAddr, tokens: &Tokens, first: &Tenant) -> ClientSettings {
    let secret = tokens.own(first);
    let mut client = settings.client.clone();
    let ours = [
        address.to_string(),
        format!("localhost:{}", address.port()),
        format!("127.0.0.1:{}", address.port()),
    ];
    for registry in ours.into_iter().chain(settings.names.iter().cloned()) {
        client.logins.push(Login {
            registry,
            user: "host".to_owned(),
            secret: secret.reveal().to_owned(),
        });
    }
    client
}

fn answering(settings: &Settings, app: &Arc<App>) -> Result<listen::Answering, StartError> {
    let folder = settings.data.join("registry");
    let door = Arc::new(Door {
        tokens: Arc::clone(&app.tokens),
        trust: Arc::clone(&app.trust),
    });
    let registry = registry::server::router(&folder, settings.registry, door)
        .map_err(|source| StartError::Folder { path: folder, source })?;
    Ok(listen::answering(api::router(Arc::clone(app)), registry))
}

async fn serve(
    settings: Settings,
    app: Arc<App>,
    listener: TcpListener,
    answering: listen::Answering,
    stop: CancellationToken,
    lock: File,
) -> Result<(), StartError> {
    let mut broken = app.store.broken();
    for tenant in app.tenants.names() {
        app.runs.go_on(&tenant).await?;
    }
    let noting = tokio::spawn(note(Arc::clone(&app)));
    let forgetting = tokio::spawn(forget(Arc::clone(&app)));
    let looking = tokio::spawn(look(Arc::clone(&app)));
    let watch = Arc::clone(&app.watch);
    let watching = tokio::spawn(async move { watch.keep_looking().await });
    let connections = listen::Connections::new(settings.connections, settings.head);
    tokio::select! {
        () = connections.accept(listener, answering, &stop) => {}
        _ = broken.wait_for(|broken| *broken) => {}
    }
    watching.abort();
    app.draining.store(true, Ordering::Relaxed);
    stop.cancel();
    app.runs.send_away();
    let drained = async {
        connections.closed().await;
        app.runs.idle().await;
    };
    if tokio::time::timeout(settings.grace, drained).await.is_err() {
        tracing::warn!("the host ends with work under way: its runs have failed when it starts again");
    }
    noting.abort();
    forgetting.abort();
    looking.abort();
    let failed = *broken.borrow();
    if !failed && let Err(error) = app.tokens.note_use().await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "it is not noted when tokens were last seen"
        );
    }
    app.store.close().await;
    drop(lock);
    if failed { Err(StoreError::Broken.into()) } else { Ok(()) }
}

async fn forget(app: Arc<App>) {
    loop {
        if let Err(error) = app.runs.forget_keys().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the keys of old invocations are not forgotten"
            );
        }
        tokio::time::sleep(FORGET).await;
    }
}

async fn note(app: Arc<App>) {
    loop {
        tokio::time::sleep(NOTE).await;
        if let Err(error) = app.tokens.note_use().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "it is not noted when tokens were last seen"
            );
        }
    }
}

async fn look(app: Arc<App>) {
    loop {
        tokio::time::sleep(LOOK).await;
        if app.trust.look().await {
            // What is in memory was verified under another policy.
            app.skills.forget_all();
        }
    }
}
