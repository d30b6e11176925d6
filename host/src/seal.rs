//! Encryption of what runs take and make: a data key for each run or upload, wrapped by the tenant's key, wrapped by
//! the host's key, which lies outside the data.

mod host_key;
#[cfg(test)]
mod tests;

use rand::Rng as _;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

pub use host_key::{HostKey, HostKeyError};

/// Bytes that only their key opens: a nonce, the ciphertext and a tag. Nothing outside this module makes them, so a
/// column of this type cannot hold plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// The key of a tenant: it wraps the data keys of the tenant's runs and uploads.
pub struct TenantKey(Wrapping);

/// The key of one run or one upload.
pub struct DataKey {
    sealing: LessSafeKey,
    bytes: [u8; KEY_LEN],
}

/// The bytes were sealed by another key, for another place, or changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed bytes cannot be opened: another key made them, or they were changed")]
pub struct OpenError;

impl Sealed {
    /// Bytes that come back from the store.
    pub(crate) const fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What the store keeps.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same, owned.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl TenantKey {
    /// A new data key, and the same wrapped for the store.
    pub fn data_key(&self, about: &str) -> (DataKey, Sealed) {
        let fresh = fresh();
        (DataKey::new(&fresh), self.0.wrap(about, &fresh))
    }

    /// The data key that was wrapped for this place.
    ///
    /// # Errors
    /// [`OpenError`] where it was not.
    pub fn open(&self, about: &str, wrapped: &Sealed) -> Result<DataKey, OpenError> {
        Ok(DataKey::new(&self.0.unwrap(about, wrapped)?))
    }
}

impl DataKey {
    /// Seals a payload for the place that `about` names, such as `default/<run>/result`.
    pub fn seal(&self, about: &str, payload: &[u8]) -> Sealed {
        seal(&self.sealing, about, payload)
    }

    /// Opens a payload that was sealed for this place.
    ///
    /// # Errors
    /// [`OpenError`] where it was not.
    pub fn open(&self, about: &str, sealed: Sealed) -> Result<Vec<u8>, OpenError> {
        open(&self.sealing, about, sealed)
    }

    /// A name for what has this SHA-256: the same for the same content, and whoever lacks the key can neither tell nor
    /// guess which.
    pub fn commitment(&self, about: &str, sha256: &[u8; 32]) -> [u8; 32] {
        let naming = Wrapping::new(&Wrapping::new(&self.bytes).derived_bytes("commitments"));
        naming.derived_bytes(&format!("{about}/{}", hex::encode(sha256)))
    }

    fn new(bytes: &[u8; KEY_LEN]) -> Self {
        Self {
            sealing: aead_key(bytes),
            bytes: *bytes,
        }
    }
}

const KEY_LEN: usize = 32;

/// A key that only wraps keys. Each wrap uses a key derived for its place, because one AES-GCM key takes no more than
/// 2^32 random nonces (NIST SP 800-38D, 8.3), and a busy tenant has more runs than that.
struct Wrapping(hmac::Key);

impl Wrapping {
    fn new(bytes: &[u8; KEY_LEN]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    fn wrap(&self, about: &str, key: &[u8; KEY_LEN]) -> Sealed {
        seal(&self.derived(about), about, key)
    }

    fn unwrap(&self, about: &str, wrapped: &Sealed) -> Result<[u8; KEY_LEN], OpenError> {
        let key = open(&self.derived(about), about, wrapped.clone())?;
        key.try_into().map_err(|_| OpenError)
    }

    fn derived(&self, about: &str) -> LessSafeKey {
        aead_key(&self.derived_bytes(about))
    }

    fn derived_bytes(&self, about: &str) -> [u8; KEY_LEN] {
        let tag = hmac::sign(&self.0, about.as_bytes());
        let mut bytes = [0; KEY_LEN];
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }
}

fn seal(key: &LessSafeKey, about: &str, payload: &[u8]) -> Sealed {
    let nonce: [u8; NONCE_LEN] = fresh();
    let mut bytes = Vec::with_capacity(NONCE_LEN + payload.len() + AES_256_GCM.tag_len());
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(payload);
    let (_, text) = bytes.split_at_mut(NONCE_LEN);
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), text)
        .expect("AES-GCM seals anything below 64 GiB");
    bytes.extend_from_slice(tag.as_ref());
    Sealed(bytes)
}

fn open(key: &LessSafeKey, about: &str, sealed: Sealed) -> Result<Vec<u8>, OpenError> {
    let mut bytes = sealed.0;
    let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(OpenError)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| OpenError)?;
    let size = key
        .open_in_place(nonce, Aad::from(about), text)
        .map_err(|_| OpenError)?
        .len();
    bytes.drain(..NONCE_LEN);
    bytes.truncate(size);
    Ok(bytes)
}

fn aead_key(bytes: &[u8; KEY_LEN]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).expect("the key has the length that AES-256 takes"))
}

/// Random bytes for what one run needs: of the thread's generator (ChaCha, seeded and reseeded by the operating
/// system), because seven system calls a run are as much as the run itself.
pub(crate) fn fresh<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// Random bytes of the operating system, for keys that last. A host without them must not go on, so it stops here.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system gives random bytes");
    bytes
}
