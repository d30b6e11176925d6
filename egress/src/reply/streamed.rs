//! A reply that is read as it comes.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout_at};

use super::hide::Mask;
use super::{Reply, encoding, strip, too_large};
use crate::connection::{Connection, Pool, failure};
use crate::credential::{Applied, Stamp};
use crate::error::{Code, Error};
use crate::request::Request;
use crate::rule::Rule;

/// A reply whose head is here and whose body is still to come. Dropping it before the body's end closes the connection.
pub struct Streamed {
    /// The status, a redirect's too.
    pub status: StatusCode,
    /// The headers, as those of a [`Reply`].
    pub headers: HeaderMap,
    stamp: Option<Stamp>,
    /// Whether there is no body, whatever the headers say of it.
    bodiless: bool,
    mask: Mask,
    body: Pieces,
}

/// What a body comes by.
pub(crate) struct Coming {
    pub(crate) rule: Rule,
    pub(crate) pool: Arc<Pool>,
    pub(crate) connection: Connection,
    /// When the time of the request ends.
    pub(crate) until: Instant,
}

/// The body as it was sent.
struct Pieces {
    host: String,
    rule: Rule,
    /// Most bytes once it is decompressed.
    decompressed: usize,
    most: usize,
    read: usize,
    state: State,
}

enum State {
    Open(Incoming, Coming),
    Ended,
    Failed(Error),
}

impl Streamed {
    /// # Errors
    /// `reply-malformed`, and `reply-body-too-large` for a body that is announced so.
    pub(crate) fn new(
        request: &Request,
        applied: Option<&Applied>,
        response: http::Response<Incoming>,
        coming: Coming,
    ) -> Result<Self, Error> {
        let (mut parts, body) = response.into_parts();
        if parts.status.is_informational() {
            let told = "The reply changes to a protocol that nobody asked for.";
            return Err(Error::new(Code::ReplyMalformed, told));
        }
        strip(&mut parts.headers);
        let mask = Mask::new(applied.map_or(&[], Applied::secrets));
        if applied.is_some() {
            parts.headers.remove(SET_COOKIE);
            mask.headers(&mut parts.headers);
        }
        Ok(Self {
            status: parts.status,
            headers: parts.headers,
            stamp: applied.and_then(Applied::stamp),
            bodiless: request.method == Method::HEAD || body.is_end_stream(),
            mask,
            body: Pieces::new(request, body, coming)?,
        })
    }

    /// The next piece of the body, or nothing at its end. Pieces are cut where the network cuts them, so that none waits for
    /// the next; a secret that comes back is hidden in them as in a [`Reply`]. Dropping the future loses nothing.
    ///
    /// # Errors
    /// `reply-encoding` for a body that is compressed, for its size is known only once it is read; `reply-body-too-large`,
    /// `reply-timeout`, `connection-lost`, `reply-malformed`. All may have been sent, and each call after one fails as it did.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Error> {
        if !self.bodiless && encoding::is_coded(&self.headers) {
            let told = "The reply's body is compressed, and cannot be read as it comes.";
            return Err(self.body.fail(Error::new(Code::ReplyEncoding, told)));
        }
        while let Some(sent) = self.body.next().await? {
            let shown = self.mask.piece(sent);
            if !shown.is_empty() {
                return Ok(Some(shown));
            }
        }
        let rest = self.mask.rest();
        Ok((!rest.is_empty()).then_some(rest))
    }

    /// The head, and what is left of the body, read to its end and decompressed.
    ///
    /// # Errors
    /// As [`Streamed::piece`]; `reply-encoding` only for what is compressed in a way that is not read here.
    pub async fn whole(mut self) -> Result<Reply, Error> {
        let mut whole = self.mask.take_held();
        while let Some(piece) = self.body.next().await? {
            whole.extend_from_slice(&piece);
        }
        let sent = whole.freeze();
        let decoded = self.decoded(&sent).map_err(Error::maybe_sent)?;
        Ok(Reply {
            status: self.status,
            headers: self.headers,
            body: self.mask.whole(decoded.unwrap_or(sent)),
            stamp: self.stamp,
        })
    }

    fn decoded(&mut self, sent: &Bytes) -> Result<Option<Bytes>, Error> {
        if self.bodiless || sent.is_empty() {
            return Ok(None);
        }
        let decoded = encoding::decoded(&self.headers, sent, self.body.decompressed)?;
        if let Some(decoded) = &decoded {
            self.headers.remove(CONTENT_ENCODING);
            if let Some(length) = self.headers.get_mut(CONTENT_LENGTH) {
                *length = HeaderValue::from(decoded.len());
            }
        }
        Ok(decoded)
    }
}

impl Pieces {
    fn new(request: &Request, body: Incoming, coming: Coming) -> Result<Self, Error> {
        let caps = coming.rule.caps();
        let most = caps.reply_body.min(request.reply_most);
        let announced = body.size_hint().lower();
        if usize::try_from(announced).map_or(true, |announced| announced > most) {
            return Err(too_large(most));
        }
        Ok(Self {
            host: request.target.host(),
            rule: coming.rule.clone(),
            decompressed: caps.decompressed.min(request.reply_most),
            most,
            read: 0,
            state: State::Open(body, coming),
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let (body, coming) = match &mut self.state {
                State::Open(body, coming) => (body, coming),
                State::Ended => return Ok(None),
                State::Failed(error) => return Err(error.clone()),
            };
            let frame = timeout_at(coming.until, coming.connection.frame(body)).await;
            let data = match frame {
                Err(_) => return Err(self.fail(late(&self.host))),
                Ok(None) => {
                    self.end();
                    return Ok(None);
                }
                Ok(Some(Err(cause))) => return Err(self.fail(failure(cause))),
                Ok(Some(Ok(frame))) => frame.into_data(),
            };
            if let Ok(data) = data {
                return self.count(data).map(Some);
            }
        }
    }

    fn count(&mut self, data: Bytes) -> Result<Bytes, Error> {
        self.read = self.read.saturating_add(data.len());
        if self.read > self.most {
            return Err(self.fail(too_large(self.most)));
        }
        Ok(data)
    }

    /// The connection may serve another request.
    fn end(&mut self) {
        tracing::debug!(binding = self.rule.name(), bytes = self.read);
        if let State::Open(_, coming) = std::mem::replace(&mut self.state, State::Ended) {
            coming.pool.keep(coming.connection);
        }
    }

    /// Closes the connection.
    fn fail(&mut self, error: Error) -> Error {
        let error = error.maybe_sent();
        if !matches!(self.state, State::Failed(_)) {
            let (binding, code) = (self.rule.name(), error.code().as_str());
            tracing::debug!(binding, code, bytes = self.read, "the body was not read to its end");
        }
        self.state = State::Failed(error.clone());
        error
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streamed")
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("read", &self.body.read)
            .finish_non_exhaustive()
    }
}

pub(crate) fn late(host: &str) -> Error {
    Error::new(Code::ReplyTimeout, format!("`{host}` did not answer in time.")).maybe_sent()
}
