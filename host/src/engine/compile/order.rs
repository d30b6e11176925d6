//! What the compiler's process is told before it sees the component.

use std::io::{self, Read};
use std::process;
use std::time::Duration;

/// The first bytes of its standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// The process that waits for the answer; without it there is nothing to do.
    pub(crate) parent: u32,
    /// Bytes of the component that follow.
    pub(crate) length: u64,
    /// What the compiler may use.
    pub(crate) limits: CompileLimits,
}

/// How much the compilation of one component may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileLimits {
    /// Bytes of address space.
    pub memory: u64,
    /// Time of the processor, in whole seconds.
    pub cpu: Duration,
    /// Time in all.
    pub wall: Duration,
    /// Bytes of compiled code.
    pub output: u64,
}

impl Order {
    /// Bytes of an order.
    const SIZE: usize = 5 * 8;

    /// An order of this process.
    pub(crate) fn new(length: usize, limits: CompileLimits) -> Self {
        Self {
            parent: process::id(),
            length: length as u64,
            limits,
        }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let limits = &self.limits;
        let fields = [
            u64::from(self.parent),
            self.length,
            limits.memory,
            limits.cpu.as_secs(),
            limits.output,
        ];
        fields.iter().flat_map(|field| field.to_le_bytes()).collect()
    }

    /// # Errors
    /// Where the input ends early.
    pub(crate) fn read(mut from: impl Read) -> io::Result<Self> {
        let mut bytes = [0; Self::SIZE];
        from.read_exact(&mut bytes)?;
        let mut fields = bytes.chunks_exact(8).filter_map(|field| field.first_chunk().copied());
        let mut next = || fields.next().map(u64::from_le_bytes).ok_or(io::ErrorKind::InvalidData);
        Ok(Self {
            parent: u32::try_from(next()?).map_err(|_| io::ErrorKind::InvalidData)?,
            length: next()?,
            limits: CompileLimits {
                memory: next()?,
                cpu: Duration::from_secs(next()?),
                // The parent's clock, not the compiler's.
                wall: Duration::ZERO,
                output: next()?,
            },
        })
    }
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            memory: 4 << 30,
            cpu: Duration::from_secs(180),
            wall: Duration::from_secs(300),
            output: 512 << 20,
        }
    }
}

#[cfg(test)]
mod tests;
