//! Requests to the binding `salesforce`, and what becomes of them when an answer is lost.

use serde_json::Value;
use skillhost_sdk::http::{self, Method, Request, Response, Uri};
use skillhost_sdk::{ToolError, configuration};

use crate::failure;

const BINDING: &str = "salesforce";

/// Spring '26. Salesforce keeps versions for years; a later one is a setting away.
const VERSION: &str = "66.0";

/// The first version whose upsert answers which record it changed.
const FIRST: u32 = 46;

/// Salesforce refuses longer addresses with a page for people.
const LONGEST: usize = 15_000;

/// What it means if nobody knows whether a request was carried out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It changes nothing.
    Read,
    /// Doing it again changes no more.
    Repeatable,
    /// Doing it again does it twice.
    Once,
}

/// The address of a resource of this version, such as `["sobjects", "Account"]`.
pub(crate) fn url(path: &[&str], query: &[(&str, &str)]) -> Result<Uri, ToolError> {
    let version = format!("v{}", version(configuration::get("api-version"))?);
    let whole = [&["services", "data", &version], path].concat();
    let url = http::url(BINDING, &whole, query)?;
    let length = url.path_and_query().map_or(0, |text| text.as_str().len());
    if length <= LONGEST {
        return Ok(url);
    }
    let message = format!(
        "The request is {} characters too long: ask with fewer or shorter values.",
        length - LONGEST
    );
    Err(ToolError::invalid_argument(message))
}

/// The address of a path that Salesforce answered, such as where the next records are.
pub(crate) fn follow(path: &str) -> Result<Uri, ToolError> {
    let known = Some(path).filter(|path| path.starts_with("/services/data/"));
    let url = known.and_then(|path| format!("https://{BINDING}{path}").parse().ok());
    url.ok_or_else(|| ToolError::upstream("Salesforce said that there are more records, and not where."))
}

/// The setting `api-version`, or the default.
pub(crate) fn version(setting: Option<String>) -> Result<String, ToolError> {
    let version = setting.unwrap_or_else(|| VERSION.to_owned());
    let number = version.strip_suffix(".0").and_then(|number| number.parse::<u32>().ok());
    if number.is_some_and(|number| (FIRST..1_000).contains(&number)) {
        return Ok(version);
    }
    let message =
        format!("The setting `api-version` is `{version}`: an administrator must write it as in `{VERSION}`.");
    Err(ToolError::internal(message))
}

/// A GET.
pub(crate) fn read(url: Uri) -> Result<Response<Vec<u8>>, ToolError> {
    send(http::get(url), Effect::Read)
}

/// A request that carries JSON.
pub(crate) fn write(method: Method, url: Uri, body: &Value, effect: Effect) -> Result<Response<Vec<u8>>, ToolError> {
    send(http::json(method, url, body)?, effect)
}

/// Sends a request and answers its reply, if it is a success.
pub(crate) fn send(request: Request<Vec<u8>>, effect: Effect) -> Result<Response<Vec<u8>>, ToolError> {
    let response = http::send(request).map_err(|error| lost(error, effect))?;
    if response.status().is_success() {
        return Ok(response);
    }
    let error = failure::of(&response);
    Err(if failure::is_certain(&response) {
        error
    } else {
        lost(error, effect)
    })
}

/// The JSON of a success. A change whose answer makes no sense may have happened.
pub(crate) fn json<T: serde::de::DeserializeOwned>(
    response: &Response<Vec<u8>>,
    effect: Effect,
) -> Result<T, ToolError> {
    http::read(response).map_err(|error| lost(error, effect))
}

/// Says of an error that leaves it open whether the request was carried out what to do about it.
fn lost(mut error: ToolError, effect: Effect) -> ToolError {
    if error.code != "upstream" {
        return error;
    }
    match effect {
        Effect::Read => error,
        Effect::Repeatable => {
            error
                .message
                .push_str(" It may have happened nevertheless; doing it again is safe.");
            error
        }
        Effect::Once => {
            error.code = "outcome-unknown".to_owned();
            error
                .message
                .push_str(" It may have happened nevertheless: look for it before you do it again.");
            error
        }
    }
}
