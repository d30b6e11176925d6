//! The envelope of a statement: DSSE v1 inside a Sigstore bundle v0.3 (cosign, BUNDLE_SPEC).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::PublicKey;
use crate::digest::Digest;
use crate::layout::{BUNDLE, BUNDLE_MOST};

/// The type of what is signed (in-toto attestation framework, "Envelope").
const PAYLOAD: &str = "application/vnd.in-toto+json";

/// A bundle that has the right form. Nothing in it is known to be true.
pub(crate) struct Bundle {
    /// The key that it claims to be signed with: says where to look, proves nothing.
    hint: Digest,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BundleOut<'a> {
    media_type: &'a str,
    verification_material: MaterialOut,
    dsse_envelope: EnvelopeOut<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MaterialOut {
    public_key: Hint,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EnvelopeOut<'a> {
    payload: String,
    payload_type: &'a str,
    signatures: [Sig; 1],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BundleIn {
    media_type: String,
    verification_material: MaterialIn,
    dsse_envelope: EnvelopeIn,
}

/// What else stands here (certificates, entries of transparency logs) is not used.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MaterialIn {
    public_key: Hint,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EnvelopeIn {
    payload: String,
    payload_type: String,
    signatures: [Sig; 1],
}

#[derive(Serialize, Deserialize)]
struct Hint {
    hint: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sig {
    sig: String,
    #[serde(default, rename = "keyid", skip_serializing)]
    _key_id: Option<IgnoredAny>,
}

impl Bundle {
    /// Reads a bundle around a statement; none where it is something else.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() as u64 > BUNDLE_MOST {
            return None;
        }
        let bundle: BundleIn = serde_json::from_slice(bytes).ok()?;
        if bundle.media_type != BUNDLE || bundle.dsse_envelope.payload_type != PAYLOAD {
            return None;
        }
        let [sig] = &bundle.dsse_envelope.signatures;
        let hint: [u8; 32] = decode(&bundle.verification_material.public_key.hint)?.try_into().ok()?;
        Some(Self {
            hint: Digest::from_bytes(hint),
            payload: decode(&bundle.dsse_envelope.payload)?,
            signature: decode(&sig.sig)?,
        })
    }

    /// The key that it says it was signed with.
    pub(crate) const fn hint(&self) -> Digest {
        self.hint
    }

    /// What is said, whoever says it.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Whether the key's owner signed what is said.
    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.has_signed(&pae(&self.payload), &self.signature)
    }
}

/// Writes a bundle.
pub(super) fn write(payload: &[u8], key: &PublicKey, signature: &[u8]) -> Bytes {
    let hint = STANDARD.encode(key.id().as_bytes());
    let bundle = BundleOut {
        media_type: BUNDLE,
        verification_material: MaterialOut {
            public_key: Hint { hint },
        },
        dsse_envelope: EnvelopeOut {
            payload: STANDARD.encode(payload),
            payload_type: PAYLOAD,
            signatures: [Sig {
                sig: STANDARD.encode(signature),
                _key_id: None,
            }],
        },
    };
    serde_json::to_vec(&bundle).expect("strings are always JSON").into()
}

/// The bytes that are signed: the pre-authentication encoding of DSSE v1, which keeps a signature on one type of
/// payload from holding for another.
pub(super) fn pae(payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {PAYLOAD} {} ", PAYLOAD.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
