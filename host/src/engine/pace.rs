//! How long the last runs of a skill took.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Counts short runs.
#[derive(Debug, Default)]
pub(crate) struct Pace(AtomicU32);

/// So many runs, one after the other, must have been short: a guest that computes long on purpose holds up the server
/// for one tick in that many runs.
const ENOUGH: u32 = 64;

/// What counts as short.
const SHORT: Duration = Duration::from_micros(250);

impl Pace {
    /// Whether the next run will be short, by all that is known.
    pub(crate) fn is_short(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= ENOUGH
    }

    /// A run took so long.
    pub(crate) fn note(&self, guest_time: Duration) {
        if guest_time > SHORT {
            self.0.store(0, Ordering::Relaxed);
        } else if !self.is_short() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_long_run_takes_many_short_ones_to_make_good() {
        let (pace, short) = (Pace::default(), Duration::from_micros(10));
        for _ in 0..2 {
            for _ in 0..ENOUGH {
                assert!(!pace.is_short());
                pace.note(short);
            }
            assert!(pace.is_short());
            pace.note(Duration::from_millis(2));
            assert!(!pace.is_short());
        }
    }
}
