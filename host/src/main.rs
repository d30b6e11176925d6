//! The program: picks the command and prints the chain of what went wrong.

use std::process::ExitCode;

fn main() -> ExitCode {
    host::command::main()
}
