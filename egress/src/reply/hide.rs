//! A server that sends back what it was sent must not show the credential.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};
use memchr::memmem::Finder;

use crate::credential::Secret;

/// Overwrites secrets with asterisks, as many as they have bytes. Against servers that mirror by accident, not against those
/// that mean to: they could send them in any spelling.
pub(super) struct Mask {
    finders: Vec<Finder<'static>>,
    /// The end of what came, where it may be the beginning of a secret.
    held: BytesMut,
}

impl Mask {
    pub(super) fn new(secrets: &[Secret]) -> Self {
        let finder = |secret: &Secret| Finder::new(secret.reveal().as_bytes()).into_owned();
        Self {
            finders: secrets.iter().map(finder).collect(),
            held: BytesMut::new(),
        }
    }

    pub(super) fn headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Some(hidden) = self.masked(value.as_bytes()).0
                && let Ok(hidden) = HeaderValue::from_bytes(&hidden)
            {
                *value = hidden;
            }
        }
    }

    /// What can be shown of the body once this piece has come: all but an end that may be the beginning of a secret.
    pub(super) fn piece(&mut self, piece: Bytes) -> Bytes {
        let bytes = match self.held.is_empty() {
            true => piece,
            false => {
                let mut joined = std::mem::take(&mut self.held);
                joined.extend_from_slice(&piece);
                joined.freeze()
            }
        };
        let (hidden, shown) = self.masked(&bytes);
        self.held = BytesMut::from(bytes.get(shown..).unwrap_or_default());
        hidden.unwrap_or(bytes).slice(..shown)
    }

    /// What was held back, once nothing more comes.
    pub(super) fn rest(&mut self) -> Bytes {
        let held = self.take_held().freeze();
        self.whole(held)
    }

    /// The same as it came, for whoever goes on with it.
    pub(super) fn take_held(&mut self) -> BytesMut {
        std::mem::take(&mut self.held)
    }

    /// All of a body.
    pub(super) fn whole(&self, body: Bytes) -> Bytes {
        self.masked(&body).0.unwrap_or(body)
    }

    /// The bytes without the secrets, if there are any in them, and how many can be shown before more comes.
    fn masked(&self, bytes: &[u8]) -> (Option<Bytes>, usize) {
        let waits = self.finders.iter().map(|finder| begun(bytes, finder.needle())).max();
        let begins = bytes.len() - waits.unwrap_or(0);
        let mut shown = begins;
        let mut copy: Option<BytesMut> = None;
        for finder in &self.finders {
            let length = finder.needle().len();
            for start in finder.find_iter(bytes) {
                let copy = copy.get_or_insert_with(|| BytesMut::from(bytes));
                if let Some(found) = copy.get_mut(start..start + length) {
                    found.fill(b'*');
                }
                // It is found again with what comes, or its end would be shown.
                if start + length > begins {
                    shown = shown.min(start);
                }
            }
        }
        (copy.map(BytesMut::freeze), shown)
    }
}

/// How many bytes at the end are the beginning of a secret.
fn begun(bytes: &[u8], secret: &[u8]) -> usize {
    let most = bytes.len().min(secret.len().saturating_sub(1));
    let begun = (1..=most).rev().find(|length| {
        let end = bytes.get(bytes.len() - length..);
        end.is_some_and(|end| secret.starts_with(end))
    });
    begun.unwrap_or(0)
}
