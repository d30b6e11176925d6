//! What a refusal means: `{"type": "error", "error": {"type", "message"}, "request_id"}`. Who resells the models may answer
//! in a form of their own, and then the status counts.

use gate::{Code, Failure, Reach};
use http::HeaderMap;
use serde_json::Value;

use crate::dialect::native::{by_message, by_status, failure, reach};
use crate::trouble::{
    DENIED, FAILED, INVALID, OVERLOADED, QUOTA, RATE_LIMITED, SLOW, UNAUTHORIZED, UNKNOWN, retry_after, should_retry,
};

pub(super) fn refused(status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    // Google's front answers streams with a list of one.
    let parsed = parsed.get(0).unwrap_or(&parsed);
    let (kind, message) = said(parsed);
    // What somebody else holds is no fault of the question, whatever the error is called.
    let named = code(kind, message).filter(|_| status != 409);
    let code = named.unwrap_or_else(|| by_status(status));
    let code = if code == INVALID { by_message(message) } else { code };
    let kept = format!("status {status}: {}", String::from_utf8_lossy(body));
    let failure = failure(code, reach(status), retry_after(headers), kept);
    match should_retry(headers) {
        Some(true) => failure.retryable(retry_after(headers)),
        Some(false) => Failure {
            retryable: false,
            ..failure
        },
        None => failure,
    }
}

/// What an error means that came after status 200.
pub(super) fn after(error: &Value) -> Failure {
    let (kind, message) = said(error);
    let code = code(kind, message).unwrap_or(FAILED);
    let code = if code == INVALID { by_message(message) } else { code };
    failure(code, Reach::Perhaps, None, error.to_string())
}

fn said(body: &Value) -> (&str, &str) {
    let text = |name| body.pointer(name).and_then(Value::as_str).unwrap_or_default();
    (text("/error/type"), text("/error/message"))
}

fn code(kind: &str, message: &str) -> Option<Code> {
    Some(match kind {
        "invalid_request_error" if message.contains("credit balance") => QUOTA,
        "invalid_request_error" | "request_too_large" => INVALID,
        "authentication_error" => UNAUTHORIZED,
        "billing_error" => QUOTA,
        "permission_error" => DENIED,
        "not_found_error" => UNKNOWN,
        "rate_limit_error" => RATE_LIMITED,
        "timeout_error" => SLOW,
        "overloaded_error" => OVERLOADED,
        "api_error" => FAILED,
        _ => return None,
    })
}
