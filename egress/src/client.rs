//! One binding's way out: check, resolve, judge, connect, log in, send, read.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::HeaderMap;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout, timeout_at};

use crate::connection::{Connection, Pool};
use crate::credential::{Applied, Credential};
use crate::error::{Code, Error, Sent};
use crate::reply::{self, Coming, Reply, Streamed};
use crate::request::Request;
use crate::resolve::{Judged, Resolve};
use crate::rule::Rule;
use crate::target::Target;
use crate::tls::Tls;

/// Sends the requests of one binding of one tenant. Its connections, its TLS sessions and its credential are its own: two
/// bindings never share one, because they have two clients.
pub struct Client {
    rule: Rule,
    credential: Option<Credential>,
    resolver: Arc<dyn Resolve>,
    tls: Tls,
    pool: Arc<Pool>,
}

/// One request on its way.
struct Attempt<'a> {
    request: &'a Request,
    head: http::request::Parts,
    progress: &'a Progress,
}

/// How far a request came.
#[derive(Debug, Default)]
struct Progress {
    /// Whether its credential is at hand.
    applied: AtomicBool,
    /// Whether anything of it can have reached the other side.
    sent: AtomicBool,
}

/// The head of a reply, and the connection that the rest comes by.
type Answered = (Connection, http::Response<Incoming>);

impl Client {
    /// A client that reaches what the rule allows, with the credential where the rule lets it be sent.
    pub fn new(rule: Rule, credential: Option<Credential>, resolver: Arc<dyn Resolve>) -> Self {
        Self {
            pool: Arc::new(Pool::new(rule.times().idle)),
            rule,
            credential,
            resolver,
            tls: Tls::default(),
        }
    }

    /// The rule, which makes the targets of requests.
    pub const fn rule(&self) -> &Rule {
        &self.rule
    }

    /// Checks a request as [`Client::send`] does before it touches the network, for whoever must refuse it earlier.
    ///
    /// # Errors
    /// `method-`, `header-`, `host-`, `scheme-`, `port-` and `path-not-allowed`, `request-too-large`.
    pub fn check(&self, request: &Request) -> Result<(), Error> {
        request.check(&self.rule, self.credential.as_ref())
    }

    /// Sends a request and reads its whole reply. A redirect is a reply like any other: nothing follows it.
    ///
    /// Dropping the future closes the connection; whether the request was carried out is then unknown.
    ///
    /// # Errors
    /// Each code but those of settings; [`Error::sent`] says whether the request can have been carried out.
    pub async fn send(&self, request: Request) -> Result<Reply, Error> {
        self.open(request).await?.whole().await
    }

