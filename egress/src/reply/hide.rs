//! A server that sends back what it was sent must not show the credential.

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use memchr::memmem::Finder;

use super::Reply;
use crate::credential::Secret;

/// Overwrites every secret in headers and body with asterisks, as many as it has bytes. Against servers that mirror by
/// accident, not against those that mean to: they could send it in any spelling.
pub(super) fn hide(reply: &mut Reply, secrets: &[Secret]) {
    let finders: Vec<Finder<'_>> = secrets
        .iter()
        .map(|secret| Finder::new(secret.reveal().as_bytes()))
        .collect();
    for value in reply.headers.values_mut() {
        if let Some(hidden) = masked(value.as_bytes(), &finders)
            && let Ok(hidden) = HeaderValue::from_bytes(&hidden)
        {
            *value = hidden;
        }
    }
    if let Some(hidden) = masked(&reply.body, &finders) {
        reply.body = hidden;
    }
}

fn masked(bytes: &[u8], finders: &[Finder<'_>]) -> Option<Bytes> {
    let mut copy: Option<BytesMut> = None;
    for finder in finders {
        let length = finder.needle().len();
        for start in finder.find_iter(bytes) {
            let copy = copy.get_or_insert_with(|| BytesMut::from(bytes));
            if let Some(found) = copy.get_mut(start..start + length) {
                found.fill(b'*');
            }
        }
    }
    copy.map(BytesMut::freeze)
}
