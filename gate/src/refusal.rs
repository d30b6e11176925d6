//! The gate said no, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::code::Code;

/// The step of the gate that refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// No grant, or a policy against it.
    Policy,
    /// Something would leave that must not.
    Dlp,
    /// A person did not allow it.
    Consent,
    /// It does not fit what is left.
    Budget,
}

/// A refusal: recorded, replayed, and told to the guest. The same call is refused again until somebody changes what the
/// sentence names, so it is never worth a retry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Refusal {
    /// Which step refused.
    pub step: Step,
    /// What to branch on.
    pub code: Code,
    /// What is safe to show, and says what to change.
    pub told: String,
    /// What only the operator's log may hold; it does not travel and is not recorded.
    #[serde(skip)]
    pub kept: Option<String>,
}

impl Refusal {
    pub(crate) fn new(step: Step, code: Code, told: impl Into<String>) -> Self {
        Self {
            step,
            code,
            told: told.into(),
            kept: None,
        }
    }

    /// The same, with what only the operator's log may hold.
    #[must_use]
    pub(crate) fn keep(mut self, kept: Option<String>) -> Self {
        self.kept = kept;
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

impl std::error::Error for Refusal {}
