//! What a skill may import: types of WIT to plain Rust and back, and nothing else.

mod cli;
pub(crate) mod clocks;
mod configuration;
mod files;
pub(crate) mod http;
mod logging;
mod model;
mod poll;
pub(crate) mod random;
mod run;

use wasmtime::component::{HasData, HasSelf, Linker, ResourceTable};
use wasmtime::{Engine, Result};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings as wasi;
use wasmtime_wasi::sockets::{WasiSockets, WasiSocketsView};

use crate::run::guest::Guest;

pub(crate) mod bindings {
    //! The types and traits that `wit/skill.wit` says.
    mod generated {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "skill",
            imports: { default: trappable },
        });
    }
    pub(crate) use generated::skillhost::skill::{configuration, files, logging, model, run};
}

/// The interfaces whose functions are calls, without their versions. Everything else is local.
pub(crate) const CALLS: [&str; 2] = ["wasi:http/outgoing-handler", "skillhost:skill/model"];

/// The run's table of handles alone: what streams and their errors live in.
struct Handles;

impl HasData for Handles {
    type Data<'a> = &'a mut ResourceTable;
}

/// Links what a skill may import. What is not here does not exist for it.
///
/// # Errors
/// Where two interfaces define the same name.
pub(crate) fn link(engine: &Engine) -> Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    let l = &mut linker;
    link_own(l)?;
    link_deterministic(l)?;
    link_cli(l)?;
    link_empty_filesystem(l)?;
    link_refusing_sockets(l)?;
    http::link(l)?;
    model::link(l)?;
    wasi::io::error::add_to_linker::<_, Handles>(l, |guest| &mut guest.table)?;
    wasi::io::streams::add_to_linker::<_, Handles>(l, |guest| &mut guest.table)?;
    Ok(linker)
}

fn link_own(l: &mut Linker<Guest>) -> Result<()> {
    bindings::files::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    bindings::logging::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    bindings::configuration::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    bindings::run::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)
}

/// Clocks, randomness and waiting are ours, so that a run can be run again.
fn link_deterministic(l: &mut Linker<Guest>) -> Result<()> {
    wasi::clocks::wall_clock::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::clocks::monotonic_clock::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::random::random::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::random::insecure::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::random::insecure_seed::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    poll::link(l)
}

fn link_cli(l: &mut Linker<Guest>) -> Result<()> {
    wasi::cli::environment::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::cli::exit::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::cli::stdin::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::cli::stdout::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::cli::stderr::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::cli::terminal_input::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::cli::terminal_output::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::cli::terminal_stdin::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::cli::terminal_stdout::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)?;
    wasi::cli::terminal_stderr::add_to_linker::<_, HasSelf<Guest>>(l, |guest| guest)
}

/// Toolchains import the file system whether a program uses it or not; no folder is in it.
fn link_empty_filesystem(l: &mut Linker<Guest>) -> Result<()> {
    wasi::filesystem::preopens::add_to_linker::<_, WasiFilesystem>(l, WasiFilesystemView::filesystem)?;
    wasi::filesystem::types::add_to_linker::<_, WasiFilesystem>(l, WasiFilesystemView::filesystem)
}

/// Toolchains import sockets too; none can be made, so that no method of one can be called.
fn link_refusing_sockets(l: &mut Linker<Guest>) -> Result<()> {
    let options = wasi::sockets::network::LinkOptions::default();
    wasi::sockets::network::add_to_linker::<_, WasiSockets>(l, &options, WasiSocketsView::sockets)?;
    wasi::sockets::instance_network::add_to_linker::<_, WasiSockets>(l, WasiSocketsView::sockets)?;
    wasi::sockets::ip_name_lookup::add_to_linker::<_, WasiSockets>(l, WasiSocketsView::sockets)?;
    wasi::sockets::tcp_create_socket::add_to_linker::<_, WasiSockets>(l, WasiSocketsView::sockets)?;
    wasi::sockets::tcp::add_to_linker::<_, WasiSockets>(l, WasiSocketsView::sockets)?;
    wasi::sockets::udp_create_socket::add_to_linker::<_, WasiSockets>(l, WasiSocketsView::sockets)?;
    wasi::sockets::udp::add_to_linker::<_, WasiSockets>(l, WasiSocketsView::sockets)
}
