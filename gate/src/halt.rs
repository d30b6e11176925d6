//! Why a run goes no further for now, or at all.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::consent::ConsentId;

/// The guest does not go on: the caller traps it and drops its store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Halt {
    /// Something has to happen first; then the run is opened again, and replays to this call.
    Suspend(Suspend),
    /// The run stops with this code.
    Stop(Stop),
}

/// What a run waits for, out of memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Suspend {
    /// A person's answer. When `until` passes without one the call is refused, so the run is queued then too.
    Consent {
        /// What is answered.
        id: ConsentId,
        /// When the question expires.
        until: Timestamp,
    },
    /// A time.
    Timer {
        /// The number of the timer among the run's calls.
        number: u32,
        /// When the run is queued.
        until: Timestamp,
    },
}

/// Why a run stops.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stop {
    /// What to branch on.
    pub code: Code,
    /// Whether opening the run again may go further, with nothing changed but the time.
    pub retryable: bool,
    /// What is safe to show, and says what to change.
    pub told: String,
    /// What only the operator's log may hold; it does not travel and is not recorded.
    #[serde(skip)]
    pub kept: Option<String>,
}

impl Stop {
    /// A stop that opening the run again does not cure.
    pub fn new(code: Code, told: impl Into<String>) -> Self {
        Self {
            code,
            retryable: false,
            told: told.into(),
            kept: None,
        }
    }

    /// The same, but opening the run again may cure it.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// The same, with what only the operator's log may hold.
    #[must_use]
    pub fn keep(mut self, kept: impl fmt::Display) -> Self {
        self.kept = Some(kept.to_string());
        self
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

impl std::error::Error for Stop {}

impl From<Stop> for Halt {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<Suspend> for Halt {
    fn from(suspend: Suspend) -> Self {
        Self::Suspend(suspend)
    }
}
