//! A circuit breaker: whoever fails several times in a row is left alone for a while.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Failures in a row after which a backend is left alone.
const FAILURES: u32 = 5;
/// For how long.
const REST: Duration = Duration::from_secs(30);

/// How one backend has been.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    rests_until: Option<Instant>,
}

/// One call under way. One that is broken off, because it took too long, counts as failed.
#[derive(Debug)]
pub(super) struct Trial<'a> {
    breaker: &'a Breaker,
    ended: bool,
}

impl Breaker {
    /// Whether the backend is to be asked like any other. After its rest it is, once: another failure and it rests again.
    pub(super) fn is_closed(&self) -> bool {
        self.state().rests_until.is_none_or(|until| until <= Instant::now())
    }

    pub(super) const fn begin(&self) -> Trial<'_> {
        Trial {
            breaker: self,
            ended: false,
        }
    }

    fn failed(&self) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.rests_until = Some(Instant::now() + REST);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Trial<'_> {
    pub(super) fn answered(mut self) {
        self.ended = true;
        *self.breaker.state() = State::default();
    }

    pub(super) fn failed(mut self) {
        self.ended = true;
        self.breaker.failed();
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if !self.ended {
            self.breaker.failed();
        }
    }
}
