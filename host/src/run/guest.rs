//! What a store carries for its guest: everything that an import may touch.

use std::collections::BTreeMap;
use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use crate::import::clocks::Clock;
use crate::import::http::Http;
use crate::import::random::Random;
use crate::run::calls::{Calls, WayOut};
use crate::run::desk::Desk;
use crate::run::files::Files;
use crate::run::limits::RunLimits;
use crate::run::logs::{Logs, SharedLogs};
use crate::run::memory::Memory;
use crate::run::meter::Meter;
use crate::run::{Bindings, RunId, Start};

/// The state of one run inside its store.
pub(crate) struct Guest {
    pub(crate) run: RunId,
    pub(crate) table: ResourceTable,
    pub(crate) clock: Arc<Clock>,
    pub(crate) random: Random,
    pub(crate) files: Files,
    pub(crate) logs: Arc<SharedLogs>,
    pub(crate) configuration: Arc<BTreeMap<String, String>>,
    pub(crate) memory: Memory,
    pub(crate) meter: Arc<Meter>,
    pub(crate) limits: RunLimits,
    pub(crate) bindings: Arc<Bindings>,
    pub(crate) way_out: WayOut,
    /// Made when a guest first touches HTTP.
    pub(crate) http: Option<Box<Http>>,
    /// Made when a guest first touches the file system or a socket, which most never do.
    wasi: Option<Box<WasiCtx>>,
}

impl Guest {
    pub(crate) fn new(
        start: &mut Start,
        calls: Option<Box<dyn Calls>>,
        limits: RunLimits,
        configuration: Arc<BTreeMap<String, String>>,
        (meter, desk): (Arc<Meter>, Desk),
    ) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(RunLimits::HANDLES);
        Self {
            run: start.id,
            table,
            clock: Arc::new(Clock::new(start.at)),
            random: Random::new(start.seed),
            files: Files::new(std::mem::take(&mut start.files), limits.files),
            logs: Arc::new(SharedLogs::new(Logs::new(limits.logs))),
            configuration,
            memory: Memory::new(limits.memory),
            meter,
            limits,
            bindings: Arc::clone(&start.bindings),
            way_out: WayOut::new(calls, desk),
            http: None,
            wasi: None,
        }
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let ctx = self.wasi.get_or_insert_with(|| Box::new(nothing()));
        WasiCtxView {
            ctx,
            table: &mut self.table,
        }
    }
}

/// No folders, no addresses, no names.
fn nothing() -> WasiCtx {
    WasiCtx::builder()
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .build()
}
