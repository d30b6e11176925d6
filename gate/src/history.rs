//! What the journal says of a run, folded by call.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::call::Effect;
use crate::code::Code;
use crate::halt::Stop;
use crate::journal::{Ending, Entry, Event, Record, Resolution};
use crate::payload::Payload;

/// Every call and timer of a run, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) order: Vec<u32>,
    pub(crate) past: BTreeMap<u32, Past>,
    pub(crate) ended: Option<Ended>,
    pub(crate) last: Timestamp,
    /// How long the run stood still until a person decided.
    for_people: SignedDuration,
    /// Whether the last entry is a question to a person.
    asking: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub ending: Ending,
    /// Fuel used in all: where a stop is that replay reproduces.
    pub fuel: u64,
}

#[derive(Debug)]
pub(crate) enum Past {
    Call(Box<PastCall>),
    Timer { until: Timestamp, fired: bool },
}

#[derive(Debug)]
pub(crate) struct PastCall {
    pub(crate) commitment: String,
    pub(crate) asked: Option<Asked>,
    pub(crate) sent: Option<Attempt>,
    /// An attempt that a person gave up, and that is not paid yet.
    pub(crate) owed: Option<Attempt>,
    pub(crate) attempts: u32,
    pub(crate) shown: bool,
    pub(crate) told: bool,
    pub(crate) outcome: Option<(Timestamp, Payload)>,
}

/// A question to a person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) until: Timestamp,
    pub(crate) answer: Option<bool>,
}

/// An attempt that may have left and has no outcome.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) number: u32,
    pub(crate) effect: Effect,
    pub(crate) reserved: u64,
    pub(crate) account: String,
    /// When the first sending under this key may have left.
    pub(crate) first: Timestamp,
    /// Whether it was paid as lost.
    pub(crate) lost: bool,
}

impl History {
    /// Folds what a journal returned.
    pub(crate) fn fold(records: Vec<Record>) -> Result<Self, Stop> {
        let mut history = Self::default();
        for record in records {
            history.take_time(&record.entry);
            history.take(record)?;
        }
        Ok(history)
    }

    /// How long the run stood still until a person decided, by this time.
    pub(crate) fn for_people(&self, now: Timestamp) -> SignedDuration {
        let standing = now.max(self.last).duration_since(self.last);
        self.for_people + if self.asking { standing } else { SignedDuration::ZERO }
    }

    /// While a person is asked nothing else happens, so that the next entry says how long it took.
    fn take_time(&mut self, entry: &Entry) {
        let at = self.last.max(entry.at);
        if self.asking || matches!(entry.event, Event::Resolved { .. }) {
            self.for_people += at.duration_since(self.last);
        }
        self.asking = matches!(entry.event, Event::Asked { .. });
        self.last = at;
    }

    fn take(&mut self, record: Record) -> Result<(), Stop> {
        let number = record.entry.number;
        match &record.entry.event {
            Event::Ended { ending, fuel } => {
                self.ended = Some(Ended {
                    ending: ending.clone(),
                    fuel: *fuel,
                });
                Ok(())
            }
            Event::Begun { commitment, .. } => {
                let call = PastCall::begun(commitment.clone());
                self.add(number, Past::Call(Box::new(call)))
            }
            Event::Set { until } => self.add(
                number,
                Past::Timer {
                    until: *until,
                    fired: false,
                },
            ),
            Event::Fired { until } => self.fire(number, *until),
            _ => match self.past.get_mut(&number) {
                Some(Past::Call(call)) => call.take(record).ok_or_else(damaged),
                _ => Err(damaged()),
            },
        }
    }

    fn fire(&mut self, number: u32, until: Timestamp) -> Result<(), Stop> {
        if let Some(Past::Timer { fired, .. }) = self.past.get_mut(&number) {
            *fired = true;
            return Ok(());
        }
        self.add(number, Past::Timer { until, fired: true })
    }

    fn add(&mut self, number: u32, past: Past) -> Result<(), Stop> {
        self.order.push(number);
        match self.past.insert(number, past) {
            None => Ok(()),
            Some(_) => Err(damaged()),
        }
    }
}

impl PastCall {
    const fn begun(commitment: String) -> Self {
        Self {
            commitment,
            asked: None,
            sent: None,
            owed: None,
            attempts: 0,
            shown: false,
            told: false,
            outcome: None,
        }
    }

    fn pay(&mut self) -> Option<()> {
        if self.owed.take().is_none() {
            self.sent.as_mut()?.lost = true;
        }
        Some(())
    }

    /// Takes the next record of the call; none where it cannot follow.
    fn take(&mut self, record: Record) -> Option<()> {
        self.shown |= record.call.is_some();
        let at = record.entry.at;
        match record.entry.event {
            Event::Judged { .. } => {}
            Event::Refused { .. } | Event::Finished { .. } => self.outcome = Some((at, record.outcome?)),
            Event::Asked { until } => self.asked = Some(Asked { until, answer: None }),
            Event::Answered { allowed, .. } => self.asked.as_mut()?.answer = Some(allowed),
            Event::Lost { .. } => self.pay()?,
            Event::Resolved { how, .. } => {
                self.owed = Some(self.sent.take()?);
                self.told = how == Resolution::Tell;
            }
            Event::Sent {
                attempt,
                effect,
                reserved,
                account,
                ..
            } => {
                self.attempts = attempt;
                self.sent = Some(Attempt {
                    number: attempt,
                    effect,
                    reserved,
                    account,
                    first: self.sent.as_ref().map_or(at, |sent| sent.first),
                    lost: false,
                });
            }
            Event::Begun { .. } | Event::Set { .. } | Event::Fired { .. } | Event::Ended { .. } => return None,
        }
        Some(())
    }
}

pub(crate) fn damaged() -> Stop {
    Stop::new(
        Code::JOURNAL_DAMAGED,
        "the journal of this run cannot be read; restore it from a backup, or invoke the tool again",
    )
}
