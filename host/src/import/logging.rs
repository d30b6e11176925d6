//! `skillhost:skill/logging`.

use wasmtime::Result;

use crate::import::bindings::logging::{Host, Level};
use crate::run::LogLevel;
use crate::run::guest::Guest;

impl Host for Guest {
    fn log(&mut self, level: Level, message: String) -> Result<()> {
        self.logs.lock().push(level.into(), &message);
        Ok(())
    }
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error => Self::Error,
        }
    }
}
