//! The memory of one run: all memories and tables of its instance, summed.

use wasmtime::{Error, ResourceLimiter, Result};

use crate::engine::pool::Pool;

/// Counts what the guest holds. Wasmtime asks before each memory or table is made or grows.
#[derive(Debug)]
pub(crate) struct Memory {
    limit: usize,
    used: usize,
    /// What was granted last, to be given back should the growth fail.
    granted: usize,
    refused: bool,
}

impl Memory {
    /// Up to this many bytes.
    pub(crate) const fn new(limit: usize) -> Self {
        Self {
            limit,
            used: 0,
            granted: 0,
            refused: false,
        }
    }

    /// Whether the guest asked for more than it may have. It was told so, and may go on with what it has; where it
    /// breaks instead, this is why.
    pub(crate) const fn refused(&self) -> bool {
        self.refused
    }

    fn grow(&mut self, current: usize, desired: usize) -> bool {
        let more = desired.saturating_sub(current);
        let used = self.used.saturating_add(more);
        if used > self.limit {
            self.refused = true;
            return false;
        }
        self.used = used;
        self.granted = more;
        true
    }

    fn failed(&mut self) {
        self.used = self.used.saturating_sub(self.granted);
        self.granted = 0;
        self.refused = true;
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        // Beyond the maximum that the guest itself declared, nothing was asked of the host.
        let declared = maximum.is_some_and(|maximum| desired > maximum) && desired <= self.limit;
        Ok(!declared && self.grow(current, desired))
    }

    fn memory_grow_failed(&mut self, _error: Error) -> Result<()> {
        self.failed();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        if desired > Pool::TABLE_ELEMENTS {
            self.refused = true;
            return Ok(false);
        }
        let declared = maximum.is_some_and(|maximum| desired > maximum);
        let element = size_of::<usize>();
        Ok(!declared && self.grow(current.saturating_mul(element), desired.saturating_mul(element)))
    }

    fn table_grow_failed(&mut self, _error: Error) -> Result<()> {
        self.failed();
        Ok(())
    }

    fn instances(&self) -> usize {
        Pool::INSTANCES as usize
    }

    fn tables(&self) -> usize {
        Pool::TABLES as usize
    }

    fn memories(&self) -> usize {
        Pool::MEMORIES as usize
    }
}

#[cfg(test)]
mod tests;
