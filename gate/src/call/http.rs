//! One HTTP exchange as a skill asks for it: judged in the same form in which it is sent.

mod headers;
mod pattern;
mod rules;
mod target;

use serde::{Deserialize, Serialize};

use super::body::Body;

pub use headers::Headers;
pub use pattern::Pattern;
pub use rules::{HttpRules, Key};

/// A request: method, path and query, headers, body. The authority is the binding's, so there is none here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct HttpCall {
    method: String,
    path: String,
    query: Option<String>,
    headers: Headers,
    body: Body,
}

/// A response, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpReply {
    /// 100 to 599, as the service sent it.
    pub status: u16,
    /// In the order in which they came.
    pub headers: Headers,
    /// Its bytes.
    pub body: Body,
}

/// Why a request cannot be made, in a sentence that says what to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpCallError {
    /// Not a method, or one that opens tunnels or echoes credentials.
    #[error("this method cannot be used; use GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS or another in capitals")]
    Method,
    /// The path would not mean to every server what it means to the policy.
    #[error(
        "this path cannot be used; start it with a slash, percent-encode what must be, and leave out empty, `.` and `..` segments, backslashes and NUL"
    )]
    Path,
    /// The query holds what a query cannot.
    #[error("this query cannot be used; percent-encode what must be, and leave out parameters that replace the method")]
    Query,
    /// A header that is malformed, or that frames the message.
    #[error(
        "a header cannot be used; leave out Host, Connection, Transfer-Encoding and what else frames or redirects a request, and keep to visible ASCII names"
    )]
    Header,
    /// `content-length` differs from the body's length.
    #[error("the header content-length differs from the body; leave it out, and it is computed")]
    ContentLength,
}

impl HttpCall {
    /// The kind of the bindings that carry it.
    pub const KIND: &'static str = "http";

    /// A request, in its canonical form: unreserved characters of the path are not percent-encoded, header names are
    /// in lower case, and no header frames the body.
    ///
    /// # Errors
    /// [`HttpCallError`] for what two readers could read in two ways.
    pub fn new(method: &str, target: &str, headers: Headers, body: Body) -> Result<Self, HttpCallError> {
        let (path, query) = target::parse(target)?;
        Ok(Self {
            method: target::method(method)?,
            path,
            query,
            headers: headers.of_request(body.size())?,
            body,
        })
    }

    /// Such as `POST`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// From its first slash, as it is sent.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What follows the question mark, as it is sent.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// In the order in which they are sent; names in lower case.
    pub const fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The bytes to send.
    pub const fn body(&self) -> &Body {
        &self.body
    }

    pub(crate) const fn body_mut(&mut self) -> &mut Body {
        &mut self.body
    }

    pub(crate) fn size(&self) -> u64 {
        let query = self.query.as_ref().map_or(0, |query| query.len() + 1);
        (self.path.len() + query) as u64 + self.headers.size() + self.body.size()
    }
}

impl HttpReply {
    pub(crate) fn size(&self) -> u64 {
        self.headers.size() + self.body.size()
    }
}

/// A path as calls have it; none for what no call can have.
pub(crate) fn canonical_path(path: &str) -> Option<String> {
    match target::parse(path) {
        Ok((path, None)) => Some(path),
        _ => None,
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Written {
    method: String,
    target: String,
    headers: Headers,
    body: Body,
}

impl TryFrom<Written> for HttpCall {
    type Error = HttpCallError;

    fn try_from(written: Written) -> Result<Self, HttpCallError> {
        Self::new(&written.method, &written.target, written.headers, written.body)
    }
}

impl From<HttpCall> for Written {
    fn from(call: HttpCall) -> Self {
        let target = match call.query {
            Some(query) => format!("{}?{query}", call.path),
            None => call.path,
        };
        Self {
            method: call.method,
            target,
            headers: call.headers,
            body: call.body,
        }
    }
}
