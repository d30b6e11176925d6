//! What comes back: whole, capped, not compressed, and without what belongs to the connection or the binding.

use std::fmt;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::connection::failure;
use crate::credential::{Applied, Stamp};
use crate::error::{Code, Error};
use crate::request::Request;
use crate::rule::Rule;

mod encoding;
mod hide;
#[cfg(test)]
mod tests;

/// Headers that end with the connection (RFC 9110, 7.6.1).
const HOP: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// One reply, whole in memory.
#[derive(Clone)]
pub struct Reply {
    /// The status, a redirect's too.
    pub status: StatusCode,
    /// The headers, without those of the connection. Cookies that were set for the binding's credential are missing: they
    /// stand for it.
    pub headers: HeaderMap,
    /// The body, decompressed.
    pub body: Bytes,
    stamp: Option<Stamp>,
}

/// A reply that is being read.
pub(crate) struct Reading<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) request: &'a Request,
    pub(crate) applied: Option<&'a Applied>,
}

impl Reply {
    /// Which token was sent with the request.
    pub(crate) const fn stamp(&self) -> Option<Stamp> {
        self.stamp
    }
}

impl Reading<'_> {
    /// # Errors
    /// `reply-malformed`, `reply-body-too-large`, `reply-encoding`, `connection-lost`.
    pub(crate) async fn read(&self, response: http::Response<Incoming>) -> Result<Reply, Error> {
        let (parts, body) = response.into_parts();
        if parts.status.is_informational() {
            return Err(Error::new(
                Code::ReplyMalformed,
                "The reply changes to a protocol that nobody asked for.",
            ));
        }
        let mut reply = Reply {
            status: parts.status,
            headers: parts.headers,
            body: self.collect(body).await?,
            stamp: self.applied.and_then(Applied::stamp),
        };
        strip(&mut reply.headers);
        self.decode(&mut reply)?;
        if let Some(applied) = self.applied {
            reply.headers.remove(SET_COOKIE);
            hide::hide(&mut reply, applied.secrets());
        }
        Ok(reply)
    }

    async fn collect(&self, mut body: Incoming) -> Result<Bytes, Error> {
        let most = self.rule.caps().reply_body.min(self.request.reply_most);
        let announced = body.size_hint().lower();
        if usize::try_from(announced).map_or(true, |announced| announced > most) {
            return Err(too_large(most));
        }
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(failure)?.into_data() else {
                continue;
            };
            if whole.len() + data.len() > most {
                return Err(too_large(most));
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.freeze())
    }

    fn decode(&self, reply: &mut Reply) -> Result<(), Error> {
        if self.request.method == Method::HEAD || reply.body.is_empty() {
            return Ok(());
        }
        let most = self.rule.caps().decompressed.min(self.request.reply_most);
        if let Some(decoded) = encoding::decoded(&reply.headers, &reply.body, most)? {
            reply.body = decoded;
            reply.headers.remove(CONTENT_ENCODING);
            if reply.headers.contains_key(CONTENT_LENGTH) {
                reply
                    .headers
                    .insert(CONTENT_LENGTH, HeaderValue::from(reply.body.len()));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Removes what only says how this connection was used, and what the connection says belongs to it.
fn strip(headers: &mut HeaderMap) {
    let named = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let named = named.flat_map(|value| value.split(','));
    let named: Vec<HeaderName> = named.filter_map(|name| name.trim().parse().ok()).collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP {
        headers.remove(*name);
    }
}

pub(crate) fn too_large(most: usize) -> Error {
    let told = format!("The reply's body has more than the {most} bytes that it may have.");
    Error::new(Code::ReplyBodyTooLarge, told)
}
