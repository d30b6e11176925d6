//! The engine: approved skills in, runs out.

mod cache;
mod census;
pub(crate) mod code;
mod compile;
mod config;
mod error;
mod fetch;
mod pace;
pub(crate) mod pool;
mod rehearsal;
mod resident;
pub(crate) mod skill;
mod ticker;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use registry::ledger::Grants;
use registry::{Approved, Digest, Tenant, Verified};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use wasmtime::component::Linker;

pub use compile::{COMPILE_COMMAND, CompileLimits, compile_child};
pub use error::{Code, Error};
pub use fetch::Fetch;
pub use pool::Reset;
pub use rehearsal::Rehearsal;
pub use skill::Skill;

use crate::import;
use crate::run::guest::Guest;
use crate::run::limits::RunLimits;
use cache::Cache;
use code::Linked;
use compile::Compiler;
use fetch::Fetched;
use pool::Pool;
use resident::Resident;
use skill::Stage;
use ticker::Ticker;

/// What an operator decides about the engine.
#[derive(Clone)]
pub struct Settings {
    /// The folder of compiled code.
    pub cache: PathBuf,
    /// Authenticates compiled code; it lies outside the data folder.
    pub cache_key: [u8; 32],
    /// The program that compiles: this one.
    pub program: PathBuf,
    /// Runs at a time.
    pub runs: u32,
    /// Limits of runs whose approval says nothing.
    pub limits: RunLimits,
    /// The most that an approval may ask for.
    pub ceiling: RunLimits,
    /// What compiling one component may take.
    pub compile: CompileLimits,
    /// Bytes of compiled code that stay in memory.
    pub resident: usize,
    /// Whether memory may be made clean by [`Reset::Scan`], where that is safe.
    pub scan: bool,
}

/// Takes approved skills and nothing else.
pub struct Engine {
    parts: Arc<Parts>,
    /// Taken when the engine is dropped: a runtime must not wait for its guests inside another.
    runtime: Option<Runtime>,
}

struct Parts {
    linker: Linker<Guest>,
    cache: Cache,
    compiler: Compiler,
    resident: Resident,
    stage: Arc<Stage>,
    limits: RunLimits,
    ceiling: RunLimits,
    reset: Reset,
}

impl Settings {
    /// The defaults, for a folder of compiled code and its key.
    pub fn new(cache: PathBuf, cache_key: [u8; 32]) -> Self {
        Self {
            cache,
            cache_key,
            program: PathBuf::from("/proc/self/exe"),
            runs: 256,
            limits: RunLimits::default(),
            ceiling: RunLimits::ceiling(),
            compile: CompileLimits::default(),
            resident: 96 << 20,
            scan: true,
        }
    }
}

