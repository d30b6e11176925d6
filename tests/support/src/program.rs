//! A program that others wrote, started for a test and ended with it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A process whose input stays open: one that reads it ends with whoever started it.
pub struct Program {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    /// Starts it.
    ///
    /// # Panics
    /// Where it does not start.
    #[expect(clippy::expect_used, reason = "a test that panics has failed")]
    pub fn start(mut command: Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = command.kill_on_drop(true).spawn().expect("the program starts");
        let out = process.stdout.take().expect("its output is a pipe");
        Self {
            _process: process,
            lines: BufReader::new(out).lines(),
        }
    }

    /// The next line that it says.
    ///
    /// # Panics
    /// Where it says no more.
    #[expect(clippy::expect_used, reason = "a test that panics has failed")]
    pub async fn line(&mut self) -> String {
        let line = self.lines.next_line().await.expect("it says texts");
        line.expect("it says one line more")
    }
}

/// Installs the packages that a folder pins into another folder, with the folder's own files, once.
///
/// # Errors
/// A sentence that says why they cannot be installed.
pub(crate) async fn installed(from: &Path, to: &Path) -> Result<PathBuf, String> {
    let install = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/packages");
    let done = Command::new(install).arg(from).arg(to).output().await;
    let done = done.map_err(|cause| format!("the packages' script does not start: {cause}"))?;
    if !done.status.success() {
        return Err(format!("npm: {}", String::from_utf8_lossy(&done.stderr)));
    }
    // A module's imports are looked for from where it lies.
    std::fs::copy(from.join("server.mjs"), to.join("server.mjs")).map_err(|cause| cause.to_string())?;
    Ok(to.to_owned())
}
