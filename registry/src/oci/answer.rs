//! Answers of a registry: statuses become codes, bodies are capped while they stream.

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderName, StatusCode};
use reqwest::Response;
use url::Url;

use crate::error::{Code, Error};

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    host: String,
    response: Response,
}

impl Answer {
    pub(super) fn new(host: &str, response: Response) -> Self {
        Self {
            host: host.to_owned(),
            response,
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The text of a header; none where it is absent or not text.
    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers().get(name)?.to_str().ok()
    }

    /// The media type of the body; empty where the registry does not say, which is the type of nothing.
    pub(super) fn content_type(&self) -> String {
        self.header(&CONTENT_TYPE).unwrap_or_default().to_owned()
    }

    /// Where the registry sends us.
    ///
    /// # Errors
    /// `registry-misbehaved` where it does not say, or says no URL.
    pub(super) fn location(&self) -> Result<Url, Error> {
        let location = self
            .header(&LOCATION)
            .ok_or_else(|| self.misbehaved("names no location"))?;
        let joined = self.response.url().join(location);
        joined.map_err(|cause| self.misbehaved("names a location that is no URL").keep(cause))
    }

    /// The digest that the registry says the body has, which proves nothing and may not be wrong either.
    pub(super) fn said(&self) -> Option<String> {
        let said = self.headers().get("docker-content-digest")?;
        Some(String::from_utf8_lossy(said.as_bytes()).into_owned())
    }

    /// Where it came from.
    pub(super) fn url(&self) -> &Url {
        self.response.url()
    }

    /// Goes on only with one of these statuses.
    ///
    /// # Errors
    /// The code for the status that came instead.
    pub(super) fn expect(self, wanted: &[StatusCode]) -> Result<Self, Error> {
        if wanted.contains(&self.status()) {
            return Ok(self);
        }
        Err(self.refusal())
    }

    /// The body, never more than `most` bytes of it.
    ///
    /// # Errors
    /// `artifact-too-large`; `registry-unreachable` for a body that breaks off or stalls.
    pub(super) async fn body(mut self, most: u64) -> Result<Bytes, Error> {
        if self.headers().contains_key(CONTENT_ENCODING) {
            return Err(self.misbehaved("compressed the bytes, which was not asked for"));
        }
        let declared = self.response.content_length();
        if declared.is_some_and(|declared| declared > most) {
            return Err(self.too_large(most));
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = self
            .response
            .chunk()
            .await
            .map_err(|cause| unreachable(&self.host, cause))?
        {
            if (body.len() + chunk.len()) as u64 > most {
                return Err(self.too_large(most));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    /// What its status means where it was not wanted.
    pub(super) fn refusal(&self) -> Error {
        let (status, host) = (self.status(), &self.host);
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Error::new(
                Code::RegistryRefused,
                format!("The registry `{host}` refused ({status}): check the credentials and what they may do."),
            ),
            StatusCode::NOT_FOUND => Error::new(
                Code::ArtifactNotFound,
                format!("The registry `{host}` has no such artifact: check the name, the tag and the digest."),
            ),
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS => busy(host, status),
            status if status.is_server_error() => busy(host, status),
            status => self.misbehaved(&format!("answered {status}")),
        }
    }

    pub(super) fn misbehaved(&self, what: &str) -> Error {
        misbehaved(&self.host, what)
    }

    fn too_large(&self, most: u64) -> Error {
        Error::new(
            Code::ArtifactTooLarge,
            format!(
                "The registry `{}` sends more than the {most} bytes that are read.",
                self.host
            ),
        )
    }
}

pub(super) fn misbehaved(host: &str, what: &str) -> Error {
    Error::new(
        Code::RegistryMisbehaved,
        format!("The registry `{host}` {what}: ask who runs it."),
    )
}

/// The URL is left out of what is kept: it may hold what a token server put there.
pub(super) fn unreachable(host: &str, cause: reqwest::Error) -> Error {
    Error::new(
        Code::RegistryUnreachable,
        format!("The registry `{host}` cannot be reached or stopped answering: try again."),
    )
    .keep(cause.without_url())
}

fn busy(host: &str, status: StatusCode) -> Error {
    Error::new(
        Code::RegistryUnavailable,
        format!("The registry `{host}` is not ready ({status}): try again later."),
    )
}
