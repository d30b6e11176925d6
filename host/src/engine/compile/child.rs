//! The process that compiles one component: bytes in, machine code out, and nothing else within reach.

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::process::ExitCode;

use wasmtime::Engine;

use crate::engine::compile::confine::confine;
use crate::engine::compile::order::Order;
use crate::engine::config;

/// What the process ends with where the component is to blame.
pub(crate) const COMPONENT_REFUSED: u8 = 3;

/// What the process ends with where the host is.
pub(crate) const COULD_NOT_START: u8 = 4;

/// Compiles the component on standard input, behind the order that comes first, to standard output. A program calls
/// this before it starts a thread, and exits with what it returns.
pub fn compile_child() -> ExitCode {
    let mut input = io::stdin().lock();
    let order = match Order::read(&mut input) {
        Ok(order) => order,
        Err(error) => return fail(COULD_NOT_START, &error),
    };
    if let Err(error) = confine(&order) {
        return fail(COULD_NOT_START, &error);
    }
    let component = match read(input, order.length) {
        Ok(component) => component,
        Err(error) => return fail(COULD_NOT_START, &error),
    };
    match compile(&component) {
        Ok(code) => write(&code),
        Err(error) => fail(COMPONENT_REFUSED, &format_args!("{error:#}")),
    }
}

fn read(input: impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut component = Vec::new();
    input.take(length).read_to_end(&mut component)?;
    if component.len() as u64 == length {
        Ok(component)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn compile(component: &[u8]) -> wasmtime::Result<Vec<u8>> {
    Engine::new(&config::compiling()?)?.precompile_component(component)
}

fn write(code: &[u8]) -> ExitCode {
    let mut output = io::stdout().lock();
    match output.write_all(code).and_then(|()| output.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(COULD_NOT_START, &error),
    }
}

fn fail(code: u8, why: &dyn Display) -> ExitCode {
    // Where even this cannot be written, the code alone has to do.
    let _ = writeln!(io::stderr(), "{why}");
    ExitCode::from(code)
}
