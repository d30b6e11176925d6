//! What an HTTP binding says of its requests.

use serde::{Deserialize, Serialize};

use super::{HttpCall, Pattern};
use crate::call::Effect;

/// What the operator declared of the service behind a binding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpRules {
    /// Requests that change nothing, beside GET, HEAD and OPTIONS.
    #[serde(default)]
    pub read: Vec<Pattern>,
    /// Reads that cost: a lost attempt is paid.
    #[serde(default)]
    pub costly: Vec<Pattern>,
    /// How the service knows a repeated write again.
    #[serde(default)]
    pub key: Option<Key>,
    /// Headers that the binding sets; in lower case.
    #[serde(default)]
    pub owned_headers: Vec<String>,
}

/// A service's own way of knowing a repeated write again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Key {
    /// The header that carries the key, in lower case, such as `idempotency-key`.
    pub header: String,
    /// How long the service remembers a key, in seconds; say less than it promises, so that clocks may differ.
    pub window_s: u64,
    /// The methods for which it does; POST where nothing is said.
    #[serde(default = "post")]
    pub methods: Vec<String>,
}

fn post() -> Vec<String> {
    vec!["POST".to_owned()]
}

impl HttpRules {
    /// What a crash would mean for this request.
    pub fn effect(&self, call: &HttpCall) -> Effect {
        if self.costly.iter().any(|pattern| pattern.matches(call)) {
            return Effect::CostlyRead;
        }
        let safe = matches!(call.method(), "GET" | "HEAD" | "OPTIONS");
        if safe || self.read.iter().any(|pattern| pattern.matches(call)) {
            return Effect::Read;
        }
        match &self.key {
            Some(key) if key.methods.iter().any(|method| method == call.method()) => {
                Effect::KeyedWrite { window_s: key.window_s }
            }
            _ => Effect::Write,
        }
    }

    /// The first header of this request that only the binding may set.
    pub fn owned<'a>(&self, call: &'a HttpCall) -> Option<&'a str> {
        let owned = |name: &str| {
            let key = self
                .key
                .as_ref()
                .is_some_and(|key| key.header.eq_ignore_ascii_case(name));
            key || self.owned_headers.iter().any(|own| own.eq_ignore_ascii_case(name))
        };
        call.headers().iter().map(|(name, _)| name).find(|name| owned(name))
    }
}
