//! The bytes of a call or a reply.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// Bytes over this size are kept beside a payload instead of in it.
pub const INLINE_LIMIT: usize = 64 * 1024;

/// Bytes: whole in every message, and by digest in a payload that keeps them beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body(Form);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Whole(Bytes),
    Apart { sha256: [u8; 32], size: u64 },
}

impl Body {
    /// No bytes.
    pub const fn empty() -> Self {
        Self(Form::Whole(Bytes::new()))
    }

    /// The bytes, if they are here; they are in whatever the gate hands out.
    pub const fn bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Form::Whole(bytes) => Some(bytes),
            Form::Apart { .. } => None,
        }
    }

    /// How many bytes.
    pub const fn size(&self) -> u64 {
        match &self.0 {
            Form::Whole(bytes) => bytes.len() as u64,
            Form::Apart { size, .. } => *size,
        }
    }

    /// The SHA-256 of the bytes.
    pub fn sha256(&self) -> [u8; 32] {
        match &self.0 {
            Form::Whole(bytes) => Sha256::digest(bytes).into(),
            Form::Apart { sha256, .. } => *sha256,
        }
    }

    /// Leaves the digest in place of large bytes, and gives the bytes.
    pub(crate) fn detach(&mut self) -> Option<([u8; 32], Bytes)> {
        let sha256 = match &self.0 {
            Form::Whole(bytes) if bytes.len() > INLINE_LIMIT => self.sha256(),
            _ => return None,
        };
        let size = self.size();
        match std::mem::replace(&mut self.0, Form::Apart { sha256, size }) {
            Form::Whole(bytes) => Some((sha256, bytes)),
            Form::Apart { .. } => None,
        }
    }

    /// Leaves the digest in place of the bytes, whatever their size.
    pub(crate) fn forget(&mut self) {
        self.0 = Form::Apart {
            sha256: self.sha256(),
            size: self.size(),
        };
    }

    /// The digest of bytes that are missing here.
    pub(crate) const fn missing(&self) -> Option<[u8; 32]> {
        match &self.0 {
            Form::Whole(_) => None,
            Form::Apart { sha256, .. } => Some(*sha256),
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self(Form::Whole(bytes.into()))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
enum Written {
    Base64(String),
    Apart { sha256: String, size: u64 },
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Form::Whole(bytes) => Written::Base64(STANDARD.encode(bytes)),
            Form::Apart { sha256, size } => Written::Apart {
                sha256: hex::encode(sha256),
                size: *size,
            },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Base64(text) => STANDARD.decode(text).map(Self::from).map_err(D::Error::custom),
            Written::Apart { sha256, size } => {
                let mut digest = [0; 32];
                hex::decode_to_slice(sha256, &mut digest).map_err(D::Error::custom)?;
                Ok(Self(Form::Apart { sha256: digest, size }))
            }
        }
    }
}
