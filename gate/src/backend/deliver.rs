//! One call carried: sendings that change nothing are repeated, and everything else is told apart.

use std::time::Duration;

use super::{Bound, Carried, Failure, Reach, Retry};
use crate::Gate;
use crate::budget::{self, Reserved};
use crate::call::Effect;
use crate::cleared::Cleared;
use crate::code::Code;
use crate::halt::Halt;
use crate::journal::Event;
use crate::open::{Open, Stay};
use crate::run::{Noted, Run};
use crate::trace::step;

/// What came of the sendings.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) carried: Result<Carried, Failure>,
    pub(crate) sendings: u32,
    /// The attempt that is left to be settled, and what was set aside for it.
    pub(crate) attempt: u32,
    pub(crate) reserved: u64,
}

impl Delivered {
    /// What the last attempt cost: a lost one its reservation, one that never left nothing.
    pub(crate) fn spent(&self) -> u64 {
        match &self.carried {
            Ok(carried) => carried.spent.unwrap_or(self.reserved),
            Err(failure) if failure.reach == Reach::Perhaps => self.reserved,
            Err(_) => 0,
        }
    }
}

impl Gate {
    /// Sends until there is a reply, a failure that is no use repeating, or a doubt that only a person can settle.
    pub(crate) async fn deliver(
        &self,
        run: &mut Run,
        open: &mut Open,
        bound: &Bound,
        mut cleared: Cleared,
        mut reserved: Reserved,
    ) -> Result<Delivered, Halt> {
        step("backend");
        let mut sendings = 0;
        let mut doubt = open.sent.is_some();
        loop {
            sendings += 1;
            let carried = send(bound, &cleared).await;
            let Err(failure) = &carried else {
                return Ok(delivered(carried, sendings, &reserved));
            };
            self.log(open, failure);
            doubt |= failure.reach == Reach::Perhaps;
            let pause = pause(bound.retry, sendings, failure);
            // A second sending of this could be a second effect.
            let Some(pause) = pause.filter(|_| !doubt || open.effect != Effect::Write) else {
                return settled_or_unknown(run, open, doubt, delivered(carried, sendings, &reserved));
            };
            if failure.reach == Reach::Perhaps && open.effect == Effect::CostlyRead {
                match self.attempt_again(run, open, &reserved).await {
                    Ok((next, noted)) => {
                        cleared.again(&noted);
                        reserved = next;
                    }
                    Err(Stay::Refused(_)) => return Ok(delivered(carried, sendings, &reserved)),
                    Err(Stay::Halt(halt)) => return Err(halt),
                }
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// The lost attempt is paid, and the next one has a reservation and an entry of its own.
    async fn attempt_again(&self, run: &mut Run, open: &mut Open, lost: &Reserved) -> Result<(Reserved, Noted), Stay> {
        let next = budget::reserve(self.purse(), run, open, lost.attempt + 1).await?;
        budget::settle(self.purse(), run, open, lost.attempt, lost.money).await;
        let event = Event::Lost {
            attempt: lost.attempt,
            settled: lost.money,
        };
        run.note(open.call.number, event);
        let noted = run.sent(open, &next).await?;
        Ok((next, noted))
    }

    fn log(&self, open: &Open, failure: &Failure) {
        let kept = failure.kept.as_deref().unwrap_or_default();
        tracing::warn!(
            number = open.call.number,
            binding = %open.binding,
            code = %failure.code,
            told = self.redact_text(&failure.told),
            kept = self.redact_text(kept),
            "a backend did not answer"
        );
    }
}

/// A write of which nobody knows whether it happened is never told as a failure: the guest would repeat it.
fn settled_or_unknown(run: &Run, open: &Open, doubt: bool, delivered: Delivered) -> Result<Delivered, Halt> {
    if !doubt || open.effect.is_read() {
        return Ok(delivered);
    }
    let stop = open.unknown();
    let first = open.sent.as_ref().map_or_else(|| run.now(), |sent| sent.first);
    let again = open.window_is_open(first, run.now());
    Err(if again { stop.retryable() } else { stop }.into())
}

async fn send(bound: &Bound, cleared: &Cleared) -> Result<Carried, Failure> {
    let carried = tokio::time::timeout(bound.timeout, bound.backend.carry(cleared)).await;
    let carried = carried.unwrap_or_else(|_| {
        let told = "the service did not answer in time; try again, or ask for less";
        Err(Failure::perhaps_sent(Code::TIMED_OUT, told).retryable(None))
    })?;
    if carried.reply.size() > cleared.reply_limit() {
        let told = format!(
            "the service answered, with more than {} bytes; ask for less",
            cleared.reply_limit()
        );
        return Err(Failure::perhaps_sent(Code::REPLY_TOO_LARGE, told));
    }
    Ok(carried)
}

fn delivered(carried: Result<Carried, Failure>, sendings: u32, reserved: &Reserved) -> Delivered {
    Delivered {
        carried,
        sendings,
        attempt: reserved.attempt,
        reserved: reserved.money,
    }
}

/// How long to wait before the next sending; none where there is none.
fn pause(retry: Retry, sendings: u32, failure: &Failure) -> Option<Duration> {
    if !failure.retryable || sendings >= retry.sendings {
        return None;
    }
    let own = retry
        .pause
        .saturating_mul(1 << (sendings - 1).min(16))
        .min(retry.longest);
    let asked = failure.retry_after.unwrap_or_default();
    (asked <= retry.longest).then_some(own.max(asked))
}
