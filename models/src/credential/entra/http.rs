//! Microsoft's library on the house's own way out.

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use bytes::Bytes;
use egress::{Code, Error, Reply};
use http::StatusCode;

use crate::credential::Way;

#[async_trait]
impl HttpClient for Way {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let way = self.clone();
        let sending = way.send(
            request.method().as_str(),
            request.url().as_str(),
            headers,
            body(request)?,
        );
        let reply = sending.await.and_then(able).map_err(|error| {
            let kind = if error.retryable() {
                ErrorKind::Io
            } else {
                ErrorKind::Other
            };
            azure_core::Error::new(kind, error)
        })?;
        let mut headers = Headers::new();
        for (name, value) in &reply.headers {
            if let Ok(value) = value.to_str() {
                headers.insert(name.as_str().to_owned(), value.to_owned());
            }
        }
        Ok(AsyncRawResponse::from_bytes(
            reply.status.as_u16().into(),
            headers,
            reply.body,
        ))
    }
}

/// Who is busy or broken may answer with anything, which the library would take for a refusal.
fn able(reply: Reply) -> Result<Reply, Error> {
    if reply.status == StatusCode::TOO_MANY_REQUESTS || reply.status.is_server_error() {
        let told = format!(
            "Entra ID is busy or broken (status {}); ask again.",
            reply.status.as_u16()
        );
        return Err(Error::new(Code::TokenUnavailable, told));
    }
    Ok(reply)
}

fn body(request: &Request) -> azure_core::Result<Bytes> {
    match request.body() {
        Body::Bytes(bytes) => Ok(bytes.clone()),
        Body::SeekableStream(_) => Err(azure_core::Error::with_message(
            ErrorKind::Other,
            "a body that is not in memory",
        )),
    }
}

/// What this house's way out said, wherever it stands among the causes.
pub(super) fn told(cause: &azure_core::Error) -> Option<Error> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(cause);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref::<Error>() {
            return Some(ours.clone());
        }
        next = error.source();
    }
    None
}
