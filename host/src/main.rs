//! The program: picks the command and prints the chain of what went wrong.

use std::env;
use std::process::ExitCode;

use host::engine::{COMPILE_COMMAND, compile_child};

/// A request is dozens of small allocations, made on one thread and freed on another: the system's allocator takes twice
/// as long for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before anything else: a compiler must be confined while it has one thread.
    if env::args_os().nth(1).is_some_and(|command| command == COMPILE_COMMAND) {
        return compile_child();
    }
    host::command::main()
}
