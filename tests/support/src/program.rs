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
    std::fs::create_dir_all(to).map_err(|cause| cause.to_string())?;
    for name in ["package.json", "server.mjs", "package-lock.json"] {
        std::fs::copy(from.join(name), to.join(name)).map_err(|cause| format!("{name}: {cause}"))?;
    }
    let lock = std::fs::read(from.join("package-lock.json")).map_err(|cause| cause.to_string())?;
    let mark = to.join("installed");
    if std::fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(to.to_owned());
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--silent"])
        .current_dir(to);
    let done = npm.output().await;
    let done = done.map_err(|cause| format!("npm does not start: {cause}"))?;
    if !done.status.success() {
        return Err(format!("npm: {}", String::from_utf8_lossy(&done.stderr)));
    }
    std::fs::write(mark, lock).map_err(|cause| cause.to_string())?;
    Ok(to.to_owned())
}
