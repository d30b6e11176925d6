//! The way by which the libraries of clouds reach their token services: the house's own.

use std::sync::Arc;

use bytes::Bytes;
use egress::{Client, Error, Reply, Request};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// Headers that are written anew as the request goes out.
const REWRITTEN: &[&str] = &["connection", "content-length", "host", "transfer-encoding"];

/// Reaches token services, and nothing that the rule of its client does not name. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Way(Arc<Client>);

impl Way {
    /// A way that leads where this client goes. The client has no credential: the libraries bring theirs.
    pub fn new(client: Client) -> Self {
        Self(Arc::new(client))
    }

    /// Sends what a library wants sent. Fetching a token twice does no harm.
    ///
    /// # Errors
    /// Those of [`Client::send`].
    async fn go(&self, method: Method, url: &str, headers: HeaderMap, body: Bytes) -> Result<Reply, Error> {
        let mut request = Request::new(method, self.0.rule().at(url)?);
        request.headers = headers;
        request.body = body;
        request.repeatable = true;
        self.0.send(request).await
    }

    /// The same for a request whose parts are texts.
    ///
    /// # Errors
    /// Those of [`Client::send`], and `target-malformed` for a method or a header that is none.
    pub(super) async fn send<'a>(
        self,
        method: &str,
        url: &str,
        headers: impl Iterator<Item = (&'a str, &'a str)>,
        body: Bytes,
    ) -> Result<Reply, Error> {
        let malformed = || {
            Error::new(
                egress::Code::TargetMalformed,
                "The cloud's library asks for no request.",
            )
        };
        let method = method.parse().map_err(|_| malformed())?;
        let mut read = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().map_err(|_| malformed())?;
            if !REWRITTEN.contains(&name.as_str()) {
                read.append(name, HeaderValue::from_str(value).map_err(|_| malformed())?);
            }
        }
        self.go(method, url, read, body).await
    }
}
