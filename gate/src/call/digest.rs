//! The digest of a call: what a consent, a key and a replay are bound to.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

use super::body::Body;
use super::http::HttpCall;
use super::model::ModelCall;
use super::{Action, Call};

/// The SHA-256 of what a call asks, its number excluded: every field with its length before it, in a fixed order.
///
/// It never stands outside of sealed bytes: short calls could be guessed from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallDigest([u8; 32]);

struct Fields(Sha256);

impl Call {
    /// The digest of what it asks.
    pub fn digest(&self) -> CallDigest {
        self.digest_and_json().0
    }

    /// The same, and the JSON of the question to a model, where it is in the digest as it is in a payload.
    pub(crate) fn digest_and_json(&self) -> (CallDigest, Option<Vec<u8>>) {
        let mut fields = Fields(Sha256::new());
        fields.add(b"skillhost call 1");
        fields.add(self.action.kind().as_bytes());
        fields.add(self.binding.as_bytes());
        let json = match &self.action {
            Action::Http(call) => {
                fields.add_http(call);
                None
            }
            Action::Model(call) => fields.add_model(call),
        };
        (CallDigest(fields.0.finalize().into()), json)
    }
}

impl CallDigest {
    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Fields {
    fn add(&mut self, field: &[u8]) {
        self.0.update((field.len() as u64).to_be_bytes());
        self.0.update(field);
    }

    fn add_http(&mut self, call: &HttpCall) {
        self.add(call.method().as_bytes());
        self.add(call.path().as_bytes());
        self.add(call.query().unwrap_or_default().as_bytes());
        self.0.update([u8::from(call.query().is_some())]);
        self.0.update((call.headers().len() as u64).to_be_bytes());
        for (name, value) in call.headers() {
            self.add(name.as_bytes());
            self.add(value.as_bytes());
        }
        self.add(&call.body().sha256());
    }

    /// Its JSON as payloads have it, with every body by its digest: a field that is added later, and left out where it is
    /// not used, changes no digest of a call without it.
    fn add_model(&mut self, call: &ModelCall) -> Option<Vec<u8>> {
        let mut apart = call.clone();
        apart.bodies_mut().into_iter().for_each(Body::forget);
        let json = serde_json::to_vec(&apart).ok();
        // What serde cannot write is no call that can be recorded: the gate stops there.
        self.add(json.as_deref().unwrap_or_default());
        json.filter(|_| call.bodies().is_empty())
    }
}

/// HMAC-SHA-256 over fields, each with its length before it.
pub(crate) fn mac(key: &[u8; 32], fields: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed(key);
    for field in fields {
        mac.update(&(field.len() as u64).to_be_bytes());
        mac.update(field);
    }
    mac.finalize().into_bytes().into()
}

#[expect(
    clippy::expect_used,
    reason = "HMAC takes a key of any length (RFC 2104); 32 bytes are one"
)]
fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("any length is a key")
}
