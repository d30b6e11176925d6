//! Calls over HTTP. The authority of a URL is the name of a binding, as in `https://jira/rest/api/3/myself`: the host
//! knows the address behind it, adds the credential, and judges every call.
//!
//! ```text
//! let uri = http::url("jira", &["rest", "api", "3", "issue", &key], &[("fields", "summary")])?;
//! let response = http::send(http::get(uri))?;
//! if !response.status().is_success() {
//!     return Err(http::failure(&response, "what the service's own error body says"));
//! }
//! let issue: Issue = http::read(&response)?;
//! ```
//!
//! In native tests nothing leaves the process: [`testing::answer`] says what the service answers.

use std::time::{Duration, SystemTime};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use ::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};

use crate::ToolError;

/// A longer sentence of a service is cut: what agents read should fit on a screen.
const SENTENCE: usize = 1_000;

/// What RFC 3986 section 2.3 calls unreserved may stand in every part of a URL as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Sends a request and waits for the whole reply, whatever its status.
///
/// # Errors
/// `denied` where the host refused the call, `upstream` where the service could not be reached or broke off,
/// `invalid-argument` where the request exceeds the host's limits, `internal` where it is no valid request. A host may
/// also name one of the codes of `tool-error` itself. After `upstream` a write may still have taken effect.
pub fn send(request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ToolError> {
    host::send(request)
}

/// A URL on a binding. Each segment of the path, each name and each value is percent-encoded (RFC 3986 section 2.1), so
/// that arguments of a tool can be used as they are.
///
/// # Errors
/// `invalid-argument` for a segment that is empty, `.` or `..`, which would name something else.
pub fn url(binding: &str, path: &[&str], query: &[(&str, &str)]) -> Result<Uri, ToolError> {
    let mut url = format!("https://{binding}");
    for segment in path {
        url.push('/');
        url.push_str(&encode_segment(segment)?);
    }
    for (number, (name, value)) in query.iter().enumerate() {
        url.push(if number == 0 { '?' } else { '&' });
        url.push_str(&format!("{}={}", encode(name), encode(value)));
    }
    Ok(url.parse()?)
}

/// A GET that asks for JSON.
pub fn get(uri: Uri) -> Request<Vec<u8>> {
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = uri;
    request.headers_mut().insert(header::ACCEPT, JSON);
    request
}

/// A request that carries JSON and asks for JSON.
///
/// # Errors
/// `internal` where the body cannot be written as JSON, such as a map whose keys are no strings.
pub fn json(method: Method, uri: Uri, body: &impl Serialize) -> Result<Request<Vec<u8>>, ToolError> {
    let mut request = get(uri);
    *request.method_mut() = method;
    *request.body_mut() = serde_json::to_vec(body)?;
    request.headers_mut().insert(header::CONTENT_TYPE, JSON);
    Ok(request)
}

/// The JSON of a reply.
///
/// # Errors
/// `upstream` where it is no JSON, or not of this shape.
pub fn read<T: DeserializeOwned>(response: &Response<Vec<u8>>) -> Result<T, ToolError> {
    serde_json::from_slice(response.body()).map_err(|cause| {
        ToolError::upstream("The service answered something that makes no sense.")
            .detail("status", response.status().as_str())
            .detail("cause", cause.to_string())
    })
}

/// What a reply that is no success means for the agent: the code that fits its status (RFC 9110 section 15), what the
/// service said (or a sentence of ours, where it said nothing), and when to come back.
pub fn failure(response: &Response<Vec<u8>>, said: &str) -> ToolError {
    let status = response.status();
    let code = code(status);
    let sentence = match said.trim() {
        "" => sentence(code).to_owned(),
        said => said.chars().take(SENTENCE).collect(),
    };
    let error = ToolError::new(code, sentence).detail("status", status.as_str());
    match retry_after(response.headers()) {
        Some(time) => error.retry_after(time),
        None => error,
    }
}

/// The time of a `Retry-After` (RFC 9110 section 10.2.3), given in seconds or as a date. A date is measured from the
/// reply's own `Date` where it has one, so that the clocks need not agree.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = httpdate::parse_http_date(text).ok()?;
    let now = date(headers).unwrap_or_else(SystemTime::now);
    Some(then.duration_since(now).unwrap_or_default())
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn encode_segment(segment: &str) -> Result<String, ToolError> {
    if matches!(segment, "" | "." | "..") {
        let message = format!("`{segment}` names nothing: give an identifier of the service's.");
        return Err(ToolError::invalid_argument(message));
    }
    Ok(encode(segment))
}

fn code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "unauthorized",
        402 | 403 | 451 => "denied",
        404 | 410 => "not-found",
        429 => "rate-limited",
        // The method and the media types are the skill's choice.
        405 | 406 | 411 | 415 => "internal",
        408 => "upstream",
        400..=499 => "invalid-argument",
        _ => "upstream",
    }
}