    /// Sends a request and reads the head of its reply; the body is read as it comes. The time that the request has goes on
    /// until the body ends.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn open(&self, request: Request) -> Result<Streamed, Error> {
        self.check(&request)?;
        let progress = Progress::default();
        let end = Instant::now() + self.rule.times().total;
        let carried = timeout_at(end, self.carry(&request, &progress, end)).await;
        let outcome = carried.unwrap_or_else(|_| Err(progress.late(&request.target)));
        // Also where an earlier connection was lost, and a later one never stood.
        let outcome = outcome.map_err(|error| match progress.sent.load(Ordering::Relaxed) {
            true => error.maybe_sent(),
            false => error,
        });
        self.trace(&request, &outcome);
        outcome
    }

    /// Forgets the token that brought this reply, if it was one that can be fetched again and nobody has since: for a reply
    /// 401. The next request fetches another. Says whether sending the request again can end otherwise.
    pub fn invalidate(&self, reply: &Reply) -> bool {
        match (&self.credential, reply.stamp()) {
            (Some(credential), Some(stamp)) => credential.invalidate(stamp),
            _ => false,
        }
    }

    async fn carry(&self, request: &Request, progress: &Progress, until: Instant) -> Result<Streamed, Error> {
        let target = &request.target;
        let mut head = request.head()?;
        let applied = self.applied(request, &head.headers).await?;
        if let Some(applied) = &applied {
            for (name, value) in applied.headers() {
                head.headers.insert(name, value.clone());
            }
        }
        progress.applied.store(true, Ordering::Relaxed);
        let end = Instant::now() + self.rule.times().connect;
        let judged = timeout_at(end, Judged::new(&self.rule, target, &*self.resolver)).await;
        let judged = judged.map_err(|_| not_connected(target))??;
        let attempt = Attempt {
            request,
            head,
            progress,
        };
        let (connection, response) = match self.reuse(&attempt, &judged).await? {
            Some(answered) => answered,
            None => {
                let connected = timeout_at(end, self.connect(target, &judged)).await;
                let connection = connected.map_err(|_| not_connected(target))??;
                self.exchange(&attempt, connection).await?
            }
        };
        let coming = Coming {
            rule: self.rule.clone(),
            pool: Arc::clone(&self.pool),
            connection,
            until,
        };
        Streamed::new(request, applied.as_ref(), response, coming)
    }

    /// Tries a connection that is still open, where the request may be sent twice or its sender can tell whether it was. One
    /// that the other side has closed meanwhile says nothing about a request that was not sent.
    async fn reuse(&self, attempt: &Attempt<'_>, judged: &Judged) -> Result<Option<Answered>, Error> {
        let request = attempt.request;
        if !request.repeatable && !request.reusing {
            return Ok(None);
        }
        let Some(connection) = self.pool.take(&request.target, judged) else {
            return Ok(None);
        };
        match self.exchange(attempt, connection).await {
            Err(lost) if lost.code() == Code::ConnectionLost && (request.repeatable || lost.sent() == Sent::No) => {
                Ok(None)
            }
            answered => answered.map(Some),
        }
    }

    /// The credential, only where the rule lets it go.
    async fn applied(&self, request: &Request, headers: &HeaderMap) -> Result<Option<Applied>, Error> {
        let Request {
            method, target, body, ..
        } = request;
        match &self.credential {
            Some(credential) if target.takes_credential() => {
                credential.applied(method, target, headers, body).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    async fn connect(&self, target: &Target, judged: &Judged) -> Result<Connection, Error> {
        let tls = match target.secure() {
            true => Some(self.tls.config(&self.rule, target).await?),
            false => None,
        };
        Connection::open(&self.rule, target, judged, tls).await
    }

    /// Sends the request and waits for the head of the reply.
    async fn exchange(&self, attempt: &Attempt<'_>, mut connection: Connection) -> Result<Answered, Error> {
        let Attempt {
            request,
            head,
            progress: Progress { sent, .. },
        } = attempt;
        let before = sent.swap(true, Ordering::Relaxed);
        let response = timeout(
            self.rule.times().head,
            connection.exchange(head.clone(), request.body.clone()),
        )
        .await;
        let response = response.map_err(|_| no_answer(&request.target))?;
        match response {
            Ok(response) => Ok((connection, response)),
            Err(error) => {
                sent.store(before || error.sent() == Sent::Maybe, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    fn trace(&self, request: &Request, outcome: &Result<Streamed, Error>) {
        let (binding, method) = (self.rule.name(), &request.method);
        match outcome {
            Ok(reply) => tracing::debug!(binding, %method, status = reply.status.as_u16()),
            Err(error) => tracing::debug!(binding, %method, code = error.code().as_str(), sent = ?error.sent()),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("rule", &self.rule.name())
            .finish_non_exhaustive()
    }
}

impl Progress {
    /// What a request waited for when its time ended.
    fn late(&self, target: &Target) -> Error {
        if self.sent.load(Ordering::Relaxed) {
            return no_answer(target);
        }
        if self.applied.load(Ordering::Relaxed) {
            return not_connected(target);
        }
        Error::new(
            Code::TokenUnavailable,
            "No token came in the time that the request has.",
        )
    }
}

fn not_connected(target: &Target) -> Error {
    let told = format!("No connection to `{}` stood in time.", target.host());
    Error::new(Code::ConnectTimeout, told)
}

fn no_answer(target: &Target) -> Error {
    reply::late(&target.host())
}
