//! What time it is outside of the sandbox.

use jiff::Timestamp;

/// The host's clock. What a guest sees is recorded; this is never asked twice for the same thing.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
