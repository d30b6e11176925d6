//! Cores that do not sleep: a process of the lowest priority that spins on each. Where a machine sleeps between two calls,
//! each thread that is woken waits for a core to wake, and the figures are the machine's more than the program's.

use std::hint::spin_loop;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};

use anyhow::Result;

/// The argument that makes this program spin.
pub(crate) const ROLE: &str = "be-awake";

/// The process; it ends with this.
pub(crate) struct Awake(Child);

impl Awake {
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let child = command.arg(ROLE).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        Ok(Self(child))
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The process itself: it ends when nobody holds its input any more.
pub(crate) fn role() -> Result<()> {
    const LOWEST: i32 = 19;
    rustix::process::nice(LOWEST)?;
    for _ in 0..std::thread::available_parallelism()?.get() {
        std::thread::spawn(|| {
            loop {
                spin_loop();
            }
        });
    }
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
