//! Settings that the administrator gave with the approval; they do not change during a run.

/// One setting, where it was given.
pub fn get(key: &str) -> Option<String> {
    host::get(key)
}

/// Every setting that was given, in the order of their keys.
pub fn all() -> Vec<(String, String)> {
    host::all()
}

#[cfg(target_family = "wasm")]
use crate::interfaces::configuration as host;

/// Stands in for the host in native tests, where nothing is set.
#[cfg(not(target_family = "wasm"))]
mod host {
    pub(super) fn get(_key: &str) -> Option<String> {
        None
    }

    pub(super) fn all() -> Vec<(String, String)> {
        Vec::new()
    }
}
