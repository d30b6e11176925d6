//! Cores that do not sleep: a process that spins on each whenever nobody else wants it. Where a machine sleeps between two
//! calls, each thread that is woken waits for a core to wake, and the figures are the machine's more than the program's.

use std::hint::black_box;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// The argument that makes this program spin.
pub(crate) const ROLE: &str = "be-awake";

/// The process; it ends with this.
pub(crate) struct Awake(Child);

impl Awake {
    /// By util-linux's `chrt`: under `SCHED_IDLE` it gives way at once. A process that is only nice does not, and `PAUSE`
    /// in its loop makes a virtual machine give its cores away.
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new("chrt");
        command.args(["--idle", "0"]).arg(std::env::current_exe()?).arg(ROLE);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        Ok(Self(child.context("chrt of util-linux is needed")?))
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
    for _ in 0..std::thread::available_parallelism()?.get() {
        std::thread::spawn(|| {
            let mut spun = 0_u64;
            loop {
                spun = black_box(spun).wrapping_add(1);
            }
        });
    }
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
