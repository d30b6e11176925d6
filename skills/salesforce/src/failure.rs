//! What Salesforce's errors mean for an agent. They come as an array, a limit comes as 403, and a status alone says
//! little.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use skillhost_sdk::ToolError;
use skillhost_sdk::http::{self, Response};

/// One error, as resources and the parts of a composite answer it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Complaint {
    pub(crate) error_code: String,
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) fields: Vec<String>,
}

/// A lock is held for seconds at most.
const LOCK: Duration = Duration::from_secs(2);

/// Requests that run for long are counted while they run.
const BUSY: Duration = Duration::from_secs(20);

/// The complaints in a body; empty where it is no error of Salesforce's.
pub(crate) fn complaints(body: &Value) -> Vec<Complaint> {
    Vec::deserialize(body).unwrap_or_default()
}

/// What a reply that is no success means.
pub(crate) fn of(response: &Response<Vec<u8>>) -> ToolError {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    if response.status().as_u16() == 300 {
        return ambiguous(&body);
    }
    let all = complaints(&body);
    let said: Vec<_> = all.iter().map(|one| plain(&one.message)).collect();
    let mut error = http::failure(response, &said.join(" "));
    if response.status().as_u16() == 412 {
        error.code = "changed".to_owned();
        error.message = "Somebody changed the record since then: read it again, and decide anew.".to_owned();
    }
    match all.first() {
        None => error,
        Some(first) => meant(error, first, &all),
    }
}

/// Salesforce said why: nothing happened that it would not have said.
pub(crate) fn is_certain(response: &Response<Vec<u8>>) -> bool {
    let body = serde_json::from_slice(response.body()).unwrap_or_default();
    response.status().as_u16() == 300 || !complaints(&body).is_empty()
}

fn meant(mut error: ToolError, first: &Complaint, all: &[Complaint]) -> ToolError {
    let code = first.error_code.as_str();
    if let Some(known) = code_of(code) {
        error.code = known.to_owned();
    }
    if let Some(advice) = advice(first) {
        error.message = format!("{} {advice}", error.message);
    }
    error = error.detail("error-code", code);
    let fields: Vec<_> = all
        .iter()
        .flat_map(|one| one.fields.iter().map(String::as_str))
        .collect();
    if !fields.is_empty() {
        error = error.detail("fields", fields.join(", "));
    }
    match wait(first).filter(|_| error.retry_after_ms.is_none()) {
        Some(time) => error.retry_after(time),
        None => error,
    }
}

/// None where the status says it.
fn code_of(code: &str) -> Option<&'static str> {
    match code {
        "REQUEST_LIMIT_EXCEEDED" => Some("rate-limited"),
        "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" => Some("unauthorized"),
        "UNABLE_TO_LOCK_ROW" => Some("locked"),
        "ENTITY_IS_LOCKED" | "INVALID_TYPE_FOR_OPERATION" | "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" => Some("denied"),
        "API_CURRENTLY_DISABLED" | "API_DISABLED_FOR_ORG" => Some("denied"),
        "INVALID_QUERY_LOCATOR" | "QUERY_TIMEOUT" | "SERVER_UNAVAILABLE" | "UNKNOWN_EXCEPTION" => Some("upstream"),
        "UNSUPPORTED_API_VERSION" => Some("internal"),
        _ if code.starts_with("INSUFFICIENT_ACCESS") => Some("denied"),
        _ => None,
    }
}

/// What Salesforce said, as sentences. Of a query it shows a part with a mark under it, which is no sentence.
fn plain(message: &str) -> String {
    let (said, place) = match message.split_once("ERROR at ") {
        Some((part, rest)) => {
            let (place, said) = rest.split_once('\n').unwrap_or(("", rest));
            let part = part.trim_matches(|c: char| c.is_whitespace() || c == '^');
            (
                said.trim(),
                format!(
                    " ({} of the whole query, behind `{part}`)",
                    place.replace(':', " ").trim()
                ),
            )
        }
        None => (message.trim(), String::new()),
    };
    let end = if said.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{said}{end}{place}")
}

/// What to do, where Salesforce does not say it.
fn advice(complaint: &Complaint) -> Option<&'static str> {
    match complaint.error_code.as_str() {
        "REQUEST_LIMIT_EXCEEDED" if is_busy(complaint) => Some("Too much runs at once: try again later."),
        "REQUEST_LIMIT_EXCEEDED" => Some("Salesforce counts the requests of the last 24 hours, those of others too."),
        "INVALID_SESSION_ID" => Some("Ask an administrator to renew the credential of the binding."),
        "UNABLE_TO_LOCK_ROW" => Some("Somebody else changes the same records: try again in a moment."),
        "INVALID_QUERY_LOCATOR" => Some("The rest of the answer is no longer kept: ask again, for fewer records."),
        "UNSUPPORTED_API_VERSION" => Some("Ask an administrator to change the setting `api-version`."),
        _ => None,
    }
}

fn is_busy(complaint: &Complaint) -> bool {
    complaint.message.contains("Concurrent")
}

fn wait(complaint: &Complaint) -> Option<Duration> {
    match complaint.error_code.as_str() {
        "UNABLE_TO_LOCK_ROW" => Some(LOCK),
        "REQUEST_LIMIT_EXCEEDED" if is_busy(complaint) => Some(BUSY),
        _ => None,
    }
}

/// 300: several records hold the external id, and the body lists where they are.
fn ambiguous(body: &Value) -> ToolError {
    let urls = body.as_array().into_iter().flatten().filter_map(Value::as_str);
    let ids: Vec<_> = urls.filter_map(|url| url.rsplit('/').next()).collect();
    let message = "Several records hold this external id, so nothing was done: use the id of one of them.";
    ToolError::new("ambiguous", message).detail("ids", ids.join(", "))
}
