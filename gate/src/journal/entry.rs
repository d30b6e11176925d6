//! One entry: numbers, names, codes and commitments; no content.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DecisionError, Fence};
use crate::call::model::{Cost, Usage};
use crate::call::{Binding, Effect};
use crate::code::Code;
use crate::refusal::Step;

/// The version of the format that this crate writes; it reads this and every earlier one.
pub const VERSION: u32 = 3;

/// Something that happened to a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Entry {
    /// When, in milliseconds.
    pub at: Timestamp,
    /// The number of the call or timer; 0 for the run as a whole.
    pub number: u32,
    /// What.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// A call came to the gate.
    Begun {
        /// On which binding.
        binding: Binding,
        /// An HMAC of the call's digest under the run's secret, in hexadecimal: it says whether a call is the same one,
        /// and nothing of what it asks once the run's secret is erased.
        commitment: String,
    },
    /// Policy decided.
    Judged {
        /// Whether the call may be made.
        allowed: bool,
        /// Whether a person has to allow it.
        ask: bool,
        /// The policies that decided, sorted.
        policies: Vec<String>,
        /// Which set of policies was in force.
        set: String,
    },
    /// The gate said no; the outcome is in the payload.
    Refused {
        /// Which step.
        step: Step,
        /// Why.
        code: Code,
        /// Fuel used before the call.
        fuel: u64,
    },
    /// A person is asked.
    Asked {
        /// When the question expires.
        until: Timestamp,
    },
    /// A person answered.
    Answered {
        /// What.
        allowed: bool,
        /// Who: the name of a token.
        by: String,
    },
    /// An attempt may leave from here on.
    Sent {
        /// 1 for the first. Repeats inside one process that change nothing are no attempts of their own.
        attempt: u32,
        /// What a crash from here on means.
        effect: Effect,
        /// Who sends.
        fence: Fence,
        /// What the budget holds for it, in billionths of a US dollar.
        reserved: u64,
        /// The account that the binding reached.
        account: String,
        /// Which model is asked, if it is one. Since version 3.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chosen: Option<Box<Chosen>>,
    },
    /// An attempt was lost and is paid as reserved.
    Lost {
        /// Which.
        attempt: u32,
        /// What was paid, in billionths of a US dollar.
        settled: u64,
        /// Whether nothing of it left, so that it cost nothing. Since version 3.
        #[serde(default, skip_serializing_if = "is_false")]
        unsent: bool,
    },
    /// The call ended; the outcome is in the payload.
    Finished {
        /// Requests that left, repeats included.
        sendings: u32,
        /// What the last attempt cost, in billionths of a US dollar.
        settled: u64,
        /// Why there is no reply, if there is none.
        code: Option<Code>,
        /// Fuel used before the call.
        fuel: u64,
        /// What a model was asked for, and what that cost. Since version 2.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bill: Option<Box<Bill>>,
        /// Whether the last attempt may have left and has no answer, so that it is paid as reserved. Since version 3.
        #[serde(default, skip_serializing_if = "is_false")]
        lost: bool,
    },
    /// A person decided about a call whose outcome nobody knows.
    Resolved {
        /// How.
        how: Resolution,
        /// Who: the name of a token.
        by: String,
    },
    /// A timer that the run waits for out of memory.
    Set {
        /// When it fires.
        until: Timestamp,
    },
    /// A timer fired.
    Fired {
        /// When it was to.
        until: Timestamp,
    },
    /// The run is over; nothing follows.
    Ended {
        /// How.
        ending: Ending,
        /// Fuel used in all.
        fuel: u64,
    },
}

/// Which model an attempt asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Chosen {
    /// The name of the backend in the binding.
    pub backend: String,
    /// The model as it is asked for there.
    pub model: String,
    /// Whether the most that it can cost is known. Where it is not, a reservation of nothing does not mean nothing.
    pub priced: bool,
}

