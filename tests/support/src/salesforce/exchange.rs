//! A request and its answer, free of HTTP: the same for what arrives and for the parts of a composite.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use super::refusal::Refusal;

/// One request below `/services/data/vNN.N`.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Such as 66.
    pub(super) version: u32,
    /// What follows the version, decoded.
    pub(super) path: Vec<String>,
    pub(super) parameters: Vec<(String, String)>,
    /// By lower-case name.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Option<Value>,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    /// Null where there is no body.
    pub(super) body: Value,
}

/// A path and its parameters, taken apart.
pub(super) struct Target {
    /// Without empty parts: a slash at the end means nothing.
    pub(super) path: Vec<String>,
    pub(super) parameters: Vec<(String, String)>,
}

impl Target {
    /// Reads a path with an optional query.
    pub(super) fn read(text: &str) -> Option<Self> {
        let url = Url::parse("http://instance").ok()?.join(text).ok()?;
        let decoded = |part: &str| {
            percent_encoding::percent_decode_str(part)
                .decode_utf8_lossy()
                .into_owned()
        };
        let path = url
            .path_segments()?
            .filter(|part| !part.is_empty())
            .map(decoded)
            .collect();
        let parameters = form_urlencoded::parse(url.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
        Some(Self { path, parameters })
    }

    /// The parts of the path as they are matched.
    pub(super) fn parts(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}

impl Request {
    /// The first value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.parameters.iter().filter(|(own, _)| own == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// The values of a parameter that is a list with commas.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        let split = |text: &str| text.split(',').map(|part| part.trim().to_owned()).collect();
        self.parameter(name).map(split)
    }

    /// The body, where it is an object.
    pub(super) fn object(&self) -> Result<&Map<String, Value>, Refusal> {
        let object = self.body.as_ref().and_then(Value::as_object);
        object.ok_or_else(|| Refusal::bad("JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object."))
    }

    /// The path of a resource of the same version.
    pub(super) fn url(&self, rest: &str) -> String {
        format!("/services/data/v{}.0/{rest}", self.version)
    }
}

impl Answer {
    pub(super) fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    /// 200.
    pub(super) fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    /// 204.
    pub(super) fn nothing() -> Self {
        Self::json(204, Value::Null)
    }

    pub(super) fn is_error(&self) -> bool {
        self.status >= 300
    }
}
