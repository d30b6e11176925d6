//! The memory that runs take their instances from, and how it is made clean between them.

use std::fs;
use std::path::Path;

use serde::Serialize;
use wasmtime::PoolingAllocationConfig;

/// Sizes of the pool. Nothing in it is shared by two runs at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pool {
    /// Runs at a time.
    pub(crate) runs: u32,
    /// Bytes that one memory may grow to.
    pub(crate) memory: usize,
    /// Places that stay warm for the skill that used them last.
    pub(crate) warm: u32,
    /// How a place is made clean.
    pub(crate) reset: Reset,
}

/// How memory is made clean for the next run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reset {
    /// The kernel says which pages were written (`PAGEMAP_SCAN`, Linux 6.7), and only those are cleared. It does not
    /// see a page that was swapped out.
    Scan,
    /// The first pages are cleared and the others given back.
    Zero,
}

impl Pool {
    /// Core instances of one skill. Python's toolchain links its libraries at run time, each an instance.
    pub(crate) const INSTANCES: u32 = 64;
    /// Memories of one skill.
    pub(crate) const MEMORIES: u32 = 4;
    /// Tables of one skill.
    pub(crate) const TABLES: u32 = 8;
    /// Elements of one table, 8 bytes each.
    pub(crate) const TABLE_ELEMENTS: usize = 65_536;

    /// A pool for so many runs at a time, each with memories of at most so many bytes.
    pub(crate) fn new(runs: u32, memory: usize) -> Self {
        Self {
            runs,
            memory,
            warm: runs.min(64),
            reset: Reset::here(),
        }
    }
}

impl Reset {
    /// The way of this machine.
    pub fn here() -> Self {
        Self::detect(Path::new("/proc"), Path::new("/sys/fs/cgroup"))
    }

    /// Scans where nothing can be swapped out and the kernel can, else clears: a page that was swapped out while dirty
    /// would survive into the next run.
    fn detect(proc: &Path, cgroups: &Path) -> Self {
        if never_swaps(proc, cgroups) && PoolingAllocationConfig::is_pagemap_scan_available() {
            Self::Scan
        } else {
            Self::Zero
        }
    }

    /// Bytes of each memory that stay resident. A scan touches only what was written, so that it may keep more.
    pub(crate) const fn memory_kept(self) -> usize {
        match self {
            Self::Scan => 2 << 20,
            Self::Zero => 256 << 10,
        }
    }

    /// Bytes of each table that stay resident.
    pub(crate) const fn table_kept(self) -> usize {
        match self {
            Self::Scan => 64 << 10,
            Self::Zero => 8 << 10,
        }
    }
}

/// Whether no page of this process can be swapped out: there is no swap, or its control group may use none.
fn never_swaps(proc: &Path, cgroups: &Path) -> bool {
    let swaps = fs::read_to_string(proc.join("swaps"));
    // The first line names the columns; a kernel without swap has no such file, but may hide it as well.
    let none = swaps.is_ok_and(|text| text.lines().count() == 1);
    none || forbidden(proc, cgroups)
}

fn forbidden(proc: &Path, cgroups: &Path) -> bool {
    let Ok(groups) = fs::read_to_string(proc.join("self/cgroup")) else {
        return false;
    };
    // Control groups of version 2 are the line `0::/path`.
    let Some(group) = groups.lines().find_map(|line| line.strip_prefix("0::/")) else {
        return false;
    };
    let most = fs::read_to_string(cgroups.join(group).join("memory.swap.max"));
    most.is_ok_and(|text| text.trim() == "0")
}

#[cfg(test)]
mod tests;
