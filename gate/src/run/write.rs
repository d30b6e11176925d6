//! What is added to the journal, and when it has to be on disk.

use super::{Mode, Run, stop};
use crate::backend::Route;
use crate::budget::Reserved;
use crate::call::{Effect, Outcome, Reply, Returned};
use crate::code::Code;
use crate::halt::{Halt, Stop};
use crate::journal::{Bill, Chosen, Ending, Entry, Event, Fence, Record};
use crate::open::{Ended, Open};
use crate::payload::{Payload, PayloadError};
use crate::refusal::Refusal;
use crate::trace::step;

/// Proof that an attempt may leave: it is recorded, where it has to be.
#[derive(Debug)]
pub(crate) struct Noted {
    pub(crate) attempt: u32,
}

impl Run {
    /// Adds an entry to what is written next.
    pub(crate) fn note(&mut self, number: u32, event: Event) {
        let at = self.now();
        self.last = at;
        self.pending.push(Record::bare(Entry { at, number, event }));
    }

    /// The same, with what the call asks, unless the journal holds that.
    pub(crate) fn note_with_call(&mut self, open: &mut Open, event: Event) -> Result<(), Stop> {
        self.note(open.call.number, event);
        if !open.shown {
            let payload = match open.json.take() {
                Some(json) => Payload::of_model(&json),
                None => Payload::of(&open.call.action).map_err(unwritable)?,
            };
            if let Some(record) = self.pending.last_mut() {
                record.call = Some(payload);
            }
            open.shown = true;
        }
        Ok(())
    }

    /// Writes everything that is still to be written, in one transaction.
    pub(crate) async fn flush(&mut self) -> Result<(), Stop> {
        let fence = self.fence()?;
        let records = std::mem::take(&mut self.pending);
        let journal = &self.journal.journal;
        let written = match self.fence {
            Some(_) => journal.append(&self.about.key, fence, records).await,
            None => journal.start(&self.about.key, records).await,
        };
        self.fence = Some(fence);
        written.map_err(|error| stop(&error))
    }

    /// Records that an attempt may leave: durable before a write or a costly read does. A plain read leaves nothing behind
    /// that anyone would have to know of.
    pub(crate) async fn sent(&mut self, open: &mut Open, route: &Route, reserved: &Reserved) -> Result<Noted, Stop> {
        step("sent");
        let attempt = reserved.attempt;
        if open.effect != Effect::Read {
            let event = Event::Sent {
                attempt,
                effect: open.effect,
                fence: self.fence()?,
                reserved: reserved.money,
                account: route.account.clone(),
                chosen: chosen(route, reserved),
            };
            self.note_with_call(open, event)?;
            self.flush().await?;
        }
        Ok(Noted { attempt })
    }

    /// Records how a call ended: durable before the guest sees it, or a resume would do it again.
    pub(crate) async fn finish(&mut self, open: &mut Open, ended: Ended) -> Result<Returned, Halt> {
        step("finish");
        let outcome = Payload::of(&ended.outcome).map_err(unwritable)?;
        let fuel = open.call.fuel;
        match &ended.outcome {
            Outcome::Refused(Refusal { step, code, .. }) => {
                let (step, code) = (*step, code.clone());
                self.note(open.call.number, Event::Refused { step, code, fuel });
            }
            Outcome::Reply(_) => self.note_with_call(open, finished(&ended, None, fuel))?,
            Outcome::Failed(failed) => self.note_with_call(open, finished(&ended, Some(&failed.code), fuel))?,
        }
        if let Some(record) = self.pending.last_mut() {
            record.outcome = Some(outcome);
        }
        self.flush().await?;
        step("finished");
        self.under_way = false;
        Ok(Returned {
            outcome: ended.outcome,
            at: self.last,
        })
    }

    /// Records how the run ended; in a replay, compares it.
    pub(crate) async fn end(&mut self, ending: Ending, fuel: u64) -> Result<(), Stop> {
        let unmet = self.cursor < self.history.order.len();
        let returned = ending == Ending::Returned;
        if let Some(ended) = &self.history.ended {
            let same = ended.ending == ending;
            return if same && !(returned && unmet) {
                Ok(())
            } else {
                Err(super::begin::diverged(0))
            };
        }
        if returned && unmet {
            return Err(super::begin::diverged(0));
        }
        if self.mode == Mode::Replay {
            return Ok(());
        }
        self.note(0, Event::Ended { ending, fuel });
        self.flush().await
    }

    /// A new run holds the first fence from its first record on.
    fn fence(&self) -> Result<Fence, Stop> {
        let new = (self.mode == Mode::Live).then_some(Fence::FIRST);
        self.fence.or(new).ok_or_else(|| {
            let told = "a replay writes nothing; resume the run instead";
            Stop::new(Code::NOT_RECORDED, told)
        })
    }
}

fn finished(ended: &Ended, code: Option<&Code>, fuel: u64) -> Event {
    Event::Finished {
        sendings: ended.sendings,
        settled: ended.settled,
        code: code.cloned(),
        fuel,
        bill: bill(&ended.outcome).map(Box::new),
        lost: ended.lost,
    }
}

fn chosen(route: &Route, reserved: &Reserved) -> Option<Box<Chosen>> {
    let (backend, model) = route.backend.model()?;
    Some(Box::new(Chosen {
        backend: backend.to_owned(),
        model: model.to_owned(),
        priced: reserved.priced,
    }))
}

fn bill(outcome: &Outcome) -> Option<Bill> {
    let Outcome::Reply(Reply::Model(reply)) = outcome else {
        return None;
    };
    let served = reply.served();
    Some(Bill {
        backend: served.backend.clone(),
        model: served.model.clone().unwrap_or_else(|| served.asked.clone()),
        usage: served.usage,
        cost: served.cost.clone(),
    })
}

fn unwritable(error: PayloadError) -> Stop {
    Stop::new(
        Code::JOURNAL_UNAVAILABLE,
        "what was asked or answered cannot be written down",
    )
    .keep(error)
}
