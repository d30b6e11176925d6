//! The first step: what the journal already holds is returned, and nothing else is done.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Mode, Run};
use crate::backend::Bindings;
use crate::call::{Binding, Call, CallDigest, Effect, Returned};
use crate::code::Code;
use crate::halt::Stop;
use crate::history::{Attempt, Past, PastCall, damaged};
use crate::journal::{Ending, Event};
use crate::open::{Open, told_unknown, unknown};
use crate::trace::step;

/// A call at its beginning.
#[derive(Debug)]
pub(crate) enum Begun {
    /// Its outcome is recorded.
    Recorded(Returned),
    /// It has to be judged and made, or at least recorded.
    Open(Box<Open>),
}

/// What a call is, before anything is looked up.
struct Asking {
    call: Arc<Call>,
    binding: Binding,
    digest: CallDigest,
    commitment: String,
    json: Option<Vec<u8>>,
}

impl Run {
    /// Looks a call up.
    pub(crate) fn begin(&mut self, bindings: &Bindings, call: Call) -> Result<Begun, Stop> {
        step("begin");
        self.enter(call.number)?;
        self.count()?;
        let asking = self.asking(call)?;
        let at = self.meet(asking.call.number)?;
        let recorded = at.and_then(|number| self.history.past.get(&number));
        let begun = match recorded {
            None => {
                self.may_go_live(asking.call.number)?;
                self.fresh(asking, bindings)
            }
            Some(Past::Call(past)) if past.commitment == asking.commitment => self.met(asking, past, bindings)?,
            Some(_) => return Err(diverged(asking.call.number)),
        };
        if let Begun::Recorded(returned) = &begun {
            self.under_way = false;
            self.last = self.last.max(returned.at);
        }
        Ok(begun)
    }

    /// A refusal ends nothing, so a guest that goes on after many is stopped: each of them is an entry.
    fn count(&mut self) -> Result<(), Stop> {
        self.calls += 1;
        let limits = self.about.limits;
        if self.calls > limits.calls.saturating_add(limits.patience) {
            let told = format!(
                "a run may make {} calls, and this one did not stop; do more with each",
                limits.calls
            );
            return Err(Stop::new(Code::TOO_MANY_REFUSALS, told));
        }
        Ok(())
    }

    /// One call or timer at a time, and a number once.
    pub(super) fn enter(&mut self, number: u32) -> Result<(), Stop> {
        if std::mem::replace(&mut self.under_way, true) {
            let told = "the run was interrupted in a call; open it again, and it goes on from its journal";
            return Err(Stop::new(Code::RUN_INTERRUPTED, told).retryable());
        }
        if number == 0 || !self.numbers.insert(number) {
            return Err(diverged(number));
        }
        Ok(())
    }

    /// A run is deterministic, so it comes to what is recorded in the recorded order, and to nothing else before.
    pub(super) fn meet(&mut self, number: u32) -> Result<Option<u32>, Stop> {
        let Some(next) = self.history.order.get(self.cursor) else {
            return Ok(None);
        };
        if *next != number {
            return Err(diverged(number));
        }
        self.cursor += 1;
        Ok(Some(number))
    }

    /// What is not recorded can happen only to a run that goes on.
    pub(super) fn may_go_live(&self, number: u32) -> Result<(), Stop> {
        match (&self.history.ended, self.mode) {
            (Some(ended), _) => Err(match &ended.ending {
                Ending::Stopped { code, told } => Stop::new(code.clone(), told.clone()),
                Ending::Returned => diverged(number),
            }),
            (None, Mode::Replay) => {
                let told = format!("the journal ends before number {number}; a replay goes no further");
                Err(Stop::new(Code::NOT_RECORDED, told))
            }
            (None, Mode::Live | Mode::Resume) => Ok(()),
        }
    }

