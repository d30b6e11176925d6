//! What a run asks of the gate and what it is answered: messages that can cross a socket.

pub mod body;
pub(crate) mod digest;
pub mod http;
pub mod model;

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::refusal::Refusal;

pub use digest::CallDigest;
use http::{HttpCall, HttpReply};
use model::{ModelCall, ModelReply};

/// One effect that a run asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Call {
    /// Its number in the run, from 1; calls and timers share one sequence, and a number is used once.
    pub number: u32,
    /// Fuel that the guest used before it; recorded, never compared.
    pub fuel: u64,
    /// The name of the binding; its kind is the action's.
    pub binding: String,
    /// What is asked.
    pub action: Action,
}

/// What is asked, by the kind of the binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// One HTTP exchange.
    Http(HttpCall),
    /// One question to a model.
    Model(ModelCall),
}

/// What a backend answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// The answer to one HTTP exchange.
    Http(HttpReply),
    /// The answer of a model.
    Model(Box<ModelReply>),
}

/// How a call ended, as the guest sees it and as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The backend answered.
    Reply(Reply),
    /// The gate said no.
    Refused(Refusal),
    /// The backend did not answer.
    Failed(Failed),
}

/// Why there is no reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Failed {
    /// The backend's code, or one of the gate's.
    pub code: Code,
    /// Whether the same call may succeed later, unchanged.
    pub retryable: bool,
    /// Milliseconds after which it may.
    pub retry_after_ms: Option<u64>,
    /// What is safe to show, and says what to change.
    pub told: String,
}

/// An outcome, and the time to which the run's clocks move with it. Both are the same in every replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Returned {
    /// How the call ended.
    pub outcome: Outcome,
    /// When; never earlier than the run's call before it.
    pub at: Timestamp,
}

/// A binding: the kind of what it reaches, and the name that the skill uses.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Binding {
    /// Such as `http`.
    pub kind: String,
    /// Such as `jira`.
    pub name: String,
}

/// What a crash between sending and recording means for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Effect {
    /// Changes nothing and costs nothing: it is made again.
    Read,
    /// Changes nothing and costs: it is made again as a new attempt, and the lost one is paid.
    CostlyRead,
    /// The service knows it again by its key: it is made again with the same key while the service remembers it.
    KeyedWrite {
        /// How long the service remembers a key, in seconds from the first sending.
        window_s: u64,
    },
    /// Nobody can know whether it happened: the run stops and asks a person.
    Write,
}

impl Call {
    /// The binding that it names.
    pub fn binding(&self) -> Binding {
        Binding {
            kind: self.action.kind().to_owned(),
            name: self.binding.clone(),
        }
    }
}

impl Action {
    /// The kind of the bindings that carry it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Http(_) => HttpCall::KIND,
            Self::Model(_) => ModelCall::KIND,
        }
    }

    /// Whether it brings every byte that it names.
    pub(crate) fn is_whole(&self) -> bool {
        match self {
            Self::Http(call) => call.body().bytes().is_some(),
            Self::Model(call) => call.bodies().iter().all(|body| body.bytes().is_some()),
        }
    }

    /// Bytes that leave with it.
    pub fn size(&self) -> u64 {
        match self {
            Self::Http(call) => call.size(),
            Self::Model(call) => call.size(),
        }
    }
}

impl Reply {
    /// Bytes that came with it.
    pub fn size(&self) -> u64 {
        match self {
            Self::Http(reply) => reply.size(),
            Self::Model(reply) => reply.size(),
        }
    }
}

impl Effect {
    /// Whether a lost attempt leaves nothing behind but its cost.
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Read | Self::CostlyRead)
    }

    /// The word of it in policies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::CostlyRead => "costly-read",
            Self::KeyedWrite { .. } => "keyed-write",
            Self::Write => "write",
        }
    }

    pub(crate) const fn window(self) -> Option<Duration> {
        match self {
            Self::KeyedWrite { window_s } => Some(Duration::from_secs(window_s)),
            _ => None,
        }
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} \"{}\"", self.kind, self.name)
    }
}
