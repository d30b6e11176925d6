//! Amazon's library on the house's own way out.

use std::time::Duration;

use ::http::HeaderMap;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use egress::{Error, Reply};

use crate::credential::Way;

/// A way on which the library has so much patience.
#[derive(Clone, Debug)]
struct Timed {
    way: Way,
    most: Option<Duration>,
}

impl HttpClient for Way {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let connect = settings.connect_timeout();
        let most = settings.read_timeout().map(|read| read + connect.unwrap_or_default());
        let way = self.clone();
        SharedHttpConnector::new(Timed { way, most })
    }
}

impl HttpConnector for Timed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { way, most } = self.clone();
        HttpConnectorFuture::new(async move {
            let body = request.body().bytes().map(Bytes::copy_from_slice);
            let body = body.ok_or_else(|| ConnectorError::user("a body that is not in memory".into()))?;
            let sending = way.send(request.method(), request.uri(), request.headers().iter(), body);
            let reply = match most {
                Some(most) => tokio::time::timeout(most, sending)
                    .await
                    .map_err(|late| ConnectorError::timeout(late.into()))?,
                None => sending.await,
            };
            answer(reply.map_err(failure)?)
        })
    }
}

fn answer(reply: Reply) -> Result<HttpResponse, ConnectorError> {
    let unreadable = |cause: Box<dyn std::error::Error + Send + Sync>| ConnectorError::other(cause, None);
    let status = reply.status.as_u16().try_into();
    let mut response = HttpResponse::new(
        status.map_err(|cause| unreadable(Box::new(cause)))?,
        SdkBody::from(reply.body),
    );
    for (name, value) in texts(&reply.headers) {
        let added = response.headers_mut().try_append(name, value);
        added.map_err(|cause| unreadable(Box::new(cause)))?;
    }
    Ok(response)
}

/// Headers that are text. Amazon sends no others.
fn texts(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    let text = |(name, value): (&::http::HeaderName, &::http::HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text)
}

/// What is worth another try to the library.
fn failure(error: Error) -> ConnectorError {
    match error.retryable() {
        true => ConnectorError::io(error.into()),
        false => ConnectorError::user(error.into()),
    }
}
