//! One invocation of one tool, from arguments to outcome.

pub(crate) mod attempt;
pub mod calls;
pub(crate) mod desk;
pub(crate) mod files;
pub(crate) mod guest;
pub mod limits;
pub(crate) mod logs;
pub(crate) mod memory;
pub(crate) mod meter;
pub(crate) mod stop;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gate::Halt;
use jiff::Timestamp;
use registry::Digest;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use calls::{Bindings, Calls, Timer};

/// The name of a run: UUID version 7, so that runs sort by their start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub Uuid);

/// Everything that a run starts from; the same start gives the same run.
#[derive(Clone, Debug)]
pub struct Start {
    /// Its name.
    pub id: RunId,
    /// The tool, as agents call it.
    pub tool: String,
    /// The arguments as JSON, not checked yet.
    pub arguments: Value,
    /// The content of files that the arguments name, by digest.
    pub files: BTreeMap<Digest, Bytes>,
    /// What the guest's clocks say at its first instruction.
    pub at: Timestamp,
    /// Where the guest's randomness comes from.
    pub seed: [u8; 32],
    /// The bindings that the skill may name.
    pub bindings: Arc<Bindings>,
    /// How much of its deadline it used before: nothing, unless it has begun before.
    pub used: Duration,
    /// What `configuration` answers where the run has begun before; else what the approval says now.
    pub configuration: Option<Arc<BTreeMap<String, String>>>,
    /// Stops the run from outside.
    pub cancel: CancellationToken,
}

/// How a run ended and what it used and made.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What came out.
    pub outcome: Outcome,
    /// Where the way out ended it: what its owner must do. A run that was suspended is not over, and its outcome says
    /// `suspended` until it is.
    pub halt: Option<Halt>,
    /// Fuel that the guest used.
    pub fuel: u64,
    /// Time that the guest computed, calls excluded.
    pub guest_time: Duration,
    /// Files that it made, in the order in which it made them.
    pub files: Vec<MadeFile>,
    /// What it logged.
    pub logs: Vec<LogLine>,
    /// Lines that did not fit.
    pub logs_dropped: u64,
}

/// What came out of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The tool's value.
    Value(Value),
    /// The tool's own error: a result for the agent, not a failure of the host.
    ToolError(Value),
    /// The arguments do not fit the tool's schema; the guest never started.
    Refused(Stop),
    /// The run was stopped, or the guest broke.
    Stopped(Stop),
}

/// Why there is neither a value nor a tool's error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Stable, in kebab-case: `fuel`, `memory`, `deadline`, `cancelled`, `trap` and so on.
    pub code: String,
    /// A sentence that says what to change.
    pub message: String,
}

/// A file that a run made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeFile {
    /// The name that people see; unique in the run.
    pub name: String,
    /// Such as `application/pdf`.
    pub media_type: String,
    /// The SHA-256 of the content.
    pub sha256: Digest,
    /// What it holds.
    pub content: Bytes,
}

/// One line that a guest wrote, control characters escaped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// `trace`, `debug`, `info`, `warn` or `error`; standard output is `info`, standard error `warn`.
    pub level: LogLevel,
    /// The text.
    pub message: String,
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Every step.
    Trace,
    /// What a developer wants to see.
    Debug,
    /// What an operator wants to see.
    Info,
    /// Something is odd and the tool goes on.
    Warn,
    /// The tool failed, or is about to.
    Error,
}