fn sentence(code: &str) -> &'static str {
    match code {
        "unauthorized" => "The service did not accept the credential of the binding: ask an administrator to renew it.",
        "denied" => "The credential of the binding may not do this: ask an administrator, or do something else.",
        "not-found" => "The service knows nothing under this name, or hides it from this credential.",
        "rate-limited" => "The service asked to slow down: try again later.",
        "invalid-argument" => "The service did not accept the arguments.",
        "internal" => "The service did not accept the form of the skill's request.",
        _ => "The service failed: try again later.",
    }
}

/// Sends through `wasi:http`.
#[cfg(any(test, target_family = "wasm"))]
#[cfg_attr(
    not(target_family = "wasm"),
    expect(dead_code, reason = "only its errors can be tried without a host")
)]
pub(crate) mod wasi {
    use wasip2::http::outgoing_handler::handle;
    use wasip2::http::types::{
        ErrorCode, Fields, HeaderError, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme,
        http_error_code,
    };
    use wasip2::io::streams::StreamError;

    use super::{Request, Response};
    use crate::ToolError;

    /// What `blocking-write-and-flush` takes at once (wasi:io/streams).
    const WRITE: usize = 4_096;
    const READ: u64 = 64 * 1_024;

    pub(crate) fn send(request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ToolError> {
        let (head, content) = request.into_parts();
        let request = outgoing(&head)?;
        let body = request.body().map_err(|()| invalid("body"))?;
        let reply = handle(request, None).map_err(error)?;
        write(body, &content)?;
        reply.subscribe().block();
        let response = reply.get().and_then(Result::ok).ok_or_else(|| invalid("reply"))?;
        incoming(response.map_err(error)?)
    }

    fn outgoing(head: &::http::request::Parts) -> Result<OutgoingRequest, ToolError> {
        let named = head.headers.iter();
        let fields: Vec<_> = named
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect();
        let request = OutgoingRequest::new(Fields::from_list(&fields).map_err(header)?);
        let method = method(&head.method);
        request.set_method(&method).map_err(|()| invalid("method"))?;
        request
            .set_scheme(Some(&scheme(&head.uri)))
            .map_err(|()| invalid("scheme"))?;
        let authority = head.uri.authority().map(|authority| authority.as_str());
        request.set_authority(authority).map_err(|()| invalid("authority"))?;
        let path = head.uri.path_and_query().map(|path| path.as_str());
        request.set_path_with_query(path).map_err(|()| invalid("path"))?;
        Ok(request)
    }

    fn method(method: &super::Method) -> Method {
        match method.as_str() {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "DELETE" => Method::Delete,
            "CONNECT" => Method::Connect,
            "OPTIONS" => Method::Options,
            "TRACE" => Method::Trace,
            "PATCH" => Method::Patch,
            other => Method::Other(other.to_owned()),
        }
    }

    fn scheme(uri: &super::Uri) -> Scheme {
        match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") | None => Scheme::Https,
            Some(other) => Scheme::Other(other.to_owned()),
        }
    }

    /// After `handle`: before it, nobody takes the bytes, and a long body would wait for ever.
    fn write(body: OutgoingBody, content: &[u8]) -> Result<(), ToolError> {
        let stream = body.write().map_err(|()| invalid("body"))?;
        for part in content.chunks(WRITE) {
            stream.blocking_write_and_flush(part).map_err(|cause| broken(&cause))?;
        }
        // A child must go before its parent does.
        drop(stream);
        OutgoingBody::finish(body, None).map_err(error)
    }

    fn incoming(reply: IncomingResponse) -> Result<Response<Vec<u8>>, ToolError> {
        let mut response = Response::builder().status(reply.status());
        for (name, value) in reply.headers().entries() {
            response = response.header(name, value);
        }
        let body = reply.consume().map_err(|()| invalid("reply"))?;
        response
            .body(read(&body)?)
            .map_err(|_| ToolError::upstream("The service's reply has an invalid head."))
    }

