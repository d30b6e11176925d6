//! `skillhost:skill/configuration`.

use wasmtime::Result;

use crate::import::bindings::configuration::Host;
use crate::run::guest::Guest;

impl Host for Guest {
    fn get(&mut self, key: String) -> Result<Option<String>> {
        Ok(self.configuration.get(&key).cloned())
    }

    fn all(&mut self) -> Result<Vec<(String, String)>> {
        let pairs = self.configuration.iter();
        Ok(pairs.map(|(key, value)| (key.clone(), value.clone())).collect())
    }
}
