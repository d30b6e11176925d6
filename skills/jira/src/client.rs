//! Calls to the Jira behind the binding, and what its answers mean.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use skillhost_sdk::http::{self, Request, Response, Uri};
use skillhost_sdk::{ToolError, run};

/// The name that the administrator binds to a site.
const BINDING: &str = "jira";

const UNKNOWN: &str = "Jira did not accept the credential of the binding: ask an administrator to renew it.";

/// An address of version 3 of the REST API.
///
/// # Errors
/// `invalid-argument` for a part that names nothing.
pub(crate) fn uri(path: &[&str], query: &[(&str, &str)]) -> Result<Uri, ToolError> {
    let path = [&["rest", "api", "3"], path].concat();
    http::url(BINDING, &path, query)
}

/// Asks for something that nothing changes by.
///
/// # Errors
/// What Jira said, or why it could not be reached.
pub(crate) fn read<T: DeserializeOwned>(request: Request<Vec<u8>>) -> Result<T, ToolError> {
    http::read(&succeeded(http::send(request)?)?)
}

/// Changes something, once.
///
/// # Errors
/// As `read`; after `upstream` it may be changed all the same, and the error says so.
pub(crate) fn write(request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ToolError> {
    http::send(request).and_then(succeeded).map_err(doubted)
}

/// The answer to a write. One that makes no sense leaves doubts too.
///
/// # Errors
/// `upstream` where it has another shape.
pub(crate) fn written<T: DeserializeOwned>(response: &Response<Vec<u8>>) -> Result<T, ToolError> {
    http::read(response).map_err(doubted)
}

fn doubted(error: ToolError) -> ToolError {
    if error.code != "upstream" {
        return error;
    }
    let message = format!(
        "{} It may be done all the same: look before you try again.",
        error.message
    );
    ToolError { message, ..error }.detail("run", run::id())
}

fn succeeded(response: Response<Vec<u8>>) -> Result<Response<Vec<u8>>, ToolError> {
    if response.status().is_success() {
        return Ok(response);
    }
    let said: Said = serde_json::from_slice(response.body()).unwrap_or_default();
    let mut error = http::failure(&response, &said.sentence());
    // A wrong password is answered with 403 too, and only a header tells.
    if error.code == "denied" && header(&response, "x-seraph-loginreason").is_some_and(|reason| reason != "OK") {
        "unauthorized".clone_into(&mut error.code);
        UNKNOWN.clone_into(&mut error.message);
    }
    for (field, fault) in &said.errors {
        error = error.detail(format!("field.{field}"), text(fault));
    }
    match header(&response, "ratelimit-reason") {
        Some(reason) => Err(error.detail("reason", reason)),
        None => Err(error),
    }
}

fn header<'a>(response: &'a Response<Vec<u8>>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// What Jira says of a failure, and what the gateway before it says.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Said {
    error_messages: Vec<String>,
    errors: BTreeMap<String, Value>,
    message: String,
}

impl Said {
    fn sentence(&self) -> String {
        let faults = self
            .errors
            .iter()
            .map(|(field, fault)| format!("`{field}`: {}", text(fault)));
        let general = self.error_messages.iter().chain([&self.message]).cloned();
        let sentences: Vec<_> = general
            .chain(faults)
            .filter(|sentence| !sentence.trim().is_empty())
            .collect();
        sentences.join(" ")
    }
}

fn text(fault: &Value) -> String {
    fault.as_str().map_or_else(|| fault.to_string(), str::to_owned)
}
