//! Amazon's credentials: from where its SDKs look for them, or written down.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use egress::credential::Watch;
use egress::{Code, Error, Secret};

use super::Way;

mod http;
mod key;
mod sign;
#[cfg(test)]
mod tests;

pub use key::BedrockKey;
pub use sign::SigV4;

/// Credentials that end are fetched anew so long before.
const MARGIN: Duration = Duration::from_secs(300);
/// Credentials that do not end are looked for again after so long: somebody may have written others down.
const LIFETIME: Duration = Duration::from_secs(3600);

/// Credentials of Amazon. Cheap to clone; clones share what was fetched.
#[derive(Clone)]
pub struct Aws(Arc<Shared>);

struct Shared {
    source: Source,
    watch: Option<Arc<dyn Watch>>,
    held: Mutex<Option<Held>>,
    /// Whoever fetches holds this, and the others wait for what it brings.
    fetching: tokio::sync::Mutex<()>,
}

enum Source {
    Fixed(Credentials),
    Chain {
        way: Way,
        region: String,
        profile: Option<String>,
        found: tokio::sync::OnceCell<SharedCredentialsProvider>,
    },
}

struct Held {
    credentials: Credentials,
    until: SystemTime,
}

impl Aws {
    /// Credentials that are written down, with the token of a session if they are one's.
    pub fn fixed(id: impl Into<String>, secret: &Secret, session: Option<&Secret>) -> Self {
        let session = session.map(|session| session.reveal().to_owned());
        let credentials = Credentials::new(id, secret.reveal(), session, None, "settings");
        Self::new(Source::Fixed(credentials), None)
    }

    /// Credentials from wherever Amazon's SDKs look: environment, profiles, single sign-on, web identity, a process, a
    /// container's or a machine's role. Roles are taken on in the region. Somebody may be told of each session token.
    pub fn chain(way: Way, region: impl Into<String>, profile: Option<String>, watch: Option<Arc<dyn Watch>>) -> Self {
        let source = Source::Chain {
            way,
            region: region.into(),
            profile,
            found: tokio::sync::OnceCell::new(),
        };
        Self::new(source, watch)
    }

    fn new(source: Source, watch: Option<Arc<dyn Watch>>) -> Self {
        Self(Arc::new(Shared {
            source,
            watch,
            held: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        }))
    }

    /// # Errors
    /// `token-unavailable`, and `credential-invalid` where there are none.
    async fn credentials(&self) -> Result<Credentials, Error> {
        if let Some(credentials) = self.0.at_hand() {
            return Ok(credentials);
        }
        let _fetching = self.0.fetching.lock().await;
        if let Some(credentials) = self.0.at_hand() {
            return Ok(credentials);
        }
        let credentials = self.0.source.fetch().await?;
        self.0.keep(credentials.clone());
        Ok(credentials)
    }

    /// Forgets what was fetched, and says whether anything else can be.
    fn forget(&self) -> bool {
        self.0.held().take();
        matches!(self.0.source, Source::Chain { .. })
    }
}

impl Source {
    async fn fetch(&self) -> Result<Credentials, Error> {
        match self {
            Self::Fixed(credentials) => Ok(credentials.clone()),
            Self::Chain {
                way,
                region,
                profile,
                found,
            } => {
                let provider = found.get_or_try_init(|| find(way, region, profile.as_deref())).await?;
                provider.provide_credentials().await.map_err(unavailable)
            }
        }
    }
}

impl Shared {
    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at_hand(&self) -> Option<Credentials> {
        let held = self.held();
        let living = held.as_ref().filter(|held| held.until > SystemTime::now());
        living.map(|held| held.credentials.clone())
    }

    fn keep(&self, credentials: Credentials) {
        let now = SystemTime::now();
        let end = credentials.expiry().unwrap_or(now + LIFETIME);
        if let (Some(watch), Some(session)) = (&self.watch, credentials.session_token()) {
            watch.fetched(session, end.duration_since(now).unwrap_or_default());
        }
        let margin = match credentials.expiry() {
            Some(end) => MARGIN.min(end.duration_since(now).unwrap_or_default() / 5),
            None => Duration::ZERO,
        };
        let until = end - margin;
        *self.held() = Some(Held { credentials, until });
    }
}

async fn find(way: &Way, region: &str, profile: Option<&str>) -> Result<SharedCredentialsProvider, Error> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(way.clone())
        .region(Region::new(region.to_owned()));
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    let found = loader.load().await.credentials_provider();
    found.ok_or_else(nowhere)
}

fn nowhere() -> Error {
    Error::new(
        Code::CredentialInvalid,
        "There are no credentials where Amazon's SDKs look for them: configure a profile, a role or a key.",
    )
}

fn unavailable(cause: CredentialsError) -> Error {
    let error = match &cause {
        CredentialsError::CredentialsNotLoaded(_) => nowhere(),
        CredentialsError::InvalidConfiguration(_) => Error::new(
            Code::CredentialInvalid,
            "Amazon's configuration of credentials cannot be read: correct the profile.",
        ),
        _ => Error::new(Code::TokenUnavailable, "Amazon gave no credentials; ask again."),
    };
    error.keep(cause)
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match &self.0.source {
            Source::Fixed(_) => "fixed",
            Source::Chain { .. } => "chain",
        };
        write!(f, "Aws({source})")
    }
}
