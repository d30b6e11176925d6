//! Keys of publishers: PKCS#8 and SPKI in PEM (RFC 8410), as openssl and cosign read them.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, KeypairBytes};
use ed25519_dalek::{Signature, Signer, VerifyingKey};

use crate::digest::Digest;
use crate::error::{Code, Error};

/// The most bytes of a file that holds a key.
const MOST_BYTES: u64 = 4096;

/// The SPKI of an Ed25519 key in DER, up to the 32 bytes of the key itself (RFC 8410, section 4).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A key that signs. It is wiped when it is dropped, and never shown.
pub struct SigningKey(ed25519_dalek::SigningKey);

/// A key that signatures are checked with: never a weak one, and only ever in one encoding.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl SigningKey {
    /// A new key from the system's randomness.
    ///
    /// # Errors
    /// `key-invalid` where the system gives no randomness.
    pub fn generate() -> Result<Self, Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|cause| invalid("the system gives no randomness").keep(cause))?;
        Ok(Self(ed25519_dalek::SigningKey::from_bytes(&seed)))
    }

    /// Reads PKCS#8 in PEM, version 1 or 2 (RFC 5958).
    ///
    /// # Errors
    /// `key-invalid`.
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        let told = "it is not an Ed25519 key in PKCS#8 PEM: make one with `skillhost keygen`";
        // The cause is dropped: it could quote the key.
        let key = ed25519_dalek::SigningKey::from_pkcs8_pem(pem).map_err(|_| invalid(told))?;
        Ok(Self(key))
    }

    /// PKCS#8 in PEM, version 1: older openssl refuses version 2, which holds the public key too.
    ///
    /// # Errors
    /// `key-invalid` where it cannot be encoded.
    pub fn to_pem(&self) -> Result<impl AsRef<str> + use<>, Error> {
        let bytes = KeypairBytes {
            secret_key: self.0.to_bytes(),
            public_key: None,
        };
        // The text is wiped when it is dropped.
        bytes
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| invalid("it cannot be written as PKCS#8"))
    }

    /// Reads a key file, which nobody but its owner may read.
    ///
    /// # Errors
    /// `key-invalid`, with the command that helps where the file is open to others.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let unreadable =
            |cause: std::io::Error| invalid(&format!("the file cannot be read: {}", cause.kind())).keep(cause);
        let file = File::open(path).map_err(unreadable)?;
        // Asked of the open file, so that it cannot be exchanged in between.
        let facts = file.metadata().map_err(unreadable)?;
        if facts.mode() & 0o177 != 0 {
            return Err(invalid(
                "others than its owner may read the file, or run it: close it with `chmod 600 FILE`",
            ));
        }
        let mut pem = String::new();
        file.take(MOST_BYTES).read_to_string(&mut pem).map_err(unreadable)?;
        Self::from_pem(&pem)
    }

    /// Writes a new key file that only its owner may read; durable when it returns. A file that is there already is
    /// never overwritten.
    ///
    /// # Errors
    /// `key-invalid`.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let failed = |cause: std::io::Error| match cause.kind() {
            std::io::ErrorKind::AlreadyExists => invalid("a file of this name is there already: choose another name"),
            kind => invalid(&format!("the file cannot be written: {kind}")).keep(cause),
        };
        let pem = self.to_pem()?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        file.write_all(pem.as_ref().as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new("."))).map_err(failed)?;
        folder.sync_all().map_err(failed)
    }

    /// The key that checks what this one signs.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

impl PublicKey {
    /// Reads SPKI in PEM.
    ///
    /// # Errors
    /// `key-invalid`, also for keys of small order and for other encodings of a key: under such a key, one signature
    /// can fit many messages, or one key can have two names (RFC 8032, section 5.1.3).
    pub fn from_pem(pem: &str) -> Result<Self, Error> {
        let told = "it is not an Ed25519 key in SPKI PEM, which begins with `-----BEGIN PUBLIC KEY-----`";
        let key = VerifyingKey::from_public_key_pem(pem).map_err(|cause| invalid(told).keep(cause))?;
        if key.is_weak() || key.to_edwards().compress().to_bytes() != key.to_bytes() {
            return Err(invalid("it is weak: anybody could sign with it, so make another"));
        }
        Ok(Self(key))
    }

    /// SPKI in PEM.
    ///
    /// # Errors
    /// `key-invalid` where it cannot be encoded.
    pub fn to_pem(&self) -> Result<String, Error> {
        let pem = self.0.to_public_key_pem(LineEnding::LF);
        pem.map_err(|cause| invalid("it cannot be written as SPKI").keep(cause))
    }

    /// The name of the key: the SHA-256 of its SPKI in DER.
    pub fn id(&self) -> Digest {
        let mut der = SPKI.to_vec();
        der.extend_from_slice(self.0.as_bytes());
        Digest::of(&der)
    }

    /// Whether the key's owner signed these bytes: pure Ed25519 by its strict rules, so that nobody can change a
    /// signature into another that holds too.
    pub(super) fn has_signed(&self, bytes: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(bytes, &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public().id())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

fn invalid(why: &str) -> Error {
    Error::new(Code::KeyInvalid, format!("the key cannot be used: {why}"))
}