    fn read(body: &IncomingBody) -> Result<Vec<u8>, ToolError> {
        let stream = body.stream().map_err(|()| invalid("reply"))?;
        let mut content = Vec::new();
        loop {
            match stream.blocking_read(READ) {
                Ok(part) => content.extend(part),
                Err(StreamError::Closed) => return Ok(content),
                Err(cause) => return Err(broken(&cause)),
            }
        }
    }

    fn broken(cause: &StreamError) -> ToolError {
        let known = match cause {
            StreamError::LastOperationFailed(cause) => http_error_code(cause),
            StreamError::Closed => None,
        };
        known.map_or_else(|| ToolError::upstream("The call broke off: try again later."), error)
    }

    fn header(cause: HeaderError) -> ToolError {
        match cause {
            HeaderError::Forbidden => ToolError::denied("The host does not let the skill set one of its headers."),
            _ => invalid("headers"),
        }
    }

    fn invalid(part: &str) -> ToolError {
        ToolError::internal(format!("The skill made an invalid request: {part}."))
    }

    /// What the host's word for a failed call means for the agent.
    pub(crate) fn error(cause: ErrorCode) -> ToolError {
        let name = format!("{cause:?}");
        let error = match cause {
            ErrorCode::InternalError(Some(said)) => return told(&said),
            ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
                ToolError::denied("The host refused this call: ask an administrator to allow it, or do something else.")
            }
            ErrorCode::DestinationNotFound => {
                ToolError::denied("The host has no binding of this name for the skill: ask an administrator to add it.")
            }
            ErrorCode::HttpRequestBodySize(_) => {
                ToolError::invalid_argument("The request is larger than the host allows: send less at once.")
            }
            ErrorCode::HttpRequestMethodInvalid
            | ErrorCode::HttpRequestUriInvalid
            | ErrorCode::HttpRequestUriTooLong
            | ErrorCode::HttpRequestHeaderSectionSize(_)
            | ErrorCode::HttpRequestHeaderSize(_)
            | ErrorCode::HttpRequestLengthRequired => invalid("the host says what is wrong in `cause`"),
            ErrorCode::ConnectionTimeout
            | ErrorCode::ConnectionReadTimeout
            | ErrorCode::ConnectionWriteTimeout
            | ErrorCode::DnsTimeout
            | ErrorCode::HttpResponseTimeout => ToolError::upstream("The service did not answer in time."),
            ErrorCode::HttpResponseBodySize(_) => {
                ToolError::upstream("The service's reply is larger than the host allows: ask for less at once.")
            }
            _ => ToolError::upstream("The service could not be reached, or broke off: try again later."),
        };
        error.detail("cause", name)
    }

    /// A sentence of the host's, perhaps behind the code that it chose: `rate-limited: The budget of today is used up.`
    fn told(said: &str) -> ToolError {
        match said.split_once(": ") {
            Some((code, sentence)) if is_known(code) => ToolError::new(code, sentence),
            _ => ToolError::upstream(said),
        }
    }

    fn is_known(code: &str) -> bool {
        matches!(
            code,
            "invalid-argument" | "not-found" | "unauthorized" | "denied" | "rate-limited" | "upstream" | "internal"
        )
    }
}

#[cfg(target_family = "wasm")]
use wasi as host;

/// Stands in for the host in native tests: says what a service answers, on this thread.
#[cfg(not(target_family = "wasm"))]
pub mod testing {
    use std::cell::RefCell;

    use super::{Request, Response};
    use crate::ToolError;

    type Service = Box<dyn FnMut(Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ToolError>>;

    thread_local! {
        static SERVICE: RefCell<Option<Service>> = const { RefCell::new(None) };
    }

    /// Lets this function answer every request of this thread, until another one takes its place.
    pub fn answer(service: impl FnMut(Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ToolError> + 'static) {
        SERVICE.set(Some(Box::new(service)));
    }

    pub(super) fn send(request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ToolError> {
        SERVICE.with_borrow_mut(|service| match service {
            Some(answer) => answer(request),
            None => Err(ToolError::internal(
                "Say with `http::testing::answer` what the service answers.",
            )),
        })
    }
}

#[cfg(not(target_family = "wasm"))]
use testing as host;
