//! What a run asks of the outside: messages that leave it, and answers that come back.

use std::collections::BTreeMap;

use async_trait::async_trait;
use gate::{Action, Call, Halt, Returned};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::run::desk::Desk;
use crate::run::stop::Stopping;

/// The way out of a run: the gate, or a recording of it. Every message can cross a socket, and a run has one under way
/// at a time.
#[async_trait]
pub trait Calls: Send {
    /// Answers one call. The guest's clocks move to where the answer says, whenever it arrives.
    ///
    /// # Errors
    /// Where the run does not go on: it stops, or leaves memory until something happened.
    async fn call(&mut self, call: Call) -> Result<Returned, Halt>;

    /// Waits until a moment of the run's own time. Nothing is ready before, and no call is open.
    ///
    /// # Errors
    /// Where the run does not go on: it stops, or leaves memory until then.
    async fn wait(&mut self, timer: Timer) -> Result<(), Halt>;
}

/// A wait of the guest's, by its own clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Timer {
    /// Its number among the run's calls.
    pub number: u32,
    /// Fuel that the guest used before it.
    pub fuel: u64,
    /// The moment that the guest's clocks show when it began.
    pub from: Timestamp,
    /// The moment that they show when it ended.
    pub until: Timestamp,
}

/// Which bindings a run may name, as they were at its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bindings {
    /// HTTP bindings by what stands for them in a URL.
    http: BTreeMap<String, String>,
}

/// Answers from what a run recorded, and from nowhere else.
pub struct Recorded(Box<dyn Calls>);

/// The way out of one run, and the numbers of what leaves by it.
pub(crate) struct WayOut {
    calls: Option<Box<dyn Calls>>,
    desk: Desk,
    numbered: u32,
}

impl Bindings {
    /// HTTP bindings by name, each with the real hosts that stand for it too, with a port where it is not the scheme's
    /// own. A name counts before a host; a host that two bindings list belongs to the first.
    pub fn new(http: &BTreeMap<String, Vec<String>>) -> Self {
        let names = http.keys().map(|name| (name, name));
        let hosts = http
            .iter()
            .flat_map(|(name, hosts)| hosts.iter().map(move |host| (host, name)));
        let mut authorities = BTreeMap::new();
        for (authority, name) in names.chain(hosts) {
            authorities
                .entry(authority.to_ascii_lowercase())
                .or_insert_with(|| name.clone());
        }
        Self { http: authorities }
    }

    /// The binding of an authority in lower case, without the scheme's own port.
    pub(crate) fn http(&self, authority: &str) -> Option<&str> {
        self.http.get(authority).map(String::as_str)
    }
}

impl Recorded {
    /// Whoever makes it answers for it that nothing leaves by it.
    pub(crate) const fn new(calls: Box<dyn Calls>) -> Self {
        Self(calls)
    }

    pub(crate) fn into_calls(self) -> Box<dyn Calls> {
        self.0
    }
}

impl WayOut {
    pub(crate) const fn new(calls: Option<Box<dyn Calls>>, desk: Desk) -> Self {
        Self {
            calls,
            desk,
            numbered: 0,
        }
    }

    /// Whether there is one.
    pub(crate) const fn is_open(&self) -> bool {
        self.calls.is_some()
    }

    /// Gives out the next number.
    pub(crate) const fn number(&mut self) -> u32 {
        self.numbered = self.numbered.saturating_add(1);
        self.numbered
    }

    /// Sends a call, and waits for what becomes of it.
    ///
    /// # Errors
    /// Where the run does not go on.
    pub(crate) async fn call(
        &mut self,
        number: u32,
        fuel: u64,
        binding: String,
        action: Action,
    ) -> Result<Returned, Stopping> {
        let mut calls = self.calls.take().ok_or(Stopping::Internal)?;
        let call = Call {
            number,
            fuel,
            binding,
            action,
        };
        let called = async move { (calls.call(call).await, calls) };
        let (returned, calls) = self.desk.have_done(called).await;
        self.calls = Some(calls);
        returned.map_err(Stopping::halted)
    }

    /// Waits by the run's own time: in place where the run has no way out, since nobody records it then.
    ///
    /// # Errors
    /// Where the run does not go on.
    pub(crate) async fn wait(&mut self, fuel: u64, from: Timestamp, until: Timestamp) -> Result<(), Stopping> {
        let number = self.number();
        match self.calls.take() {
            Some(mut calls) => {
                let timer = Timer {
                    number,
                    fuel,
                    from,
                    until,
                };
                let waited = async move { (calls.wait(timer).await, calls) };
                let (waited, calls) = self.desk.have_done(waited).await;
                self.calls = Some(calls);
                waited.map_err(Stopping::halted)
            }
            None => {
                tokio::time::sleep(until.duration_since(from).unsigned_abs()).await;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests;
