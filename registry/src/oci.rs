//! The client of registries that nobody vouches for: artifacts come in, and go out with their signatures.
//!
//! Pulling never believes a registry: every body is capped while it streams, every digest is computed here, and
//! whatever goes wrong means that nothing was pulled.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderValue;

use crate::artifact::Pulled;
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::layout::{Attachment, Package, Parcel};
use crate::reference::Reference;

mod address;
mod answer;
mod credentials;
mod mirror;
mod pull;
mod push;
mod referrers;
mod session;
#[cfg(test)]
mod tests;
mod token;
mod transport;
mod watch;

pub use credentials::DockerCredentials;
use session::Session;
use transport::Transport;
pub use transport::{Authority, Proxy};
pub use watch::{Etag, Resolved};

/// Pulls and pushes artifacts.
pub struct Client {
    settings: ClientSettings,
    transport: Transport,
    /// What was negotiated, by registry, repository and what it is good for.
    tokens: Mutex<HashMap<String, HeaderValue>>,
}

/// What an operator says of registries.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// Who the host is, by registry.
    pub logins: Vec<Login>,
    /// Where else than to a registry its credentials may go.
    pub token_hosts: Vec<TokenHost>,
    /// Registries (`host` or `host:port`) that are spoken to without TLS, beside those on loopback.
    pub plain_http: Vec<String>,
    /// Who else is asked for credentials, where no login is named for a registry.
    pub docker: Option<DockerCredentials>,
    /// Who vouches for registries that the system's authorities do not vouch for.
    pub authorities: Vec<Authority>,
    /// Where else artifacts are looked for, those of one registry in their order.
    pub mirrors: Vec<Mirror>,
    /// What stands in between; where it is not given, what the environment says (`HTTPS_PROXY`, `NO_PROXY`).
    pub proxy: Option<Proxy>,
    /// For a connection to stand, or a credential helper to answer.
    pub connect: Duration,
    /// Between two reads of a body.
    pub idle: Duration,
    /// For a whole pull or push.
    pub total: Duration,
}

/// A user of a registry.
#[derive(Clone)]
pub struct Login {
    /// The registry as references spell it: `host` or `host:port`.
    pub registry: String,
    /// The user's name; registries that only know tokens ignore it.
    pub user: String,
    /// The password or token.
    pub secret: String,
}

/// Leave to send the credentials of a registry to a token server (distribution-spec, Token Authentication).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHost {
    /// The registry as references spell it.
    pub registry: String,
    /// The token server: `host` or `host:port`.
    pub host: String,
}

/// A place that may hold what a registry holds. It is asked by digest only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// The registry as references spell it.
    pub registry: String,
    /// `host`, `host:port`, or one of them and the path below which the registry's repositories lie.
    pub place: String,
}

impl Client {
    /// A client with these settings.
    pub fn new(settings: ClientSettings) -> Self {
        Self {
            transport: Transport::default(),
            settings,
            tokens: Mutex::default(),
        }
    }

    /// Fetches the artifact and whatever signatures lie beside it.
    ///
    /// # Errors
    /// Anything that goes wrong means that nothing was pulled; the code says whether it is worth another try.
    pub async fn pull(&self, reference: &Reference) -> Result<Pulled, Error> {
        mirror::parts(self, reference).await?.pulled(reference.name())
    }

    /// Fetches the same with all that it takes to verify it elsewhere.
    ///
    /// # Errors
    /// As for [`Client::pull`].
    pub async fn fetch(&self, reference: &Reference) -> Result<Parcel, Error> {
        mirror::parts(self, reference).await?.parcel()
    }

    /// Stores the artifact with its signatures, and names it by the reference's tag last, so that whoever finds it by
    /// its tag finds its signatures too. Returns its digest.
    ///
    /// # Errors
    /// As for [`Client::pull`]; what was stored before the error has no tag.
    pub async fn push(
        &self,
        reference: &Reference,
        package: &Package,
        attachments: &[Attachment],
    ) -> Result<Digest, Error> {
        let session = self.session(reference, "pull,push")?;
        self.in_time(reference, push::push(&session, package, attachments))
            .await
    }

    /// Stores signatures beside an artifact that is already there.
    ///
    /// # Errors
    /// As for [`Client::push`].
    pub async fn attach(&self, reference: &Reference, attachments: &[Attachment]) -> Result<(), Error> {
        let session = self.session(reference, "pull,push")?;
        self.in_time(reference, push::attach(&session, attachments)).await
    }

    /// What the tag of a reference names now, or `latest` without one; none where the registry knows the mark of the last
    /// time again. It is what the registry says: only a pull of the digest proves it.
    ///
    /// # Errors
    /// As for [`Client::pull`]; `media-type-wrong` where the tag names a list of manifests.
    pub async fn resolve_tag(&self, reference: &Reference, known: Option<&Etag>) -> Result<Option<Resolved>, Error> {
        let session = self.session(reference, "pull")?;
        self.in_time(reference, watch::resolve(&session, known)).await
    }

    /// The tags of a repository in the order of their bytes, whatever tag or digest the reference has.
    ///
    /// # Errors
    /// As for [`Client::pull`]; `artifact-too-large` for more than ten thousand tags.
    pub async fn tags(&self, reference: &Reference) -> Result<Vec<String>, Error> {
        let session = self.session(reference, "pull")?;
        self.in_time(reference, watch::tags(&session)).await
    }

    fn session<'a>(&'a self, reference: &'a Reference, actions: &'static str) -> Result<Session<'a>, Error> {
        Session::new(self, reference, actions)
    }

    async fn in_time<T>(
        &self,
        reference: &Reference,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let late = |_| {
            Error::new(
                Code::RegistryUnreachable,
                format!(
                    "The registry `{}` took longer than {} s: try again.",
                    reference.host(),
                    self.settings.total.as_secs()
                ),
            )
        };
        tokio::time::timeout(self.settings.total, work).await.map_err(late)?
    }

    async fn login(&self, registry: &str) -> Result<Option<Login>, Error> {
        let named = self.settings.logins.iter().find(|login| login.registry == registry);
        match (named, &self.settings.docker) {
            (Some(login), _) => Ok(Some(login.clone())),
            (None, Some(docker)) => docker.login(registry, self.settings.connect).await,
            (None, None) => Ok(None),
        }
    }

    fn token(&self, scope: &str) -> Option<HeaderValue> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(scope).cloned()
    }

    fn keep_token(&self, scope: &str, token: HeaderValue) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        // A host that lives for months meets many repositories; forgetting tokens only costs a question.
        if tokens.len() >= 1000 {
            tokens.clear();
        }
        tokens.insert(scope.to_owned(), token);
    }
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            logins: Vec::new(),
            token_hosts: Vec::new(),
            plain_http: Vec::new(),
            docker: None,
            authorities: Vec::new(),
            mirrors: Vec::new(),
            proxy: None,
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(300),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// The user that stands for nobody: the secret is then an identity token, which is exchanged for others (Docker's
    /// credential helpers and the OAuth 2 flow of its token servers).
    pub const IDENTITY: &str = "<token>";
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("registry", &self.registry)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}
