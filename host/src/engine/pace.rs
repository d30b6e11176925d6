//! How long the last runs of a skill held a thread.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Counts runs that never held a thread for long.
#[derive(Debug, Default)]
pub(crate) struct Pace(AtomicU32);

/// So many runs, one after the other, must have been short: a guest that computes long on purpose holds up the server
/// for one tick in that many runs.
const ENOUGH: u32 = 64;

/// What counts as short: between two waits, or from the beginning to the first.
const SHORT: Duration = Duration::from_micros(500);

impl Pace {
    /// Whether the next run will hold no thread for long, by all that is known.
    pub(crate) fn is_short(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= ENOUGH
    }

    /// Whether a guest that computed for so long without a wait holds up others.
    pub(crate) fn is_long(computed: Duration) -> bool {
        computed > SHORT
    }

    /// The guest of a run computed for so long at most, without a wait.
    pub(crate) fn note(&self, longest: Duration) {
        if Self::is_long(longest) {
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
