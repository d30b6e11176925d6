//! A call between its beginning and its end.

use std::sync::Arc;

use jiff::Timestamp;

use crate::backend::{Bound, Delivered};
use crate::call::{Binding, Call, CallDigest, Effect, Failed, Outcome};
use crate::code::Code;
use crate::dlp::Redacted;
use crate::halt::{Halt, Stop};
use crate::history::{Asked, Attempt};
use crate::refusal::Refusal;

/// A call that has no recorded outcome, and what an earlier process recorded of it.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) call: Arc<Call>,
    pub(crate) binding: Binding,
    pub(crate) digest: CallDigest,
    pub(crate) bound: Option<Arc<Bound>>,
    pub(crate) effect: Effect,
    pub(crate) asked: Option<Asked>,
    /// The latest attempt that may have left, if one may have.
    pub(crate) sent: Option<Attempt>,
    /// The attempt that came to nothing anybody knows of, and is not paid yet.
    pub(crate) owed: Option<Attempt>,
    /// How it ends, where a person decided that.
    pub(crate) decided: Option<Outcome>,
    /// Which attempt the next one is.
    pub(crate) next: u32,
    /// Whether the journal holds what was asked.
    pub(crate) shown: bool,
    /// What is asked of a model as JSON, where it was written already.
    pub(crate) json: Option<Vec<u8>>,
}

/// Why a call goes no further.
#[derive(Debug)]
pub(crate) enum Stay {
    /// The guest is told no.
    Refused(Refusal),
    /// The guest is told nothing.
    Halt(Halt),
}

/// How a call ended, ready to be recorded.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) outcome: Outcome,
    pub(crate) sendings: u32,
    pub(crate) settled: u64,
    pub(crate) lost: bool,
}

impl Ended {
    pub(crate) fn new(redacted: Redacted, delivered: &Delivered) -> Self {
        Self {
            outcome: redacted.outcome,
            sendings: delivered.sendings,
            settled: delivered.spent(),
            lost: delivered.is_lost(),
        }
    }

    /// An end to which nothing was sent.
    pub(crate) const fn free(outcome: Outcome) -> Self {
        Self {
            outcome,
            sendings: 0,
            settled: 0,
            lost: false,
        }
    }
}

impl Open {
    /// A refusal can be told only while nothing can have happened.
    pub(crate) fn refuse(&self, refusal: Refusal) -> Result<Ended, Halt> {
        if self.sent.is_some() && !self.effect.is_read() {
            return Err(self.unknown().keep(refusal).into());
        }
        if let Some(kept) = &refusal.kept {
            tracing::warn!(code = %refusal.code, kept, "a call was refused");
        }
        Ok(Ended::free(Outcome::Refused(refusal)))
    }

    /// The stop for a write of which nobody knows whether it happened.
    pub(crate) fn unknown(&self) -> Stop {
        unknown(self.call.number, &self.binding)
    }

    /// Whether a keyed write that was sent may be sent again at this time.
    pub(crate) fn window_is_open(&self, first: Timestamp, now: Timestamp) -> bool {
        let window = self.effect.window().and_then(|window| first.checked_add(window).ok());
        window.is_some_and(|end| now < end)
    }
}

pub(crate) fn unknown(number: u32, binding: &Binding) -> Stop {
    let told = format!(
        "call {number} on {binding} was sent and no reply was kept, so nobody knows whether it was carried out; look at the service, then decide whether it is sent again or the skill is told"
    );
    Stop::new(Code::OUTCOME_UNKNOWN, told)
}

/// What the guest is told after a person said to go on without knowing.
pub(crate) fn told_unknown() -> Outcome {
    Outcome::Failed(Failed {
        code: Code::OUTCOME_UNKNOWN,
        retryable: false,
        retry_after_ms: None,
        told: "this call may or may not have been carried out; look before you repeat it".to_owned(),
    })
}

impl From<Halt> for Stay {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<Stop> for Stay {
    fn from(stop: Stop) -> Self {
        Self::Halt(stop.into())
    }
}

impl From<Refusal> for Stay {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