    fn asking(&self, call: Call) -> Result<Asking, Stop> {
        if !call.action.is_whole() {
            let told = "the call names bytes that it does not bring; send the body whole";
            return Err(Stop::new(Code::CALL_INCOMPLETE, told));
        }
        let (digest, json) = call.digest_and_json();
        Ok(Asking {
            binding: call.binding(),
            commitment: self.about.secret.commitment(&digest),
            call: Arc::new(call),
            digest,
            json,
        })
    }

    fn fresh(&mut self, asking: Asking, bindings: &Bindings) -> Begun {
        let number = asking.call.number;
        let (binding, commitment) = (asking.binding.clone(), asking.commitment.clone());
        let open = self.opened(asking, None, bindings);
        self.note(number, Event::Begun { binding, commitment });
        Begun::Open(Box::new(open))
    }

    fn met(&self, asking: Asking, past: &PastCall, bindings: &Bindings) -> Result<Begun, Stop> {
        if let Some((at, payload)) = &past.outcome {
            let outcome = payload.outcome().map_err(|error| damaged().keep(error))?;
            return Ok(Begun::Recorded(Returned { outcome, at: *at }));
        }
        self.may_go_live(asking.call.number)?;
        let open = self.opened(asking, Some(past), bindings);
        if self.lost_for_good(&open) {
            return Err(unknown(open.call.number, &open.binding));
        }
        Ok(Begun::Open(Box::new(open)))
    }

    fn opened(&self, asking: Asking, past: Option<&PastCall>, bindings: &Bindings) -> Open {
        let bound = bindings.find(&self.about.key.tenant, &asking.binding);
        let effect = bound
            .as_ref()
            .map_or(Effect::Write, |bound| bound.effect(&asking.call.action));
        let sent = past.and_then(|past| past.sent.clone());
        let lost = sent
            .clone()
            .filter(|sent| sent.effect == Effect::CostlyRead && !sent.lost);
        Open {
            call: asking.call,
            binding: asking.binding,
            digest: asking.digest,
            bound,
            effect,
            asked: past.and_then(|past| past.asked),
            owed: past.and_then(|past| past.owed.clone()).or(lost),
            decided: past.is_some_and(|past| past.told).then(told_unknown),
            next: next(past, sent.as_ref()),
            sent,
            shown: past.is_some_and(|past| past.shown),
            json: asking.json,
        }
    }

    /// Sent without finish. A read is made again. A keyed write is, with the same key, while the service remembers it and
    /// the account is the same. Of any other write nobody knows.
    fn lost_for_good(&self, open: &Open) -> bool {
        let Some(sent) = &open.sent else {
            return false;
        };
        match (sent.effect, open.effect) {
            (Effect::Read | Effect::CostlyRead, Effect::Read | Effect::CostlyRead) => false,
            (Effect::KeyedWrite { .. }, Effect::KeyedWrite { .. }) => {
                let account = open
                    .bound
                    .as_ref()
                    .is_some_and(|bound| bound.carriers.reach(&sent.account));
                !account || !open.window_is_open(sent.first, self.now())
            }
            _ => true,
        }
    }
}

/// The service takes a keyed write that is sent again for the same one, so it is the same attempt and costs once.
fn next(past: Option<&PastCall>, sent: Option<&Attempt>) -> u32 {
    match sent {
        Some(sent) if !sent.effect.is_read() => sent.number,
        _ => past.map_or(0, |past| past.attempts) + 1,
    }
}

/// The run does something else than its journal says.
pub(super) fn diverged(number: u32) -> Stop {
    let told = format!(
        "at number {number} the run does something else than its journal says; run it with the skill and the host that recorded it"
    );
    Stop::new(Code::DIVERGED, told)
}

/// Used by timers too, which are recorded without content.
pub(super) fn same_time(recorded: Timestamp, asked: Timestamp, number: u32) -> Result<(), Stop> {
    if recorded == asked {
        Ok(())
    } else {
        Err(diverged(number))
    }
}
