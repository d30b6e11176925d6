//! Keys that sign: Ed25519, PKCS#8 in PEM (RFC 8410), as openssl reads them.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use ed25519_dalek::Signer;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey, KeypairBytes};

use super::PublicKey;
use crate::error::{Code, Error};

/// The most bytes of a file that holds a key.
const MOST_BYTES: u64 = 4096;

/// A key that signs. It is wiped when it is dropped, and never shown.
pub struct SigningKey(ed25519_dalek::SigningKey);

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
        PublicKey::ed25519(self.0.verifying_key())
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public().id())
    }
}

pub(super) fn invalid(why: &str) -> Error {
    Error::new(Code::KeyInvalid, format!("the key cannot be used: {why}"))
}
