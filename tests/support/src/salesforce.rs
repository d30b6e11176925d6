//! Salesforce, as far as its REST API is used: in memory, each instance with its own data.
//!
//! It has the traps of the real one: errors are arrays, limits are refused with 403, a composite or a collection
//! answers 200 whatever became of its parts, sessions end without having said when, and the host that gives a token is
//! not the one that has the data. The same requests always give the same records. Where Salesforce's documents do not
//! say how something is refused (too many subrequests, a reference id twice), the code is a guess.
//!
//! It has the objects `Account`, `Contact`, `Opportunity`, `Invoice__c`, and the read-only `User` and `Organization`.

mod aggregate;
mod collections;
mod column;
mod composite;
mod data;
mod describe;
mod exchange;
mod field;
mod filter;
mod id;
mod instance;
mod oauth;
mod refusal;
mod rows;
mod schema;
mod search;
mod select;
mod service;
mod soql;

use std::net::SocketAddr;

use serde_json::Value;

use self::instance::Instance;
pub use self::instance::{Trouble, Usage};
use self::service::Shared;
use crate::server::Server;
use crate::traffic::Traffic;

/// The client, or consumer key, that is registered with every instance.
pub const CLIENT_ID: &str = "3MVG9simulated.client";
/// The secret of the client.
pub const CLIENT_SECRET: &str = "simulated-client-secret";
/// The private key of the client, in PEM, for JWT bearer. It opens nothing but simulators.
pub const CLIENT_KEY: &str = include_str!("salesforce/client.pem");
/// The user as whom everybody is logged in.
pub const USERNAME: &str = "agent@acme.example";
/// The user's password with the security token behind it.
pub const PASSWORD: &str = "simulated-password";

/// The handle on a running instance. Clones are the same instance.
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
        let (server, shared) = make()?;
        let (address, traffic) = server.start().await?;
        Ok((address, Self { shared, traffic }))
    }

    /// What arrived; faults are ordered here too.
    #[must_use]
    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Opens a session and answers its token, without a request.
    #[must_use]
    pub fn log_in(&self) -> String {
        self.shared.lock().log_in()
    }

    /// Ends all sessions: the next request of each is refused with 401 `INVALID_SESSION_ID`.
    pub fn expire_sessions(&self) {
        self.shared.lock().expire();
    }

    /// Releases all cursors: `nextRecordsUrl` leads to 400 `INVALID_QUERY_LOCATOR`.
    pub fn release_cursors(&self) {
        self.shared.lock().release();
    }

    /// Sets how many requests were counted, and how many may be.
    pub fn set_usage(&self, usage: Usage) {
        self.shared.lock().usage = usage;
    }

    /// The next changes of records meet this, so many times.
    pub fn trouble(&self, trouble: Trouble, times: usize) {
        self.shared.lock().troubles.extend(std::iter::repeat_n(trouble, times));
    }

    /// Makes a record without a request, and answers its id.
    ///
    /// # Errors
    /// If Salesforce would refuse it.
    pub fn load(&self, object: &str, values: &Value) -> anyhow::Result<String> {
        let made = self.shared.lock().seed(object, values);
        made.map_err(|refusal| anyhow::anyhow!("{}: {}", refusal.code, refusal.message))
    }

    /// The records of an object that were not deleted, in the order in which they were made. Empty where there is no
    /// such object.
    #[must_use]
    pub fn records(&self, object: &str) -> Vec<Value> {
        let Some(object) = schema::SCHEMA.object(object) else {
            return Vec::new();
        };
        self.shared
            .lock()
            .data
            .living(object)
            .map(|record| record.clone().into())
            .collect()
    }
}

/// An instance that is not listening yet.
///
/// # Errors
/// If its first records are refused, which is a defect.
pub fn server() -> anyhow::Result<Server> {
    Ok(make()?.0)
}

fn make() -> anyhow::Result<(Server, Shared)> {
    let instance = Instance::new(USERNAME);
    let shared = Shared::new(instance.map_err(|refusal| anyhow::anyhow!("{}: {}", refusal.code, refusal.message))?);
    let server = Server::new("salesforce", service::router(shared.clone())).with_admin(service::admin(shared.clone()));
    Ok((server, shared))
}

#[cfg(test)]
mod tests;
