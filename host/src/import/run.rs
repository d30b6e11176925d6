//! `skillhost:skill/run`.

use wasmtime::Result;

use crate::import::bindings::run::Host;
use crate::run::guest::Guest;

impl Host for Guest {
    fn id(&mut self) -> Result<String> {
        Ok(self.run.0.to_string())
    }
}
