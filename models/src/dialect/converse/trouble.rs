//! What a refusal means: its name is in the header `x-amzn-errortype`, and in the event where the stream had begun.

use gate::{Code, Failure, Reach};
use http::HeaderMap;
use serde_json::Value;

use crate::dialect::native::{by_message, by_status, failure, reach};
use crate::trouble::{
    DENIED, FAILED, INVALID, OVERLOADED, QUOTA, RATE_LIMITED, SLOW, UNAUTHORIZED, UNKNOWN, retry_after,
};

pub(in crate::dialect) fn refused(status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    let header = headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok());
    let named = header.or_else(|| parsed.get("__type").and_then(Value::as_str));
    let code = named.and_then(|name| code(name, message(&parsed)));
    let code = code.unwrap_or_else(|| by_status(status));
    let kept = format!(
        "status {status}, {}: {}",
        named.unwrap_or("unnamed"),
        String::from_utf8_lossy(body)
    );
    failure(code, reach(status), retry_after(headers), kept)
}

/// What an exception means that came after status 200.
pub(super) fn after(name: &str, data: &[u8]) -> Failure {
    let parsed: Value = serde_json::from_slice(data).unwrap_or_default();
    let code = code(name, message(&parsed)).unwrap_or(FAILED);
    let kept = format!("{name}: {}", String::from_utf8_lossy(data));
    failure(code, Reach::Perhaps, None, kept)
}

fn message(body: &Value) -> &str {
    let message = body.get("message").or_else(|| body.get("Message"));
    message.and_then(Value::as_str).unwrap_or_default()
}

/// The name may stand between a namespace and an address: `com.amazon#ThrottlingException:http://…`.
fn code(named: &str, message: &str) -> Option<Code> {
    let name = named.split(':').next().unwrap_or_default();
    let name = name.rsplit('#').next().unwrap_or_default().to_ascii_lowercase();
    Some(match name.strip_suffix("exception").unwrap_or(&name) {
        "validation" if of_the_model(message) => UNKNOWN,
        "validation" => by_message(message),
        "unrecognizedclient"
        | "invalidsignature"
        | "incompletesignature"
        | "expiredtoken"
        | "missingauthenticationtoken"
        | "invalidclienttokenid" => UNAUTHORIZED,
        "accessdenied" => DENIED,
        "resourcenotfound" => UNKNOWN,
        "throttling" => RATE_LIMITED,
        "servicequotaexceeded" => QUOTA,
        "modelnotready" | "serviceunavailable" => OVERLOADED,
        "modeltimeout" => SLOW,
        "modelerror" | "modelstreamerror" | "internalserver" | "internalfailure" => FAILED,
        "serialization" => INVALID,
        _ => return None,
    })
}

/// Models that are called by a name that is none, or that need an inference profile, are refused as invalid.
fn of_the_model(message: &str) -> bool {
    message.contains("model identifier") || message.contains("on-demand throughput")
}
