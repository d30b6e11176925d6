//! The worst case is set aside before a call leaves, and settled after.

use async_trait::async_trait;

use crate::backend::Route;
use crate::call::{Action, Binding};
use crate::code::Code;
use crate::halt::Stop;
use crate::journal::RunKey;
use crate::open::{Open, Stay};
use crate::refusal::{Refusal, Step};
use crate::run::Run;
use crate::trace::step;

/// What a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Calls in a run, refused ones included.
    pub calls: u32,
    /// Bytes of path, query, headers and body of one request.
    pub request_bytes: u64,
    /// Bytes of headers and body of one reply.
    pub reply_bytes: u64,
    /// Calls that are refused for their number before the run is stopped.
    pub patience: u32,
    /// Timers in a run.
    pub timers: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls: 256,
            request_bytes: 1024 * 1024,
            reply_bytes: 8 * 1024 * 1024,
            patience: 32,
            timers: 1000,
        }
    }
}

/// One attempt that wants money.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// For which run, and so for which tenant.
    pub run: &'a RunKey,
    /// For which call.
    pub number: u32,
    /// For which attempt of it.
    pub attempt: u32,
    /// On which binding.
    pub binding: &'a Binding,
    /// What is asked.
    pub action: &'a Action,
    /// The most that it can cost, in billionths of a US dollar; nothing where nobody knows.
    pub worst: Option<u64>,
}

/// A tenant's money. Attempts are named by run, number and attempt: asking twice for the same one reserves once,
/// settling twice pays once, so that a crash between two steps costs nothing.
#[async_trait]
pub trait Purse: Send + Sync {
    /// Sets the worst case aside, in one step with the check that it fits.
    ///
    /// # Errors
    /// [`PurseError`].
    async fn reserve(&self, ask: &Ask<'_>) -> Result<u64, PurseError>;

    /// Pays this much of what was set aside and frees the rest. It cannot fail the call, which has been carried out: the
    /// journal's entry is what the bill is made from.
    async fn settle(&self, ask: &Ask<'_>, spent: u64);
}

/// Why nothing was set aside.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PurseError {
    /// The worst case does not fit. The sentence says which budget, and what to change.
    #[error("{0}")]
    Exceeded(String),
    /// Nobody can say now.
    #[error("the budget cannot be asked")]
    Unavailable(String),
}

/// A purse that nobody filled and that is never empty: everything fits, and is counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bottomless;

#[async_trait]
impl Purse for Bottomless {
    async fn reserve(&self, ask: &Ask<'_>) -> Result<u64, PurseError> {
        Ok(ask.worst.unwrap_or_default())
    }

    async fn settle(&self, _ask: &Ask<'_>, _spent: u64) {}
}

/// Proof that the worst case is set aside.
#[derive(Debug)]
pub(crate) struct Reserved {
    pub(crate) attempt: u32,
    pub(crate) money: u64,
    /// Whether the worst case is known.
    pub(crate) priced: bool,
    pub(crate) reply_limit: u64,
}

/// Sets the worst case of an attempt aside.
pub(crate) async fn reserve(
    purse: &dyn Purse,
    run: &Run,
    open: &Open,
    route: &Route,
    attempt: u32,
) -> Result<Reserved, Stay> {
    step("reserve");
    let limits = run.limits();
    if run.calls() > limits.calls {
        let told = format!("a run may make {} calls; do more with each, or less", limits.calls);
        return Err(refused(Code::TOO_MANY_CALLS, told));
    }
    if open.call.action.size() > limits.request_bytes {
        let told = format!("a request may have {} bytes; send it in parts", limits.request_bytes);
        return Err(refused(Code::REQUEST_TOO_LARGE, told));
    }
    let ask = Ask {
        worst: route.backend.worst(&open.call.action),
        ..ask(run, open, attempt)
    };
    match purse.reserve(&ask).await {
        Ok(money) => Ok(Reserved {
            attempt,
            money,
            priced: ask.worst.is_some(),
            reply_limit: limits.reply_bytes,
        }),
        Err(PurseError::Exceeded(told)) => Err(refused(Code::BUDGET_EXCEEDED, told)),
        Err(PurseError::Unavailable(kept)) => Err(Stay::Halt(
            Stop::new(
                Code::BUDGET_UNAVAILABLE,
                "the budget cannot be asked now; try again later",
            )
            .retryable()
            .keep(kept)
            .into(),
        )),
    }
}

/// Pays for an attempt.
pub(crate) async fn settle(purse: &dyn Purse, run: &Run, open: &Open, attempt: u32, spent: u64) {
    purse.settle(&ask(run, open, attempt), spent).await;
}

fn ask<'a>(run: &'a Run, open: &'a Open, attempt: u32) -> Ask<'a> {
    Ask {
        run: run.key(),
        number: open.call.number,
        attempt,
        binding: &open.binding,
        action: &open.call.action,
        worst: None,
    }
}

fn refused(code: Code, told: String) -> Stay {
    Stay::Refused(Refusal::new(Step::Budget, code, told))
}
