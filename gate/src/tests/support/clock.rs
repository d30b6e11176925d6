//! A clock that tests move.

use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;

use crate::Clock;

/// Stands still until it is moved.
pub(crate) struct FakeClock(Mutex<Timestamp>);

impl Default for FakeClock {
    fn default() -> Self {
        Self(Mutex::new("2026-11-21T10:00:00Z".parse().unwrap()))
    }
}

impl FakeClock {
    pub(crate) fn move_by(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now += by;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}
