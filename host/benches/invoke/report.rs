//! The table that is printed.

use std::fmt::Display;
use std::time::Duration;

/// Prints one figure beside what it should reach.
#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
pub(crate) fn row(what: &str, seen: impl Display, target: &str) {
    println!("{what:<58} {seen:>16}   {target}");
}

/// Prints a line of explanation.
#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
pub(crate) fn note(text: impl Display) {
    println!("  {text}");
}

/// The middle of some durations.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// A duration in microseconds.
pub(crate) fn micros(time: Duration) -> String {
    format!("{:.1} µs", time.as_secs_f64() * 1e6)
}

/// A duration in milliseconds.
pub(crate) fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
