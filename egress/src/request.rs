//! What is sent: whole, and without headers that are not the caller's to set.

use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HOST, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::credential::Credential;
use crate::error::{Code, Error};
use crate::rule::Rule;
use crate::target::Target;

mod owned;
#[cfg(test)]
mod tests;

pub(crate) use owned::by_connection as is_connections;

/// One request, whole in memory.
#[derive(Clone)]
pub struct Request {
    /// The method: any but CONNECT and TRACE.
    pub method: Method,
    /// Where it goes.
    pub target: Target,
    /// The caller's headers. Those of the connection, of the binding and of its credential are refused.
    pub headers: HeaderMap,
    /// Headers that the host adds, those that the binding owns among them: the key of a keyed write.
    pub added: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Most bytes of the reply's body, also once it is decompressed, where that is less than the binding allows.
    pub reply_most: usize,
    /// Whether sending it twice does no harm. Then it may use a connection that was used before, and another one where that
    /// turns out to be lost, which leaves open whether it was sent. True for GET, HEAD and OPTIONS.
    pub repeatable: bool,
    /// Whether it may use a connection that was used before although it is not repeated where it may have been sent: it then
    /// fails more often, and whoever sends it must be able to tell. True for no method by itself.
    pub reusing: bool,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: Method, target: Target) -> Self {
        Self {
            repeatable: matches!(method, Method::GET | Method::HEAD | Method::OPTIONS),
            reusing: false,
            method,
            target,
            headers: HeaderMap::new(),
            added: HeaderMap::new(),
            body: Bytes::new(),
            reply_most: usize::MAX,
        }
    }

    /// Checks all that does not need the network.
    pub(crate) fn check(&self, rule: &Rule, credential: Option<&Credential>) -> Result<(), Error> {
        self.target.allowed_by(rule)?;
        if matches!(self.method, Method::CONNECT | Method::TRACE) {
            let told = format!(
                "{} is not sent: it would show or bypass what the host adds.",
                self.method
            );
            return Err(Error::new(Code::MethodNotAllowed, told));
        }
        let credential = credential.map(Credential::header_names);
        for name in self.headers.keys() {
            let theirs = owned::by_connection(name)
                || rule.owns_header(name)
                || owned::by_credential(name, credential.as_deref());
            if theirs {
                return Err(refused(name));
            }
        }
        let added = self.added.keys();
        if let Some(name) = added.into_iter().find(|name| owned::by_connection(name)) {
            return Err(refused(name));
        }
        self.check_length()?;
        self.check_size(rule)
    }

    /// A length that the caller states must be true, for whoever believes it.
    fn check_length(&self) -> Result<(), Error> {
        let stated = self.headers.get_all(CONTENT_LENGTH).iter();
        let truth = self.body.len().to_string();
        for stated in stated {
            if stated.as_bytes() != truth.as_bytes() {
                return Err(refused(&CONTENT_LENGTH));
            }
        }
        Ok(())
    }

    fn check_size(&self, rule: &Rule) -> Result<(), Error> {
        let size = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
        let headers: usize = self.headers.iter().chain(&self.added).map(size).sum();
        let caps = rule.caps();
        if headers + self.target.path_and_query().len() > caps.request_head {
            return Err(too_large("path and headers", caps.request_head));
        }
        if self.body.len() > caps.request_body {
            return Err(too_large("body", caps.request_body));
        }
        Ok(())
    }

    /// The request as it goes out, but for the credential.
    pub(crate) fn head(&self) -> Result<http::request::Parts, Error> {
        let malformed = |_| Error::new(Code::TargetMalformed, "The URL cannot stand in a request.");
        let request = http::Request::builder()
            .method(self.method.clone())
            .uri(self.target.path_and_query())
            .body(());
        let (mut parts, ()) = request.map_err(malformed)?.into_parts();
        let host = self.target.authority();
        let host =
            HeaderValue::try_from(host).map_err(|_| Error::new(Code::TargetMalformed, "The host is no header."))?;
        parts.headers.insert(HOST, host);
        parts.headers.extend(self.headers.clone());
        parts.headers.extend(self.added.clone());
        // What is not compressed cannot be a bomb, and can be looked at: RFC 9110, 12.5.3 lets a server always send it.
        parts
            .headers
            .insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let agent = HeaderValue::from_static(concat!("skillhost/", env!("CARGO_PKG_VERSION")));
        parts.headers.entry(USER_AGENT).or_insert(agent);
        self.state_length(&mut parts.headers);
        Ok(parts)
    }

    /// RFC 9110, 8.6: a method that usually has a body says that it has none.
    fn state_length(&self, headers: &mut HeaderMap) {
        headers.remove(CONTENT_LENGTH);
        let usual = matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
        if usual || !self.body.is_empty() {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().chain(self.added.keys()).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.target.host())
            .field("path", &self.target.path())
            .field("headers", &names)
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

fn refused(name: &HeaderName) -> Error {
    let told = format!("The header `{name}` is not the skill's to set: remove it.");
    Error::new(Code::HeaderNotAllowed, told)
}

fn too_large(what: &str, cap: usize) -> Error {
    let told = format!("The request's {what} may have at most {cap} bytes.");
    Error::new(Code::RequestTooLarge, told)
}
