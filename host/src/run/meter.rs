//! How long a guest computed: the processor's time inside polls of its future, and none of the waits between them.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The time that one guest computed.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// Nanoseconds of polls that ended.
    spent: AtomicU64,
    /// When the poll that is under way began, on the clock of its thread.
    began: AtomicU64,
    /// Nanoseconds of the longest poll.
    longest: AtomicU64,
}

/// A future whose polls are measured.
pub(crate) struct Metered<F> {
    meter: Arc<Meter>,
    future: Pin<Box<F>>,
}

impl Meter {
    /// The time spent, seen from inside a poll.
    pub(crate) fn so_far(&self) -> Duration {
        let under_way = nanos().saturating_sub(self.began.load(Ordering::Relaxed));
        self.spent() + Duration::from_nanos(under_way)
    }

    /// The time spent in polls that ended.
    pub(crate) fn spent(&self) -> Duration {
        Duration::from_nanos(self.spent.load(Ordering::Relaxed))
    }

    /// The longest time that was spent in one poll.
    pub(crate) fn longest(&self) -> Duration {
        Duration::from_nanos(self.longest.load(Ordering::Relaxed))
    }

    fn begin(&self) {
        self.began.store(nanos(), Ordering::Relaxed);
    }

    fn end(&self) {
        let poll = nanos().saturating_sub(self.began.load(Ordering::Relaxed));
        self.spent.fetch_add(poll, Ordering::Relaxed);
    }
}

/// What this thread has computed, in nanoseconds. A clock on the wall would count against the guest what other threads
/// did on a busy machine.
fn nanos() -> u64 {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(spent).map_or(0, |spent| u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX))
}

impl<F> Metered<F> {
    pub(crate) fn new(meter: Arc<Meter>, future: F) -> Self {
        Self {
            meter,
            future: Box::pin(future),
        }
    }
}

impl<F: Future> Future for Metered<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.get_mut();
        let before = this.meter.spent.load(Ordering::Relaxed);
        this.meter.begin();
        let polled = this.future.as_mut().poll(context);
        this.meter.end();
        let spent = this.meter.spent.load(Ordering::Relaxed) - before;
        this.meter.longest.fetch_max(spent, Ordering::Relaxed);
        polled
    }
}
