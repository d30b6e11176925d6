//! As much of a client as the guests need.

use crate::bindings::wasi::http::outgoing_handler::handle;
use crate::bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    Scheme,
};
use crate::bindings::wasi::io::streams::StreamError;

/// The binding that answers.
pub(crate) const BINDING: &str = "echo";

/// A request to the binding.
pub(crate) fn request(method: Method, path: &str) -> OutgoingRequest {
    request_with(Fields::new(), method, path)
}

pub(crate) fn request_with(headers: Fields, method: Method, path: &str) -> OutgoingRequest {
    let request = OutgoingRequest::new(headers);
    request.set_method(&method).unwrap();
    request.set_scheme(Some(&Scheme::Https)).unwrap();
    request.set_authority(Some(BINDING)).unwrap();
    request.set_path_with_query(Some(path)).unwrap();
    request
}

/// Hands over a request without a body.
pub(crate) fn get(path: &str) -> FutureIncomingResponse {
    handle(request(Method::Get, path), None).unwrap()
}

/// Writes all of it, in pieces.
pub(crate) fn write(body: &OutgoingBody, bytes: &[u8]) -> Result<(), StreamError> {
    let stream = body.write().unwrap();
    for chunk in bytes.chunks(4096) {
        stream.blocking_write_and_flush(chunk)?;
    }
    Ok(())
}

/// Waits for a reply, and says it in a line.
pub(crate) fn wait(future: &FutureIncomingResponse) -> String {
    future.subscribe().block();
    seen(future)
}

/// A reply that came, in a line.
pub(crate) fn seen(future: &FutureIncomingResponse) -> String {
    match future.get() {
        None => "nothing yet".to_owned(),
        Some(Err(())) => "taken before".to_owned(),
        Some(Ok(Err(code))) => name(&code),
        Some(Ok(Ok(response))) => {
            let status = response.status();
            format!("{status} {}", read(response))
        }
    }
}

/// The body of a reply as text.
pub(crate) fn read(response: IncomingResponse) -> String {
    String::from_utf8(bytes(response)).unwrap()
}

fn bytes(response: IncomingResponse) -> Vec<u8> {
    let body = response.consume().unwrap();
    let stream = body.stream().unwrap();
    let mut all = Vec::new();
    while let Ok(piece) = stream.blocking_read(1000) {
        all.extend(piece);
    }
    drop(stream);
    IncomingBody::finish(body);
    all
}

/// An error, in short.
pub(crate) fn name(code: &ErrorCode) -> String {
    format!("{code:?}").trim_start_matches("ErrorCode::").to_owned()
}