/// What a model's answer costs, for the sums that a tenant is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Bill {
    /// The name of the backend in the binding.
    pub backend: String,
    /// The model that answered, or the one that was asked for where nobody says.
    pub model: String,
    /// What was counted, if it was.
    pub usage: Option<Usage>,
    /// What it cost; unknown is unknown and never nothing.
    pub cost: Option<Cost>,
}

/// What a person decided about a call whose outcome nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resolution {
    /// It did not happen, or may happen twice: send it again.
    Again,
    /// Tell the skill that the outcome is unknown, and go on.
    Tell,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Ending {
    /// The tool returned.
    Returned,
    /// It was stopped, which a replay reproduces.
    Stopped {
        /// Why.
        code: Code,
        /// A sentence of the host's own: no content.
        told: String,
    },
}

/// Why an entry cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// A later version of this program wrote it.
    #[error(
        "the journal holds an entry of version {found}, and this program reads up to {VERSION}; use a newer program"
    )]
    Newer {
        /// The version.
        found: u32,
    },
    /// It is not what this version writes.
    #[error("an entry of the journal cannot be read")]
    Damaged(#[source] serde_json::Error),
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Written<'a> {
    v: u32,
    at: Timestamp,
    number: u32,
    event: &'a Event,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Read {
    #[serde(rename = "v")]
    _version: u32,
    at: Timestamp,
    number: u32,
    event: Event,
}

impl Entry {
    /// The entry as it is kept: one line of JSON that begins with its version.
    ///
    /// # Errors
    /// [`EntryError::Damaged`] for what JSON cannot hold, which no entry does.
    pub fn encode(&self) -> Result<String, EntryError> {
        serde_json::to_string(&Written {
            v: VERSION,
            at: self.at,
            number: self.number,
            event: &self.event,
        })
        .map_err(EntryError::Damaged)
    }

    /// Reads what [`Entry::encode`] wrote, in this version or an earlier one.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn decode(line: &str) -> Result<Self, EntryError> {
        let Versioned { v } = serde_json::from_str(line).map_err(EntryError::Damaged)?;
        if v > VERSION {
            return Err(EntryError::Newer { found: v });
        }
        let Read { at, number, event, .. } = serde_json::from_str(line).map_err(EntryError::Damaged)?;
        Ok(Self { at, number, event })
    }

    /// Whether a person's decision fits what is recorded of the run. A journal asks this inside the transaction that
    /// adds it.
    ///
    /// # Errors
    /// [`DecisionError`].
    pub fn fits<'a>(&self, recorded: impl IntoIterator<Item = &'a Self>) -> Result<(), DecisionError> {
        let call = recorded.into_iter().filter(|entry| entry.number == self.number);
        match &self.event {
            Event::Answered { .. } => self.answers(call),
            Event::Resolved { .. } => resolves(call),
            _ => Err(DecisionError::NotAsked),
        }
    }

    fn answers<'a>(&self, call: impl Iterator<Item = &'a Self>) -> Result<(), DecisionError> {
        let mut open = Err(DecisionError::NotAsked);
        for entry in call {
            match &entry.event {
                Event::Asked { until } if *until <= self.at => open = Err(DecisionError::Expired),
                Event::Asked { .. } => open = Ok(()),
                Event::Answered { .. } => open = Err(DecisionError::AlreadyAnswered),
                Event::Refused { .. } => open = open.and(Err(DecisionError::Expired)),
                _ => {}
            }
        }
        open
    }
}

/// Only a write that was sent and not finished waits for a person, and only once.
fn resolves<'a>(call: impl Iterator<Item = &'a Entry>) -> Result<(), DecisionError> {
    let mut open = Err(DecisionError::NotAsked);
    for entry in call {
        match &entry.event {
            Event::Sent { effect, .. } if !effect.is_read() => open = Ok(()),
            Event::Resolved { .. } => open = Err(DecisionError::AlreadyAnswered),
            Event::Finished { .. } => open = open.and(Err(DecisionError::NotAsked)),
            _ => {}
        }
    }
    open
}
