//! Compiled code on its way from the cache while its artifact is verified.

use registry::Digest;
use tokio::task::JoinHandle;

use super::code::Linked;
use super::error::Error;

/// What is fetched for one artifact; nothing where there was no need to begin.
pub struct Fetch {
    digest: Digest,
    begun: Option<Fetched>,
}

/// What was found; none where it is not in the cache.
pub(super) type Fetched = JoinHandle<Result<Option<Linked>, Error>>;

impl Fetch {
    pub(super) const fn new(digest: Digest, begun: Option<Fetched>) -> Self {
        Self { digest, begun }
    }

    /// Nothing where it was begun for another artifact: no proof is of use for code that it is not about.
    pub(super) fn of(self, digest: Digest) -> Option<Fetched> {
        self.begun.filter(|_| self.digest == digest)
    }
}
