//! What went wrong at a provider, in this house's codes. A skill branches on the code and never reads a provider's own.

use std::time::{Duration, SystemTime};

use gate::{Code, Failure};
use http::HeaderMap;

/// The provider cannot take the question as it is.
pub const INVALID: Code = Code::new("model-input-invalid");
/// The provider cannot take a schema.
pub const SCHEMA: Code = Code::new("model-schema-refused");
/// An image is larger than the provider takes, or none that it reads.
pub const IMAGE: Code = Code::new("model-image-refused");
/// The conversation is longer than the model reads.
pub const CONTEXT: Code = Code::new("model-context-too-long");
/// A filter of the provider refused the question.
pub const FILTERED: Code = Code::new("model-content-filtered");
/// The provider has no such model, or not for this account.
pub const UNKNOWN: Code = Code::new("model-unknown");
/// The credential is missing, wrong, expired or for somewhere else.
pub const UNAUTHORIZED: Code = Code::new("model-unauthorized");
/// The credential is good and may not do this.
pub const DENIED: Code = Code::new("model-denied");
/// Too many requests or tokens at the moment.
pub const RATE_LIMITED: Code = Code::new("model-rate-limited");
/// The account's quota or credit is used up: waiting does not help.
pub const QUOTA: Code = Code::new("model-quota-exhausted");
/// The provider has no capacity at the moment.
pub const OVERLOADED: Code = Code::new("model-overloaded");
/// The provider gave up waiting for the model.
pub const SLOW: Code = Code::new("model-timed-out");
/// The provider failed.
pub const FAILED: Code = Code::new("model-failed");
/// The answer ended before it was complete.
pub const CUT: Code = Code::new("model-reply-cut");
/// The answer makes no sense.
pub const MALFORMED: Code = Code::new("model-reply-malformed");

/// The same failure, of which it is known that another backend may succeed at once. What the question itself is at fault
/// for, it would be at fault for everywhere.
pub(crate) fn anywhere_else(failure: Failure) -> Failure {
    let asked_wrong = [INVALID, SCHEMA, IMAGE, CONTEXT, FILTERED].contains(&failure.code);
    if asked_wrong { failure } else { failure.elsewhere() }
}

/// The stream ended before the answer did.
pub fn cut() -> Failure {
    Failure::perhaps_sent(CUT, "the model's answer ended in the middle; ask again").retryable(None)
}

/// An answer that makes no sense; what is kept goes to the operator's log.
pub fn malformed(kept: impl std::fmt::Display) -> Failure {
    Failure::perhaps_sent(
        MALFORMED,
        "the model's provider answered something that makes no sense; ask again",
    )
    .retryable(None)
    .keep(kept)
}

/// How long the headers ask to wait: `retry-after-ms` before `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3).
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let milliseconds = text("retry-after-ms").and_then(|text| text.parse::<f64>().ok());
    let seconds = || text("retry-after").and_then(|text| text.parse::<f64>().ok());
    // More than can be counted is not nothing.
    let duration = |seconds: f64| match Duration::try_from_secs_f64(seconds) {
        Err(_) if seconds > 0.0 => Some(Duration::MAX),
        read => read.ok(),
    };
    if let Some(milliseconds) = milliseconds {
        return duration(milliseconds / 1000.0);
    }
    seconds().map_or_else(
        || {
            let date = httpdate::parse_http_date(text("retry-after")?).ok()?;
            Some(date.duration_since(SystemTime::now()).unwrap_or_default())
        },
        duration,
    )
}

/// What the header `x-should-retry` of OpenAI and Anthropic says, which goes before the status.
pub fn should_retry(headers: &HeaderMap) -> Option<bool> {
    match headers.get("x-should-retry")?.as_bytes() {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
