//! Jira Cloud, as far as its REST API v3 is used for issues: in memory, each site with its own data.
//!
//! It has the traps of the real one: texts are documents and checked by Atlassian's own schema, a search answers ids
//! alone where no fields are named and says where the next page is but not how many there are, unbounded JQL is refused,
//! what was just created may be missing from a search, and limits are refused with 429. The same requests always give
//! the same issues, and its clock goes on by a second with each change.
//!
//! It has the projects `ED` and `OPS`, and the accounts [`ROBOT`], [`MIA`] and [`EMMA`].

mod clock;
mod comment;
mod create;
mod document;
mod issue;
mod jql;
mod refusal;
mod request;
mod search;
mod service;
mod site;
mod workflow;

use std::net::SocketAddr;

use serde_json::Value;

use self::service::Shared;
pub use self::service::Trouble;
use self::site::Site;
use crate::server::Server;
use crate::traffic::Traffic;

/// The e-mail address of the account as whom everybody is logged in.
pub const EMAIL: &str = "robot@acme.example";
/// The account's API token, for Basic.
pub const TOKEN: &str = "simulated-api-token";
/// An access token of OAuth 2.0, for Bearer.
pub const BEARER: &str = "simulated-access-token";
/// The `accountId` as whom everybody is logged in.
pub const ROBOT: &str = "712020:6f1e0f0c-robot";
/// The `accountId` of Mia Krystof.
pub const MIA: &str = "5b10a2844c20165700ede21g";
/// The `accountId` of Emma Richards.
pub const EMMA: &str = "5b10ac8d82e05b22cc7d4ef5";

/// The handle on a running site. Clones are the same site.
#[derive(Clone)]
pub struct Simulator {
    shared: Shared,
    traffic: Traffic,
}

impl Simulator {
    /// Listens on a free port of loopback, without TLS, until the runtime ends.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start() -> anyhow::Result<(SocketAddr, Self)> {
        let shared = Shared::new(Site::new());
        let (address, traffic) = serve(&shared).start().await?;
        Ok((address, Self { shared, traffic }))
    }

    /// What arrived; faults are ordered here too.
    #[must_use]
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// The next requests meet this, so many times, after what was ordered before.
    pub fn trouble(&self, trouble: Trouble, times: usize) {
        self.shared.lock().trouble(trouble, times);
    }

    /// Releases all pages: a token that was given leads to 400.
    pub fn release_pages(&self) {
        self.shared.lock().site.pages.clear();
    }

    /// From now on an issue is missing from so many searches after it was created.
    pub fn lag(&self, searches: usize) {
        self.shared.lock().site.lag = searches;
    }

    /// Creates an issue without a request, from the body of one, and answers its key.
    ///
    /// # Errors
    /// If Jira would refuse it.
    pub fn load(&self, body: &Value) -> anyhow::Result<String> {
        let made = create::create(&mut self.shared.lock().site, body);
        made.map_err(|refusal| anyhow::anyhow!("{}", refusal.body()))
    }

    /// Every issue, in the order in which they were created, with its properties and its comments.
    #[must_use]
    pub fn issues(&self) -> Vec<Value> {
        self.shared.lock().site.whole()
    }
}

/// A site that is not listening yet.
#[must_use]
pub fn server() -> Server {
    serve(&Shared::new(Site::new()))
}

fn serve(shared: &Shared) -> Server {
    Server::new("jira", service::router(shared.clone())).with_admin(service::admin(shared.clone()))
}

#[cfg(test)]
mod tests;
