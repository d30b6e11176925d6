//! The embedded registry: the OCI distribution-spec 1.1 over a folder, for skills and what is attached to them.
//!
//! Repositories are `namespace/name`. Whoever may do what is the host's to say, through [`Doorkeeper`].

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post, put};

use crate::layout::{COMPONENT_MOST, MANIFEST_MOST};
use crate::name::SkillName;

mod admit;
mod blobs;
mod folder;
mod lists;
mod manifests;
mod pushed;
mod refusal;
mod store;
mod sweep;
#[cfg(test)]
mod tests;
mod upload;
mod uploads;
mod usage;

use refusal::Refusal;
use store::Store;
use upload::Uploads;

/// Says who may read and write which repository.
#[async_trait]
pub trait Doorkeeper: Send + Sync + 'static {
    /// Whether whoever shows this may do this.
    ///
    /// # Errors
    /// Why not.
    async fn admit(&self, credentials: Option<Credentials>, action: Action) -> Result<Who, Denial>;
}

/// What a client showed: the password of basic authentication (RFC 7617), whatever the user's name, or a bearer token
/// (RFC 6750).
#[derive(Clone)]
pub struct Credentials(String);

/// What a client wants to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Where; nowhere in particular when a client only logs in.
    pub repository: Option<SkillName>,
    /// What.
    pub access: Access,
}

/// Whether something changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Manifests, blobs and lists are read.
    Read,
    /// Something is pushed or deleted.
    Write,
}

/// Who was admitted, for the log: the name of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who(pub String);

/// Why somebody was not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// Nothing was shown, or nothing that is known: log in.
    Unknown,
    /// Known, and not allowed to do this.
    Forbidden,
    /// Nobody can say now: try again.
    Unavailable,
}

/// How much the registry takes.
#[derive(Clone, Copy, Debug)]
pub struct RegistryLimits {
    /// Most bytes of one blob.
    pub blob: u64,
    /// Most bytes of one manifest.
    pub manifest: u64,
    /// Most uploads that are open at once.
    pub uploads: usize,
    /// Most bytes of all blobs and manifests of one namespace; a blob counts in every repository that has it.
    pub namespace_bytes: u64,
    /// Most manifests of one namespace, those of signatures included.
    pub namespace_manifests: usize,
    /// How long a blob that no manifest names is kept after somebody pushed it or asked for it.
    pub grace: Duration,
}

/// How often blobs are looked for that no manifest names; the next upload after that begins it.
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// What every handler sees.
#[derive(Clone)]
struct Server {
    store: Arc<Store>,
    uploads: Arc<Uploads>,
    doorkeeper: Arc<dyn Doorkeeper>,
    limits: RegistryLimits,
    swept: Arc<Mutex<Instant>>,
}

/// The routes below `/v2/`, over this folder. One process at a time may use the folder; what earlier ones left unfinished
/// is removed.
///
/// # Errors
/// When the folder cannot be made or read.
pub fn router(folder: &Path, limits: RegistryLimits, doorkeeper: Arc<dyn Doorkeeper>) -> io::Result<Router> {
    Ok(Server::open(folder, limits, doorkeeper)?.router())
}

fn routes() -> Router<Server> {
    let repository = Router::new()
        .route("/blobs/uploads/", post(uploads::begin))
        .route("/blobs/uploads", post(uploads::begin))
        .route("/blobs/uploads/{upload}", get(uploads::status).patch(uploads::append))
        .route("/blobs/uploads/{upload}", put(uploads::finish).delete(uploads::cancel))
        .route("/blobs/{digest}", get(blobs::read).delete(blobs::delete))
        .route("/manifests/{reference}", get(manifests::read).put(manifests::write))
        .route("/manifests/{reference}", delete(manifests::delete))
        .route("/tags/list", get(lists::tags))
        .route("/referrers/{digest}", get(lists::referrers));
    let all = Router::new()
        .route("/", get(admit::version))
        .nest("/{namespace}/{name}", repository)
        .fallback(admit::nowhere)
        .method_not_allowed_fallback(admit::unsupported);
    Router::new().route("/v2/", get(admit::version)).nest("/v2", all)
}

impl Server {
    /// Works on the folder, away from the threads that serve.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let store = Arc::clone(&self.store);
        let done = tokio::task::spawn_blocking(move || work(&store)).await;
        Ok(done.map_err(io::Error::other)??)
    }
}

impl Server {
    fn open(folder: &Path, limits: RegistryLimits, doorkeeper: Arc<dyn Doorkeeper>) -> io::Result<Self> {
        let store = Store::open(folder, limits)?;
        Ok(Self {
            uploads: Arc::new(Uploads::new(store.unfinished(), limits)),
            store: Arc::new(store),
            doorkeeper,
            limits,
            swept: Arc::new(Mutex::new(Instant::now())),
        })
    }

    fn router(self) -> Router {
        // Bodies are counted where they are read: a component is larger than what is fit for JSON.
        routes().layer(DefaultBodyLimit::disable()).with_state(self)
    }

    /// Removes what no manifest names, if that was not done for an hour. Nobody waits for it.
    fn sweep_sometimes(&self) {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.elapsed() < SWEEP {
            return;
        }
        *swept = Instant::now();
        let (store, grace) = (Arc::clone(&self.store), self.limits.grace);
        tokio::task::spawn_blocking(move || match store.sweep(grace) {
            Ok(removed) => tracing::info!(removed, "blobs that no manifest named were removed"),
            Err(cause) => tracing::error!(%cause, "the registry's folder cannot be swept"),
        });
    }
}

impl Credentials {
    pub(crate) const fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The token.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

impl Default for RegistryLimits {
    fn default() -> Self {
        Self {
            blob: 2 * COMPONENT_MOST,
            manifest: MANIFEST_MOST,
            uploads: 256,
            namespace_bytes: 8 << 30,
            namespace_manifests: 20_000,
            grace: Duration::from_secs(24 * 60 * 60),
        }
    }
}
