//! `Prefer: wait=N` (RFC 7240, section 4.3): how long a client waits for the end of a run.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::api::problem::{Answer, Problem};

/// How long a client waits, and whether it said so.
pub(super) struct Wait {
    seconds: u64,
    asked: bool,
}

/// Where nothing is said.
const USUAL: u64 = 60;

/// Longer than this is shortened: proxies close a connection that is silent for longer.
const MOST: u64 = 600;

impl Wait {
    /// What the request says.
    pub(super) fn of(headers: &HeaderMap) -> Answer<Self> {
        let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        let preferences = values.flat_map(|value| value.split(',')).map(str::trim);
        let wait = preferences
            .filter_map(|preference| preference.split_once('='))
            .find(|(name, _)| {
                let name = name.trim();
                name.eq_ignore_ascii_case("wait")
            });
        let Some((_, seconds)) = wait else {
            return Ok(Self {
                seconds: USUAL,
                asked: false,
            });
        };
        // Parameters may follow (RFC 7240, section 2); none is known.
        let seconds = seconds.split(';').next().unwrap_or_default();
        let seconds = seconds.trim().trim_matches('"').parse::<u64>();
        let seconds =
            seconds.map_err(|_| Problem::input("prefer-invalid", "write `Prefer: wait=N` with whole seconds"))?;
        Ok(Self {
            seconds: seconds.min(MOST),
            asked: true,
        })
    }

    /// For so long.
    pub(super) const fn patience(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Whether it may be over before a run that takes time is on record.
    pub(super) const fn is_short(&self) -> bool {
        self.seconds == 0
    }

    /// Says in an answer what was applied.
    pub(super) fn applied(&self, headers: &mut HeaderMap) {
        if self.asked
            && let Ok(value) = HeaderValue::from_str(&format!("wait={}", self.seconds))
        {
            headers.insert(HeaderName::from_static("preference-applied"), value);
        }
    }
}
