//! What OpenAI's errors mean. They come as `{"error": {"message", "type", "param", "code"}}` with a status, and by the same
//! codes in streams and in answers that failed; services that speak the same format fill in less of it.

mod kind;
#[cfg(test)]
mod tests;

use gate::Failure;
use http::HeaderMap;
use serde_json::Value;

use super::text;
use crate::trouble::{retry_after, should_retry};
use kind::Kind;

/// How much of an answer that cannot be read is kept.
const KEPT: usize = 1000;

/// What an answer means whose status is not 2xx.
pub(in crate::dialect) fn of_status(status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
    let read: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = read.get("error").unwrap_or(&read);
    let kind = Kind::of_error(error, Some(status)).unwrap_or_else(|| Kind::of_status(status));
    let failure = if costs_nothing(status) {
        Failure::nothing_sent(kind.code.clone(), kind.told)
    } else {
        Failure::perhaps_sent(kind.code.clone(), kind.told)
    };
    let failure = if should_retry(headers).unwrap_or(kind.retryable) {
        failure.retryable(retry_after(headers))
    } else {
        failure
    };
    failure.keep(kept(status, headers, error, body))
}

/// What an error means that came after status 200: in a stream, or as the answer.
pub(in crate::dialect) fn of_error(error: &Value) -> Failure {
    let kind = Kind::of_error(error, None).unwrap_or_else(|| Kind::of_status(500));
    let failure = Failure::perhaps_sent(kind.code.clone(), kind.told);
    let failure = if kind.retryable {
        failure.retryable(None)
    } else {
        failure
    };
    failure.keep(said(error))
}

/// A question that was refused was not answered, and nothing is charged for it. After 408, 409 and 424 the model may have
/// worked all the same.
const fn costs_nothing(status: u16) -> bool {
    matches!(status, 400..=499) && !matches!(status, 408 | 409 | 424)
}

fn kept(status: u16, headers: &HeaderMap, error: &Value, body: &[u8]) -> String {
    let ids = ["x-request-id", "apim-request-id", "x-amzn-requestid", "opc-request-id"];
    let mut ids = ids.into_iter().filter_map(|name| headers.get(name)?.to_str().ok());
    let id = ids.next().unwrap_or("unknown");
    let said = if error.is_object() {
        said(error)
    } else {
        String::from_utf8_lossy(body).chars().take(KEPT).collect()
    };
    format!("status {status}, request {id}: {said}")
}

fn said(error: &Value) -> String {
    let field = |name| text(error, name).unwrap_or("-");
    let said = format!(
        "code {}, type {}, param {}: {}",
        field("code"),
        field("type"),
        field("param"),
        field("message")
    );
    said.chars().take(KEPT).collect()
}
