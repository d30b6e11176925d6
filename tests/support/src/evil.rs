//! A registry that means harm: an honest one (OCI distribution-spec 1.1), of which a test replaces any answer.
//!
//! It knows nothing of skills: whoever uses it hands it the bytes of an artifact.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::header::{HeaderMap, WWW_AUTHENTICATE};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::server::Certificate;

pub mod answer;
mod artifact;
mod connection;
pub mod document;
mod proxy;

pub use answer::Answer;
pub use artifact::{Artifact, Content, Step, digest};
pub use proxy::Proxy;

/// Makes one answer.
type Maker = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

/// The certificate, in PEM, of the authority that vouches for `registry.test`, `storage.test` and `0.0.0.0` here.
pub const AUTHORITY: &[u8] = include_bytes!("evil/tls/authority.pem");
const CHAIN: &[u8] = include_bytes!("evil/tls/chain.pem");
const KEY: &[u8] = include_bytes!("evil/tls/key.pem");

/// A registry that does not listen yet. Paths that nobody set are answered 404.
pub struct Registry {
    artifact: Artifact,
    makers: HashMap<String, Maker>,
}

/// A request, as an answer may depend on it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Such as `GET`.
    pub method: String,
    /// The path without its query.
    pub path: String,
    /// The query, empty where there is none.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// How many requests came for this path before this one, whatever their method.
    pub nth: usize,
}

/// A request that came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Such as `GET`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The value of `Authorization`, empty where there was none.
    pub authorization: String,
}

/// A registry that listens, until the runtime ends.
#[derive(Clone)]
pub struct Running {
    address: SocketAddr,
    record: Arc<Record>,
}

/// What comes in.
struct Record {
    makers: HashMap<String, Maker>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
}

impl Registry {
    /// The artifact and its signature lie where they should, and the registry lists the signature.
    #[must_use]
    pub fn honest(artifact: Artifact) -> Self {
        let mut registry = Self {
            artifact,
            makers: HashMap::new(),
        };
        for step in Step::PULL {
            registry.put(step, &registry.artifact.content(step));
        }
        let by_digest = registry.artifact.at(&registry.artifact.manifest);
        let manifest = registry.artifact.content(Step::Manifest);
        registry.set(&by_digest, move |_| answer::document(&manifest));
        registry
    }

    /// What it serves, where nothing was replaced.
    #[must_use]
    pub fn artifact(&self) -> &Artifact {
        &self.artifact
    }

    /// Serves other bytes at one step of a pull, under the media type that belongs there.
    pub fn put(&mut self, step: Step, content: &Content) {
        let content = content.clone();
        self.at(step, move |_| answer::document(&content));
    }

    /// Answers one step of a pull like this.
    pub fn at(&mut self, step: Step, make: impl Fn(&Asked) -> Answer + Send + Sync + 'static) {
        self.set(&self.artifact.path(step), make);
    }

    /// Answers this whole path like this.
    pub fn set(&mut self, path: &str, make: impl Fn(&Asked) -> Answer + Send + Sync + 'static) {
        self.makers.insert(path.to_owned(), Arc::new(make));
    }

    /// Lets nobody see anything without this `Authorization`.
    pub fn guard(&mut self, wanted: &'static str, challenge: &str) {
        for maker in self.makers.values_mut() {
            let (open, challenge) = (Arc::clone(maker), challenge.to_owned());
            *maker = Arc::new(move |asked| {
                if asked.header("authorization") == wanted {
                    return open(asked);
                }
                answer::status(401, &[(WWW_AUTHENTICATE, &challenge)])
            });
        }
    }

    /// Moves the list of signatures from the registry's own to the tag that clients keep.
    pub fn without_referrers(&mut self) {
        self.makers.remove(&self.artifact.path(Step::Referrers));
        self.put(Step::Fallback, &self.artifact.content(Step::Fallback));
    }

    /// Listens on a free port of loopback.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn listen(self) -> anyhow::Result<Running> {
        self.start(None).await
    }

    /// The same with TLS, by a certificate of [`AUTHORITY`].
    ///
    /// # Errors
    /// If no port is free.
    pub async fn listen_by_tls(self) -> anyhow::Result<Running> {
        self.start(Some(Certificate::parse(CHAIN, KEY)?)).await
    }

    async fn start(self, certificate: Option<Certificate>) -> anyhow::Result<Running> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let running = Running {
            address: listener.local_addr()?,
            record: Arc::new(Record {
                makers: self.makers,
                seen: Mutex::default(),
                connections: AtomicUsize::new(0),
            }),
        };
        tokio::spawn(connection::accept(listener, certificate, Arc::clone(&running.record)));
        Ok(running)
    }
}

impl Asked {
    /// The text of a header; empty where it is absent or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// `127.0.0.1:port`, as references spell it.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The requests that came, in order.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        let seen = self.record.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }

    /// How many connections were made, whether or not anything was asked.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.record.connections.load(Ordering::SeqCst)
    }
}

impl Record {
    fn answer(&self, asked: Asked, authorization: String) -> Answer {
        let path = match asked.query.as_str() {
            "" => asked.path.clone(),
            query => format!("{}?{query}", asked.path),
        };
        let nth = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            let same = |seen: &&Seen| seen.path.split('?').next() == Some(asked.path.as_str());
            let nth = seen.iter().filter(same).count();
            seen.push(Seen {
                method: asked.method.clone(),
                path,
                authorization,
            });
            nth
        };
        let asked = Asked { nth, ..asked };
        match self.makers.get(&asked.path) {
            Some(make) => make(&asked),
            None => answer::status(404, &[]),
        }
    }
}
