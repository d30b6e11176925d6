//! Bearer tokens that are fetched: once for everybody who waits, and kept until shortly before they expire.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::time::Instant;

use super::{Applied, Secret, Stamp};
use crate::error::{Code, Error};

#[cfg(test)]
mod tests;

/// A token is not used in the last part of its life: this long, or a fifth of its life.
const MARGIN: Duration = Duration::from_secs(60);
/// So long a refused credential is not shown again: an account could be locked.
const REFUSED: Duration = Duration::from_secs(5);
/// A token is fetched anew after a day, whatever it says.
const LIFE_MOST: Duration = Duration::from_secs(24 * 60 * 60);

/// Where bearer tokens come from.
#[async_trait]
pub trait Tokens: Send + Sync {
    /// Fetches a token. It is asked by one request at a time, and not again while the last token lives.
    ///
    /// # Errors
    /// [`Error::new`] with `token-refused` for a credential that is not accepted, `token-unavailable` where waiting may help,
    /// and `token-malformed`.
    async fn token(&self) -> Result<Token, Error>;

    /// The last token was refused: what is kept of it here must go.
    fn forget(&self) {}
}

/// A token, and how long it lives if that is known.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token.
    pub token: Secret,
    /// From now on.
    pub lifetime: Option<Duration>,
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
    /// For messages.
    name: String,
    tokens: Box<dyn Tokens>,
    /// How long a token lives that does not say so.
    lifetime: Duration,
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
    /// A source of these tokens that has fetched nothing yet, and goes by a name in messages; somebody may be told of each. A
    /// token that does not say how long it lives lives so long.
    pub fn of(
        name: impl Into<String>,
        tokens: impl Tokens + 'static,
        lifetime: Duration,
        watch: Option<Arc<dyn Watch>>,
    ) -> Self {
        Self(Arc::new(Source {
            name: name.into(),
            tokens: Box::new(tokens),
            lifetime,
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
        let taken = self.0.state().token.take_if(|held| held.stamp == stamp);
        if taken.is_some() {
            self.0.tokens.forget();
        }
    }

    fn begin(&self) -> Fetching {
        let source = Arc::clone(&self.0);
        let fetching = tokio::spawn(async move {
            let answered = source.tokens.token().await;
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

    fn life(&self, token: &Token) -> Duration {
        token.lifetime.unwrap_or(self.lifetime).min(LIFE_MOST)
    }

    fn finish(&self, answered: Result<Token, Error>) -> Result<Held, Error> {
        if let (Ok(token), Some(watch)) = (&answered, &self.watch) {
            watch.fetched(token.token.reveal(), self.life(token));
        }
        let mut state = self.state();
        state.under_way = None;
        match answered {
            Ok(token) => {
                state.fetched += 1;
                let life = self.life(&token);
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
        write!(f, "TokenSource({})", self.0.name)
    }
}
