//! The SHA-256 of some bytes: how artifacts, files and compiled code are named.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error};

/// The SHA-256 of some bytes, written `sha256:` and 64 lower-case hexadecimal digits (OCI image-spec, Digests).
///
/// Other algorithms are refused: one name for one content.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
        Self(hash)
    }

    /// A digest that was computed while the bytes passed by.
    pub const fn from_bytes(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// The 32 bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash alone, as 64 lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Reads the 64 digits without the algorithm in front.
    ///
    /// # Errors
    /// `digest-malformed` for anything else.
    pub fn from_hex(digits: &str) -> Result<Self, Error> {
        if digits.len() != 64 || digits.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(malformed(digits));
        }
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).map_err(|_| malformed(digits))?;
        Ok(Self(hash))
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.strip_prefix("sha256:") {
            Some(digits) => Self::from_hex(digits),
            None => Err(malformed(text)),
        }
    }
}

impl TryFrom<String> for Digest {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn malformed(text: &str) -> Error {
    let shown: String = text.chars().take(80).collect();
    Error::new(
        Code::DigestMalformed,
        format!(
            "`{}` is not a digest: write `sha256:` and 64 lower-case hexadecimal digits",
            shown.escape_debug()
        ),
    )
}
