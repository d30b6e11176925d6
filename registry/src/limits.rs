//! How much one run may use.

use serde::{Deserialize, Serialize};

/// Limits that a skill asks for or an approval sets; what is absent keeps the host's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limits {
    /// Memory of all linear memories and tables of the instance together, in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
    /// Time that the guest itself computes, calls excluded, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_ms: Option<u32>,
    /// Instructions that the guest may execute, in millions of fuel units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fuel_millions: Option<u32>,
    /// From start to end, waits for a person excluded, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u32>,
    /// Content of all files that the run makes together, in MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files_mib: Option<u32>,
    /// Log lines of the run together, in KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs_kib: Option<u32>,
    /// Calls to the outside, refused ones included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<u32>,
    /// What one call sends, in KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_kib: Option<u32>,
    /// What one call is answered, in KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_kib: Option<u32>,
}

impl Limits {
    /// Each limit under the name that people write.
    pub const fn named(&self) -> [(&'static str, Option<u32>); 9] {
        [
            ("memory-mib", self.memory_mib),
            ("guest-ms", self.guest_ms),
            ("fuel-millions", self.fuel_millions),
            ("deadline-ms", self.deadline_ms),
            ("files-mib", self.files_mib),
            ("logs-kib", self.logs_kib),
            ("calls", self.calls),
            ("request-kib", self.request_kib),
            ("reply-kib", self.reply_kib),
        ]
    }
}
