//! Tokens that are fetched (OAuth 2.0, RFC 6749): client credentials and JWT bearer.
//!
//! A source fetches a token once for everybody who waits, keeps it until shortly before it expires, and reaches its endpoint
//! through a [`Client`] of its own, with a rule of its own.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;

use super::{Applied, Secret, Stamp};
use crate::client::Client;
use crate::error::{Code, Error};
use crate::resolve::Resolve;
use crate::rule::Rule;

mod answer;
mod ask;
mod jwt;
#[cfg(test)]
mod tests;

pub use ask::{ClientAuth, Grant};
pub use jwt::{Assertion, SigningKey};

/// A token is not used in the last part of its life: this long, or a fifth of its life.
const MARGIN: Duration = Duration::from_secs(60);
/// So long a refused credential is not shown again: an account could be locked.
const REFUSED: Duration = Duration::from_secs(5);

/// How tokens are fetched.
#[derive(Debug)]
pub struct TokenSettings {
    /// The token endpoint: its base is the endpoint's whole URL.
    pub endpoint: Rule,
    /// How the client logs in at the endpoint.
    pub client: ClientAuth,
    /// What the token is asked by.
    pub grant: Grant,
    /// The scope, if the endpoint wants one (RFC 6749, 3.3).
    pub scope: Option<String>,
    /// Further parameters of the request: `resource` (RFC 8707), `audience`.
    pub parameters: Vec<(String, String)>,
    /// How long a token lives whose life the endpoint does not say.
    pub lifetime: Duration,
}

/// Is told of each token before it is first sent, so that whoever keeps secrets from leaving knows it too.
pub trait Watch: Send + Sync {
    /// A token was fetched; the endpoint says, or the settings do, for how long it lives.
    fn fetched(&self, token: &str, lifetime: Duration);
}

/// Fetches tokens and keeps the last one. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct TokenSource(Arc<Source>);

struct Source {
    client: Client,
    settings: TokenSettings,
    watch: Option<Arc<dyn Watch>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    fetched: u64,
    token: Option<Held>,
    under_way: Option<Fetching>,
    refused: Option<(Instant, Error)>,
}

/// A fetch that any number of requests wait for, in a task of its own: none of them can break it off.
type Fetching = Shared<BoxFuture<'static, Result<Held, Error>>>;

#[derive(Clone)]
struct Held {
    token: Secret,
    stamp: Stamp,
    until: Instant,
}

impl TokenSource {
    /// A source that has fetched nothing yet.
    pub fn new(settings: TokenSettings, resolver: Arc<dyn Resolve>) -> Self {
        Self::with(settings, resolver, None)
    }

    /// The same, and somebody is told of each token.
    pub fn watched(settings: TokenSettings, resolver: Arc<dyn Resolve>, watch: Arc<dyn Watch>) -> Self {
        Self::with(settings, resolver, Some(watch))
    }

    fn with(settings: TokenSettings, resolver: Arc<dyn Resolve>, watch: Option<Arc<dyn Watch>>) -> Self {
        Self(Arc::new(Source {
            client: Client::new(settings.endpoint.clone(), None, resolver),
            settings,
            watch,
            state: Mutex::default(),
        }))
    }

    pub(crate) async fn applied(&self) -> Result<Applied, Error> {
        let waiting = {
            let mut state = self.0.state();
            match state.at_hand() {
                Some(known) => return known?.applied(),
                None => state.under_way.get_or_insert_with(|| self.begin()).clone(),
            }
        };
        waiting.await?.applied()
    }

    /// Forgets this token, unless another was fetched since.
    pub(crate) fn invalidate(&self, stamp: Stamp) {
        let mut state = self.0.state();
        state.token.take_if(|held| held.stamp == stamp);
    }

    fn begin(&self) -> Fetching {
        let source = Arc::clone(&self.0);
        let fetching = tokio::spawn(async move {
            let answered = ask::ask(&source.client, &source.settings).await;
            source.finish(answered)
        });
        let source = Arc::clone(&self.0);
        let joined = async move {
            fetching.await.unwrap_or_else(|cause| {
                source.state().under_way = None;
                Err(Error::new(Code::TokenUnavailable, "The token was not fetched.").keep(cause))
            })
        };
        joined.boxed().shared()
    }
}

impl Source {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, answered: Result<answer::Token, Error>) -> Result<Held, Error> {
        if let (Ok(token), Some(watch)) = (&answered, &self.watch) {
            watch.fetched(token.token.reveal(), token.lifetime.unwrap_or(self.settings.lifetime));
        }
        let mut state = self.state();
        state.under_way = None;
        match answered {
            Ok(token) => {
                state.fetched += 1;
                let life = token.lifetime.unwrap_or(self.settings.lifetime);
                let held = Held {
                    token: token.token,
                    stamp: Stamp(state.fetched),
                    until: Instant::now() + life.saturating_sub(MARGIN.min(life / 5)),
                };
                state.token = Some(held.clone());
                Ok(held)
            }
            Err(error) => {
                if error.code() == Code::TokenRefused {
                    state.refused = Some((Instant::now() + REFUSED, error.clone()));
                }
                Err(error)
            }
        }
    }
}

impl State {
    /// A token that lives, or a refusal that is fresh.
    fn at_hand(&self) -> Option<Result<Held, Error>> {
        let now = Instant::now();
        if let Some(held) = self.token.as_ref().filter(|held| held.until > now) {
            return Some(Ok(held.clone()));
        }
        let refused = self.refused.as_ref().filter(|(until, _)| *until > now);
        refused.map(|(_, error)| Err(error.clone()))
    }
}

impl Held {
    fn applied(self) -> Result<Applied, Error> {
        let told = "The token endpoint gave a token that no header can hold.";
        let applied = Applied::bearer(self.token, Some(self.stamp));
        applied.map_err(|_| Error::new(Code::TokenMalformed, told))
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenSource({})", self.0.settings.endpoint.name())
    }
}
