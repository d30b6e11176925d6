//! Keys that check signatures: Ed25519 (RFC 8410) and ECDSA P-256 (RFC 5480), SPKI in PEM, as openssl and cosign write
//! them.

use std::fmt;

use ed25519_dalek::pkcs8::spki::der::Document;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::{Signature, VerifyingKey};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use ring::{agreement, rand};

use super::key::invalid;
use crate::digest::Digest;
use crate::error::Error;

/// The SPKI of an Ed25519 key in DER, up to the 32 bytes of the key itself (RFC 8410, section 4).
const ED25519: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The SPKI of a key of the named curve P-256 in DER, up to the 65 bytes of its point (RFC 5480, section 2). There is
/// no other form: a key with parameters of its own could bring a curve of its own.
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The label of SPKI in PEM (RFC 7468, section 13).
const LABEL: &str = "PUBLIC KEY";

/// A key that signatures are checked with: never a weak one, and only ever in one encoding.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    /// What our own tool signs with.
    Ed25519(VerifyingKey),
    /// What stock tools sign with: the point, uncompressed, and known to lie on the curve.
    P256([u8; 65]),
}

impl PublicKey {
    pub(super) const fn ed25519(key: VerifyingKey) -> Self {
        Self(Kind::Ed25519(key))
    }

    /// Reads SPKI in PEM.
    ///
    /// # Errors
    /// `key-invalid`, also for keys of small order and for other encodings of a key: under such a key, one signature
    /// can fit many messages, or one key can have two names (RFC 8032, section 5.1.3).
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        let told = "it is neither an Ed25519 nor a P-256 key in SPKI PEM, which begins with \
                    `-----BEGIN PUBLIC KEY-----`";
        let (label, der) = Document::from_pem(pem).map_err(|cause| invalid(told).keep(cause))?;
        if label != LABEL {
            return Err(invalid(told));
        }
        if let Some(key) = tail(der.as_bytes(), &ED25519) {
            return Self::from_ed25519(&key);
        }
        match tail(der.as_bytes(), &P256) {
            Some(point) => Self::from_point(point),
            None => Err(invalid(told)),
        }
    }

    fn from_ed25519(bytes: &[u8; 32]) -> Result<Self, Error> {
        let broken = |cause| invalid("its bytes are no point of the curve of Ed25519").keep(cause);
        let key = VerifyingKey::from_bytes(bytes).map_err(broken)?;
        if key.is_weak() || key.to_edwards().compress().to_bytes() != key.to_bytes() {
            return Err(invalid("it is weak: anybody could sign with it, so make another"));
        }
        Ok(Self(Kind::Ed25519(key)))
    }

    /// Takes a point of P-256 where it is one. Signatures are checked by code that tells a bad point from a bad
    /// signature in nothing, so that the point is tried where it can be told: in an agreement, which nobody uses.
    fn from_point(point: [u8; 65]) -> Result<Self, Error> {
        let broken = || invalid("its point does not lie on the curve P-256, or is not written out in full");
        let random = rand::SystemRandom::new();
        let own = agreement::EphemeralPrivateKey::generate(&agreement::ECDH_P256, &random).map_err(|_| broken())?;
        let theirs = agreement::UnparsedPublicKey::new(&agreement::ECDH_P256, point);
        agreement::agree_ephemeral(own, &theirs, |_| ()).map_err(|_| broken())?;
        Ok(Self(Kind::P256(point)))
    }

    /// SPKI in PEM.
    ///
    /// # Errors
    /// `key-invalid` where it cannot be encoded.
    pub fn to_pem(&self) -> Result<String, Error> {
        let pem = Document::try_from(self.der()).and_then(|der| der.to_pem(LABEL, LineEnding::LF));
        pem.map_err(|cause| invalid("it cannot be written as SPKI").keep(cause))
    }

    /// The name of the key: the SHA-256 of its SPKI in DER.
    pub fn id(&self) -> Digest {
        Digest::of(&self.der())
    }

    fn der(&self) -> Vec<u8> {
        match &self.0 {
            Kind::Ed25519(key) => [ED25519.as_slice(), key.as_bytes()].concat(),
            Kind::P256(point) => [P256.as_slice(), point].concat(),
        }
    }

    /// Whether the key's owner signed these bytes. Pure Ed25519 is judged by its strict rules, so that nobody can change
    /// a signature into another that holds too. ECDSA has no such rule: nothing here knows a signature by its bytes.
    pub(super) fn has_signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Kind::Ed25519(key) => {
                Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(bytes, &signature).is_ok())
            }
            Kind::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
                .verify(bytes, signature)
                .is_ok(),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

/// What follows this beginning, where it is as long as it must be.
fn tail<const N: usize>(der: &[u8], head: &[u8]) -> Option<[u8; N]> {
    der.strip_prefix(head)?.try_into().ok()
}
