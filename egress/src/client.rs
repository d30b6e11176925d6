//! One binding's way out: check, resolve, judge, connect, log in, send, read.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::timeout;

use crate::connection::{Connection, Pool};
use crate::credential::{Applied, Credential};
use crate::error::{Code, Error};
use crate::reply::{Reading, Reply};
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
        let credential = self.credential.as_ref().map(Credential::header_name);
        request.check(&self.rule, credential)
    }

    /// Sends a request and reads its whole reply. A redirect is a reply like any other: nothing follows it.
    ///
    /// Dropping the future closes the connection; whether the request was carried out is then unknown.
    ///
    /// # Errors
    /// Each code but those of settings; [`Error::sent`] says whether the request can have been carried out.
    pub async fn send(&self, request: Request) -> Result<Reply, Error> {
        self.check(&request)?;
        let sent = AtomicBool::new(false);
        let total = self.rule.times().total;
        let outcome = timeout(total, self.carry(&request, &sent)).await;
        let outcome = outcome.unwrap_or_else(|_| Err(late(&request.target, sent.load(Ordering::Relaxed))));
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

    async fn carry(&self, request: &Request, sent: &AtomicBool) -> Result<Reply, Error> {
        let applied = self.applied(&request.target).await?;
        let judged = timeout(
            self.rule.times().connect,
            Judged::new(&self.rule, &request.target, &*self.resolver),
        );
        let judged = judged.await.map_err(|_| not_connected(&request.target))??;
        if request.repeatable
            && let Some(connection) = self.pool.take(&request.target, &judged)
        {
            match self.exchange(request, applied.as_ref(), connection, sent).await {
                // The other side closed it meanwhile: that says nothing about this request.
                Err(lost) if lost.code() == Code::ConnectionLost => {}
                outcome => return outcome,
            }
        }
        let connection = self.connect(&request.target, &judged).await?;
        self.exchange(request, applied.as_ref(), connection, sent).await
    }

    /// The credential, only where the rule lets it go.
    async fn applied(&self, target: &Target) -> Result<Option<Applied>, Error> {
        match &self.credential {
            Some(credential) if target.takes_credential() => credential.applied().await.map(Some),
            _ => Ok(None),
        }
    }

    async fn connect(&self, target: &Target, judged: &Judged) -> Result<Connection, Error> {
        let within = self.rule.times().connect;
        let connecting = async {
            let tls = match target.secure() {
                true => Some(self.tls.config(&self.rule, target).await?),
                false => None,
            };
            Connection::open(&self.rule, target, judged, tls).await
        };
        let opened = timeout(within, connecting).await;
        opened.map_err(|_| not_connected(target))?
    }

    async fn exchange(
        &self,
        request: &Request,
        applied: Option<&Applied>,
        mut connection: Connection,
        sent: &AtomicBool,
    ) -> Result<Reply, Error> {
        let head = request.head(applied)?;
        let exchange = connection.exchange(head, request.body.clone());
        sent.store(true, Ordering::Relaxed);
        let response = timeout(self.rule.times().head, exchange).await;
        let response = response.map_err(|_| late(&request.target, true))?;
        let response =
            response.inspect_err(|error| sent.store(error.sent() == crate::Sent::Maybe, Ordering::Relaxed))?;
        let reading = Reading {
            rule: &self.rule,
            request,
            applied,
        };
        let reply = reading.read(response).await.map_err(Error::maybe_sent)?;
        self.pool.keep(connection);
        Ok(reply)
    }

    fn trace(&self, request: &Request, outcome: &Result<Reply, Error>) {
        let (binding, method) = (self.rule.name(), &request.method);
        match outcome {
            Ok(reply) => tracing::debug!(binding, %method, status = reply.status.as_u16(), bytes = reply.body.len()),
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

fn not_connected(target: &Target) -> Error {
    let told = format!("No connection to `{}` stood in time.", target.host());
    Error::new(Code::ConnectTimeout, told)
}

fn late(target: &Target, sent: bool) -> Error {
    if !sent {
        return not_connected(target);
    }
    let told = format!("`{}` did not answer in time.", target.host());
    Error::new(Code::ReplyTimeout, told).maybe_sent()
}
