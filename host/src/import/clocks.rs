//! `wasi:clocks`: time that stands still while a guest computes, and moves when a timer fires.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use jiff::Timestamp;
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::clocks::{monotonic_clock, wall_clock};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

use crate::run::guest::Guest;

/// Nanoseconds of the finest step that a guest sees. A finer clock would measure the host's caches.
const STEP: u64 = 1_000_000;

/// The time of one run. Both clocks read it, and each timer looks at it.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Milliseconds since 1970 at the run's first instruction.
    start: u64,
    /// Nanoseconds since the run's start: whole steps.
    now: AtomicU64,
    /// Nanoseconds that timers took of it.
    waited: AtomicU64,
    /// The earliest moment that a timer asked for since the last look.
    next: AtomicU64,
}

/// A moment that a guest may wait for.
struct Timer {
    clock: Arc<Clock>,
    at: u64,
}

impl Clock {
    pub(crate) fn new(start: Timestamp) -> Self {
        Self {
            // A guest cannot be told of a time before 1970.
            start: u64::try_from(start.as_millisecond()).unwrap_or(0),
            now: AtomicU64::new(0),
            waited: AtomicU64::new(0),
            next: AtomicU64::new(u64::MAX),
        }
    }

    /// Forgets what timers asked for, before they are looked at anew.
    pub(crate) fn look(&self) {
        self.next.store(u64::MAX, Ordering::Relaxed);
    }

    /// How long until the earliest timer among those that were just looked at; none where there was no timer.
    pub(crate) fn wait(&self) -> Option<Duration> {
        let next = self.next.load(Ordering::Relaxed);
        (next != u64::MAX).then(|| Duration::from_nanos(next.saturating_sub(self.now())))
    }

    /// Moves on by what [`Clock::wait`] said.
    pub(crate) fn pass(&self, wait: Duration) {
        let nanos = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
        self.now.store(self.now().saturating_add(nanos), Ordering::Relaxed);
        let waited = self.waited.load(Ordering::Relaxed).saturating_add(nanos);
        self.waited.store(waited, Ordering::Relaxed);
    }

    /// Moves on to a moment, or stays where that moment has passed.
    pub(crate) fn move_to(&self, moment: Timestamp) {
        let millis = u64::try_from(moment.as_millisecond()).unwrap_or(0);
        let now = millis.saturating_sub(self.start).saturating_mul(STEP);
        self.now.fetch_max(now, Ordering::Relaxed);
    }

    /// The moment that the guest's clocks will show after so long.
    pub(crate) fn after(&self, wait: Duration) -> Timestamp {
        let millis = u128::from(self.start) + u128::from(self.now() / STEP) + wait.as_millis();
        let moment = i64::try_from(millis).ok().map(Timestamp::from_millisecond);
        moment.and_then(Result::ok).unwrap_or(Timestamp::MAX)
    }

    /// Time that timers took. Calls are not in it: they have limits of their own, and a person may take days.
    pub(crate) fn waited(&self) -> Duration {
        Duration::from_nanos(self.waited.load(Ordering::Relaxed))
    }

    fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// Whether this moment has come; if not, notes that somebody waits for it.
    fn reached(&self, at: u64) -> bool {
        let reached = at <= self.now();
        if !reached {
            self.next.fetch_min(at, Ordering::Relaxed);
        }
        reached
    }

    fn wall(&self) -> wall_clock::Datetime {
        let millis = self.start.saturating_add(self.now() / STEP);
        wall_clock::Datetime {
            seconds: millis / 1000,
            nanoseconds: u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000,
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Timer {
    async fn ready(&mut self) {
        // Nobody is woken: whoever looks, looks again after it moved the clock.
        std::future::poll_fn(|_| match self.clock.reached(self.at) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }
}

impl wall_clock::Host for Guest {
    fn now(&mut self) -> Result<wall_clock::Datetime> {
        Ok(self.clock.wall())
    }

    fn resolution(&mut self) -> Result<wall_clock::Datetime> {
        Ok(wall_clock::Datetime {
            seconds: 0,
            nanoseconds: 1_000_000,
        })
    }
}

impl monotonic_clock::Host for Guest {
    fn now(&mut self) -> Result<monotonic_clock::Instant> {
        Ok(self.clock.now())
    }

    fn resolution(&mut self) -> Result<monotonic_clock::Duration> {
        Ok(STEP)
    }

    fn subscribe_instant(&mut self, when: monotonic_clock::Instant) -> Result<Resource<DynPollable>> {
        let timer = Timer {
            clock: Arc::clone(&self.clock),
            // Rounded up to a whole step, so that time never stands between two.
            at: when.checked_next_multiple_of(STEP).unwrap_or(u64::MAX),
        };
        let timer = self.table.push(timer)?;
        subscribe(&mut self.table, timer)
    }

    fn subscribe_duration(&mut self, duration: monotonic_clock::Duration) -> Result<Resource<DynPollable>> {
        let when = self.clock.now().saturating_add(duration);
        monotonic_clock::Host::subscribe_instant(self, when)
    }
}
