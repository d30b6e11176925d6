//! The run that the skill is part of: one invocation of one tool.

/// The run's name: a UUID in small letters, the same that the agent is answered and the operator looks up.
///
/// Leave it on what the skill writes elsewhere, so that a person can tell which run did it.
pub fn id() -> String {
    host::id()
}

#[cfg(target_family = "wasm")]
use crate::interfaces::run as host;

/// Stands in for the host in native tests, where every run has the same name.
#[cfg(not(target_family = "wasm"))]
mod host {
    pub(super) fn id() -> String {
        "00000000-0000-0000-0000-000000000000".to_owned()
    }
}
