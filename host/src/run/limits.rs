//! How much one run may use, settled.

use std::time::Duration;

use registry::Limits;

/// Every limit of one run. A run that reaches one is stopped with the limit's own code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunLimits {
    /// Bytes of all memories and tables of the instance together.
    pub memory: usize,
    /// Units of fuel: about one for each instruction.
    pub fuel: u64,
    /// Time that the guest itself computes.
    pub guest_time: Duration,
    /// From the moment that the run gets its place to its end.
    pub deadline: Duration,
    /// Bytes of all files that the run makes together.
    pub files: usize,
    /// Bytes of all log lines together, their escapes counted.
    pub logs: usize,
    /// Calls to the outside, refused ones included.
    pub calls: u32,
    /// Bytes that one call sends.
    pub request: usize,
    /// Bytes that one call is answered.
    pub reply: usize,
}

impl RunLimits {
    /// Handles that the guest may hold in each table.
    pub(crate) const HANDLES: usize = 1000;
    /// Bytes that one call from guest to host may carry, and that a tool may return.
    pub(crate) const HOST_CALL: usize = 16 << 20;
    /// Random bytes that one call may ask for.
    pub(crate) const RANDOM: u64 = 1 << 20;
    /// Bytes of the arguments as JSON.
    pub(crate) const INPUT: usize = 1 << 20;
    /// Bytes of one list of headers: names, values and 64 for each.
    pub(crate) const HTTP_FIELDS: usize = 64 << 10;
    /// Bytes of all headers, bodies and replies of HTTP that the host holds for one run.
    pub(crate) const HTTP_HELD: usize = 32 << 20;
    /// Files that one run may make.
    pub(crate) const FILES: usize = 128;

    /// What an approval asked for where it asked, the default where it did not, and never more than the ceiling.
    #[must_use]
    pub fn settle(defaults: &Self, asked: &Limits, ceiling: &Self) -> Self {
        let bytes = |asked: Option<u32>, unit: usize, default: usize, most: usize| {
            asked
                .map_or(default, |number| unit.saturating_mul(number as usize))
                .min(most)
        };
        let time = |asked: Option<u32>, default: Duration, most: Duration| {
            asked
                .map_or(default, |number| Duration::from_millis(number.into()))
                .min(most)
        };
        let fuel = asked
            .fuel_millions
            .map_or(defaults.fuel, |millions| u64::from(millions) * 1_000_000);
        Self {
            memory: bytes(asked.memory_mib, 1 << 20, defaults.memory, ceiling.memory),
            fuel: fuel.min(ceiling.fuel),
            guest_time: time(asked.guest_ms, defaults.guest_time, ceiling.guest_time),
            deadline: time(asked.deadline_ms, defaults.deadline, ceiling.deadline),
            files: bytes(asked.files_mib, 1 << 20, defaults.files, ceiling.files),
            logs: bytes(asked.logs_kib, 1 << 10, defaults.logs, ceiling.logs),
            calls: asked.calls.unwrap_or(defaults.calls).min(ceiling.calls),
            request: bytes(asked.request_kib, 1 << 10, defaults.request, ceiling.request),
            reply: bytes(asked.reply_kib, 1 << 10, defaults.reply, ceiling.reply),
        }
    }

    /// The most that an operator who says nothing lets an approval ask for.
    pub const fn ceiling() -> Self {
        Self {
            memory: 512 << 20,
            fuel: 1_000_000_000_000,
            guest_time: Duration::from_secs(600),
            deadline: Duration::from_secs(24 * 3600),
            files: 512 << 20,
            logs: 16 << 20,
            calls: 10_000,
            // Encoded, it is a third more, and has to pass what one call from guest to host may carry.
            request: 12 << 20,
            // Beside its request within what the host holds for a run.
            reply: 16 << 20,
        }
    }

    /// The same for the gate, which judges each call by them.
    pub(crate) fn of_calls(&self) -> gate::Limits {
        gate::Limits {
            calls: self.calls,
            request_bytes: self.request as u64,
            reply_bytes: self.reply as u64,
            ..gate::Limits::default()
        }
    }
}

impl Default for RunLimits {
    fn default() -> Self {
        let of_calls = gate::Limits::default();
        Self {
            memory: 64 << 20,
            fuel: 10_000_000_000,
            guest_time: Duration::from_secs(10),
            deadline: Duration::from_secs(3600),
            files: 64 << 20,
            logs: 256 << 10,
            calls: of_calls.calls,
            request: bytes(of_calls.request_bytes),
            reply: bytes(of_calls.reply_bytes),
        }
    }
}

fn bytes(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
