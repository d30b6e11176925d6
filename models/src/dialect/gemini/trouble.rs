//! What a refusal means: `{"error": {"code", "message", "status", "details"}}` (Google, AIP-193).

use std::time::Duration;

use gate::{Code, Failure, Reach};
use http::HeaderMap;
use serde_json::Value;

use crate::dialect::native::{by_message, by_status, failure, reach};
use crate::trouble::{DENIED, FAILED, OVERLOADED, QUOTA, RATE_LIMITED, SLOW, UNAUTHORIZED, UNKNOWN, retry_after};

pub(super) fn refused(status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    // A stream's answer is a list of one.
    let parsed = parsed.get(0).unwrap_or(&parsed);
    let code = code(parsed).unwrap_or_else(|| by_status(status));
    let after = retry_after(headers).or_else(|| delay(parsed));
    let kept = format!("status {status}: {}", String::from_utf8_lossy(body));
    failure(code, reach(status), after, kept)
}

/// What an error means that came after status 200.
pub(super) fn after(error: &Value) -> Failure {
    let code = code(error).unwrap_or(FAILED);
    failure(code, Reach::Perhaps, delay(error), error.to_string())
}

fn code(body: &Value) -> Option<Code> {
    let text = |name| body.pointer(name).and_then(Value::as_str).unwrap_or_default();
    if details(body).any(|detail| detail.get("reason").and_then(Value::as_str) == Some("BILLING_DISABLED")) {
        return Some(QUOTA);
    }
    Some(match text("/error/status") {
        "INVALID_ARGUMENT" | "FAILED_PRECONDITION" | "OUT_OF_RANGE" => by_message(text("/error/message")),
        "UNAUTHENTICATED" => UNAUTHORIZED,
        "PERMISSION_DENIED" => DENIED,
        "NOT_FOUND" => UNKNOWN,
        "RESOURCE_EXHAUSTED" => RATE_LIMITED,
        "UNAVAILABLE" => OVERLOADED,
        "DEADLINE_EXCEEDED" => SLOW,
        "INTERNAL" | "UNKNOWN" | "ABORTED" | "CANCELLED" => FAILED,
        _ => return None,
    })
}

/// How long `google.rpc.RetryInfo` asks to wait, such as `3.5s`.
fn delay(body: &Value) -> Option<Duration> {
    let delay = details(body).find_map(|detail| detail.get("retryDelay").and_then(Value::as_str))?;
    let seconds = delay.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn details(body: &Value) -> impl Iterator<Item = &Value> {
    let details = body.pointer("/error/details").and_then(Value::as_array);
    details.into_iter().flatten()
}
