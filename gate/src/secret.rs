//! The secrets that the gate computes with. They are given, never made here, and show nowhere.

use std::fmt;

use crate::call::CallDigest;
use crate::call::digest::mac;
use crate::journal::RunKey;

/// The host's: it makes the keys of keyed writes. It must outlive every run that waits.
#[derive(Clone)]
pub struct HostSecret([u8; 32]);

/// A run's: it makes the commitments that stand outside of sealed bytes. It is kept sealed with the run, and erased
/// with it.
#[derive(Clone)]
pub struct RunSecret([u8; 32]);

impl HostSecret {
    /// 32 random bytes, kept outside of the data.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key by which a service knows this call again: the same for every sending of it, of no other call.
    pub(crate) fn key(&self, run: &RunKey, number: u32, digest: &CallDigest) -> String {
        let fields: [&[u8]; 5] = [
            b"skillhost idempotency key 1",
            run.tenant.as_bytes(),
            run.run.as_bytes(),
            &number.to_be_bytes(),
            digest.as_bytes(),
        ];
        hex::encode(mac(&self.0, &fields))
    }
}

impl RunSecret {
    /// 32 bytes that nobody can guess, the same each time the run is opened.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Says whether a call is the same one, and nothing else to whoever lacks the secret.
    pub(crate) fn commitment(&self, digest: &CallDigest) -> String {
        hex::encode(mac(&self.0, &[b"skillhost commitment 1", digest.as_bytes()]))
    }
}

impl fmt::Debug for HostSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostSecret")
    }
}

impl fmt::Debug for RunSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RunSecret")
    }
}
