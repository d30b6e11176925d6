//! One call carried: sendings that change nothing are repeated, and everything else is told apart.

use std::time::Duration;

use super::{Bound, Carried, Failure, Reach, Retry, Route, Routes};
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

    /// Whether the last attempt may have left and has no answer.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(&self.carried, Err(failure) if failure.reach == Reach::Perhaps)
    }
}

impl Gate {
    /// Sends until there is a reply, a failure that is no use repeating, or a doubt that only a person can settle.
    pub(crate) async fn deliver(
        &self,
        run: &mut Run,
        open: &mut Open,
        (bound, routes): (&Bound, &mut Routes),
        mut cleared: Cleared,
        mut reserved: Reserved,
    ) -> Result<Delivered, Halt> {
        step("backend");
        // On this route, and on all of them.
        let (mut here, mut sendings) = (0, 0);
        let mut doubt = open.sent.is_some();
        loop {
            (here, sendings) = (here + 1, sendings + 1);
            let carried = send(bound, routes.now(), &cleared).await;
            let Err(failure) = &carried else {
                return Ok(delivered(carried, sendings, &reserved));
            };
            self.log(open, failure);
            doubt |= failure.reach == Reach::Perhaps;
            let next = next(bound.retry, here, failure, open.effect, doubt, routes);
            let again = match &next {
                Next::End => return settled_or_unknown(run, open, doubt, delivered(carried, sendings, &reserved)),
                Next::Again(_) => failure.reach == Reach::Perhaps && open.effect == Effect::CostlyRead,
                Next::Elsewhere => open.effect == Effect::CostlyRead,
            };
            if again {
                let lost = delivered(carried, sendings, &reserved);
                match self.attempt_again(run, open, routes.now(), &lost).await {
                    Ok((next, noted)) => {
                        cleared.again(&noted);
                        reserved = next;
                    }
                    Err(Stay::Refused(_)) => return Ok(lost),
                    Err(Stay::Halt(halt)) => return Err(halt),
                }
            }
            match next {
                Next::Again(pause) => tokio::time::sleep(pause).await,
                Next::Elsewhere | Next::End => here = 0,
            }
        }
    }

    /// The lost attempt is paid, and the next one has a reservation and an entry of its own.
    async fn attempt_again(
        &self,
        run: &mut Run,
        open: &mut Open,
        route: &Route,
        lost: &Delivered,
    ) -> Result<(Reserved, Noted), Stay> {
        let next = budget::reserve(self.purse(), run, open, route, lost.attempt + 1).await?;
        budget::settle(self.purse(), run, open, lost.attempt, lost.spent()).await;
        let event = Event::Lost {
            attempt: lost.attempt,
            settled: lost.spent(),
            unsent: !lost.is_lost(),
        };
        run.note(open.call.number, event);
        let noted = run.sent(open, route, &next).await?;
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

async fn send(bound: &Bound, route: &Route, cleared: &Cleared) -> Result<Carried, Failure> {
    let carried = tokio::time::timeout(bound.timeout, route.backend.carry(cleared)).await;
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

/// What follows a failure.
enum Next {
    /// Nothing.
    End,
    /// The same route once more, after this pause.
    Again(Duration),
    /// The next route, at once: it is the current one by now.
    Elsewhere,
}

/// A second sending of a write could be a second effect, and only what changes nothing goes to somebody else.
fn next(retry: Retry, here: u32, failure: &Failure, effect: Effect, doubt: bool, routes: &mut Routes) -> Next {
    match pause(retry, here, failure) {
        Some(pause) if !doubt || effect != Effect::Write => Next::Again(pause),
        _ if failure.elsewhere && effect.is_read() && routes.advance() => Next::Elsewhere,
        _ => Next::End,
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
