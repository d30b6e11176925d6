//! What comes back: capped, and without what belongs to the connection or the binding; whole and not compressed, or as it
//! comes.

use std::fmt;

use bytes::Bytes;
use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, StatusCode};

use crate::credential::Stamp;
use crate::error::{Code, Error};

mod encoding;
mod hide;
mod streamed;
#[cfg(test)]
mod tests;

pub use streamed::Streamed;
pub(crate) use streamed::{Coming, late};

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

impl Reply {
    /// Which token was sent with the request.
    pub(crate) const fn stamp(&self) -> Option<Stamp> {
        self.stamp
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
