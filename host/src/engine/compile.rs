//! Compiling, in a process that can be killed: a component may be made to keep a compiler busy for ever, and that is no
//! bug of the compiler's.

mod child;
mod confine;
mod order;

use std::fs::File;
use std::io::Seek;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

pub use child::compile_child;
pub use order::CompileLimits;

use crate::engine::error::{Code, Error};
use child::COMPONENT_REFUSED;
use order::Order;

/// What the hidden command of the program is called.
pub const COMPILE_COMMAND: &str = "compile";

/// What a program of Rust ends with when it panics.
const PANICKED: u8 = 101;

/// Bytes of the compiler's complaint that are kept.
const COMPLAINT: u64 = 4 << 10;

/// Starts compilers, one for each core at a time.
#[derive(Debug)]
pub(crate) struct Compiler {
    program: PathBuf,
    limits: CompileLimits,
    turns: Semaphore,
}

impl Compiler {
    /// Compilers are this program, run with [`COMPILE_COMMAND`].
    pub(crate) fn new(program: PathBuf, limits: CompileLimits, cores: usize) -> Self {
        Self {
            program,
            limits,
            turns: Semaphore::new(cores),
        }
    }

    /// Compiles a component to a file without a name in this folder, so that nobody else can reach it and a flood of
    /// code fills no memory. The process is killed when this is dropped, or the thread that polled it first ends.
    ///
    /// # Errors
    /// `compile-failed` where the component is refused, `compile-limit` where it took too much.
    pub(crate) async fn compile(&self, component: &[u8], folder: &Path) -> Result<File, Error> {
        let _turn = self.turns.acquire().await.map_err(Error::internal)?;
        let mut code = tempfile::tempfile_in(folder).map_err(Error::internal)?;
        let output = code.try_clone().map_err(Error::internal)?;
        let mut child = self.spawn(output).map_err(Error::internal)?;
        let ended = timeout(self.limits.wall, self.converse(&mut child, component)).await;
        let Ok(ended) = ended else {
            child.kill().await.map_err(Error::internal)?;
            return Err(limit("it took too long".to_owned()));
        };
        let (status, complaint) = ended.map_err(Error::internal)?;
        judge(status, &complaint)?;
        code.rewind().map_err(Error::internal)?;
        Ok(code)
    }

    fn spawn(&self, output: File) -> std::io::Result<Child> {
        Command::new(&self.program)
            .arg(COMPILE_COMMAND)
            .env_clear()
            // The allocator takes address space in pieces of a gigabyte, which is all that the process may have.
            .env("MIMALLOC_ARENA_RESERVE", "0")
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }

    /// Gives the order and the component, and listens until the process ends.
    async fn converse(&self, child: &mut Child, component: &[u8]) -> std::io::Result<(ExitStatus, String)> {
        let order = Order::new(component.len(), self.limits).write();
        let input = child.stdin.take();
        let give = async {
            if let Some(mut input) = input {
                // A process that stops listening says why by how it ends.
                let _ = input.write_all(&order).await;
                let _ = input.write_all(component).await;
            }
        };
        let said = child.stderr.take();
        let listen = async {
            let mut complaint = Vec::new();
            if let Some(said) = said {
                said.take(COMPLAINT).read_to_end(&mut complaint).await?;
            }
            std::io::Result::Ok(String::from_utf8_lossy(&complaint).trim().to_owned())
        };
        let ((), complaint) = tokio::join!(give, listen);
        Ok((child.wait().await?, complaint?))
    }
}

fn judge(status: ExitStatus, complaint: &str) -> Result<(), Error> {
    if status.success() {
        return Ok(());
    }
    let kept = format!("{status}: {complaint}");
    match status.code().map(u8::try_from) {
        Some(Ok(COMPONENT_REFUSED | PANICKED)) => {
            let told = "the component is broken, or uses what this host does not run: build it for wasm32-wasip2 \
                        without further proposals";
            Err(Error::new(Code::CompileFailed, told).keep(kept))
        }
        Some(_) => Err(Error::internal(kept)),
        // Killed, by a limit or by the allocation that it was refused.
        None => Err(limit(kept)),
    }
}

fn limit(kept: String) -> Error {
    let told = "compiling the component takes more memory or time than it may: make it smaller or simpler";
    Error::new(Code::CompileLimit, told).keep(kept)
}

#[cfg(test)]
mod tests;