impl Engine {
    /// Reserves the pool and starts the threads that guests run on.
    ///
    /// # Errors
    /// Where the system gives no threads or address space, or the cache cannot be used.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let mut pool = Pool::new(settings.runs, settings.ceiling.memory);
        if !settings.scan {
            pool.reset = Reset::Zero;
        }
        let config = config::running(&pool).map_err(Error::internal)?;
        let engine = wasmtime::Engine::new(&config).map_err(Error::internal)?;
        let build = cache::build(&engine, &settings.program).map_err(Error::internal)?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let runtime = guests(cores).map_err(Error::internal)?;
        let stage = Stage {
            runtime: runtime.handle().clone(),
            ticker: Ticker::start(&engine).map_err(Error::internal)?,
            places: Semaphore::new(settings.runs as usize),
        };
        let parts = Parts {
            linker: import::link(&engine).map_err(Error::internal)?,
            cache: Cache::open(&settings.cache, settings.cache_key, build).map_err(Error::internal)?,
            compiler: Compiler::new(settings.program, settings.compile, cores),
            resident: Resident::new(settings.resident),
            stage: Arc::new(stage),
            limits: settings.limits,
            ceiling: settings.ceiling,
            reset: pool.reset,
        };
        Ok(Self {
            parts: Arc::new(parts),
            runtime: Some(runtime),
        })
    }

    /// Begins to fetch the compiled code of an artifact, for whoever is about to verify it: the one takes about as long
    /// as the other. Nothing of it runs before there is proof that it may.
    pub fn fetch(&self, digest: Digest) -> Fetch {
        let begin = !self.parts.resident.holds(digest);
        Fetch::new(digest, begin.then(|| self.begin(digest)))
    }

    /// Makes a skill ready to run: from memory, from the cache, or by compiling it. Whoever asks for the same artifact
    /// at the same time waits for the same compiler.
    ///
    /// # Errors
    /// Where the component cannot be compiled or linked, or the host fails.
    pub async fn load(&self, approved: &Approved) -> Result<Arc<Skill>, Error> {
        let digest = approved.verified().pulled().digest();
        self.load_fetched(approved, Fetch::new(digest, None)).await
    }

    /// The same, with code that was fetched meanwhile.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn load_fetched(&self, approved: &Approved, fetch: Fetch) -> Result<Arc<Skill>, Error> {
        let digest = approved.verified().pulled().digest();
        let place = self.parts.resident.place(digest);
        let code = place
            .get_or_try_init(|| self.code(approved.verified(), fetch.of(digest)))
            .await?;
        let grants = approved.grants();
        let limits = RunLimits::settle(&self.parts.limits, &grants.limits, &self.parts.ceiling);
        let stage = Arc::clone(&self.parts.stage);
        let skill = Arc::new(Skill::new(Arc::clone(code), grants.clone(), limits, stage));
        let tenant = approved.tenant().clone();
        self.parts.resident.keep(tenant, digest, Arc::clone(&skill));
        Ok(skill)
    }

    /// Makes a verified artifact ready to be tried on what runs recorded. It is not kept in memory: nobody runs it before
    /// it is approved.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub async fn rehearse(&self, verified: &Verified, grants: &Grants) -> Result<Rehearsal, Error> {
        let code = self.code(verified, None).await?;
        let limits = RunLimits::settle(&self.parts.limits, &grants.limits, &self.parts.ceiling);
        let stage = Arc::clone(&self.parts.stage);
        Ok(Rehearsal::new(Skill::new(code, grants.clone(), limits, stage)))
    }

    /// A skill that this tenant loaded before with the same grants, and that is still in memory. Whether it is still
    /// trusted, the ledger knows: ask it first.
    pub fn loaded(&self, tenant: &Tenant, digest: Digest, grants: &Grants) -> Option<Arc<Skill>> {
        self.parts.resident.get(tenant, digest, grants)
    }

    /// Lets go of a skill's code, such as when it is revoked. Runs that are under way go on.
    pub fn forget(&self, digest: Digest) {
        self.parts.resident.forget(digest);
    }

    /// How memory is made clean between runs.
    pub fn reset(&self) -> Reset {
        self.parts.reset
    }

    /// `fetched` is what was begun for this artifact already.
    async fn code(&self, verified: &Verified, fetched: Option<Fetched>) -> Result<Arc<code::Code>, Error> {
        let fetched = fetched.unwrap_or_else(|| self.begin(verified.pulled().digest()));
        let linked = match fetched.await.map_err(Error::internal)?? {
            Some(linked) => linked,
            None => self.compile(verified).await?,
        };
        code::Code::new(linked, verified.declaration().interface()).map(Arc::new)
    }

    fn begin(&self, digest: Digest) -> Fetched {
        let parts = Arc::clone(&self.parts);
        let runtime = &self.parts.stage.runtime;
        runtime.spawn_blocking(move || parts.cached(digest))
    }

    async fn compile(&self, verified: &Verified) -> Result<Linked, Error> {
        let parts = Arc::clone(&self.parts);
        let digest = verified.pulled().digest();
        let component = verified.pulled().component().clone();
        // On a thread of the guests' runtime, which lives as long as the engine: the kernel kills a compiler when the
        // thread that started it ends, and a client that hangs up ends no compilation.
        let work = self
            .parts
            .stage
            .runtime
            .spawn(async move { parts.compile(digest, component).await });
        work.await.map_err(Error::internal)?
    }
}

impl Parts {
    fn cached(&self, digest: Digest) -> Result<Option<Linked>, Error> {
        let code = self.cache.get(digest);
        code.map(|code| Linked::load(&self.linker, &code)).transpose()
    }

    async fn compile(self: Arc<Self>, digest: Digest, component: Bytes) -> Result<Linked, Error> {
        let counted = component.clone();
        blocking(move || census::check(&counted)).await??;
        let code = self.compiler.compile(&component, self.cache.folder()).await?;
        blocking(move || {
            let code = self.cache.put(digest, code).map_err(Error::internal)?;
            Linked::load(&self.linker, &code)
        })
        .await?
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn guests(cores: usize) -> std::io::Result<Runtime> {
    Builder::new_multi_thread()
        .worker_threads(cores)
        .thread_name("guests")
        .enable_all()
        .build()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

#[cfg(test)]
mod tests;
