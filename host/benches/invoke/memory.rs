//! How fast this machine's memory is after a pause. Where others share its caches, everything that was not touched meanwhile
//! has to come from main memory, and whatever is done once in a while costs by the memory that it touches.

use std::time::{Duration, Instant};

/// Bytes of a line of a cache, on all that this runs on.
const LINE: usize = 64;

/// Lines: half of what the smallest cache holds.
const LINES: usize = 256;

/// How often.
const TIMES: usize = 50;

/// One line, which says where the next one is.
#[repr(align(64))]
struct Line(usize);

/// The time that one line takes after such a pause, at the median: each is known only once the one before is there.
pub(crate) async fn line_after(pause: Duration) -> Duration {
    let lines: Vec<Line> = (0..LINES).map(|line| Line(next(line))).collect();
    let mut times = Vec::new();
    for _ in 0..TIMES {
        // The shortest sleep of the runtime is a millisecond.
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        let (begin, mut at) = (Instant::now(), 0);
        for _ in 0..LINES {
            at = lines.get(at).map_or(0, |line| line.0);
        }
        times.push(begin.elapsed());
        assert_eq!(at, 0, "the lines are a ring");
    }
    crate::report::median(times) / u32::try_from(LINES).unwrap_or(u32::MAX)
}

/// A linear congruential generator of full period (Hull and Dobell, 1962) comes to every line, in no order that a processor
/// foresees.
const fn next(line: usize) -> usize {
    const { assert!(size_of::<Line>() == LINE && LINES.is_power_of_two()) };
    (line * 77 + 45) % LINES
}
