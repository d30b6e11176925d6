//! Content cut into parts, each sealed for its place.

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use registry::{Digest, Tenant};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{FileError, Files};
use crate::seal::DataKey;
use crate::store::{ContentId, Store, StoreError};

/// Bytes of a part: what one upload or download holds in memory, and what one write takes of the store's time.
const PART: usize = 256 << 10;

/// Takes content and keeps it in parts. What it kept is forgotten where it is dropped before something owns it.
pub(super) struct PartsWriter {
    store: Store,
    tenant: Tenant,
    content: ContentId,
    /// The number of the next part.
    next: u32,
    waiting: Vec<u8>,
    hash: Sha256,
    size: u64,
    owned: bool,
}

impl PartsWriter {
    pub(super) async fn begin(store: &Store, tenant: &Tenant) -> Result<Self, StoreError> {
        let writer = Self {
            store: store.clone(),
            tenant: tenant.clone(),
            content: ContentId(Uuid::now_v7()),
            next: 0,
            waiting: Vec::new(),
            hash: Sha256::new(),
            size: 0,
            owned: false,
        };
        store.begin_content(tenant, writer.content).await?;
        Ok(writer)
    }

    pub(super) const fn content(&self) -> ContentId {
        self.content
    }

    pub(super) fn about(&self) -> String {
        about(&self.tenant, self.content)
    }

    pub(super) async fn push(&mut self, key: &DataKey, bytes: &[u8]) -> Result<(), FileError> {
        self.size += bytes.len() as u64;
        if self.size > Files::MOST {
            return Err(FileError::TooLarge);
        }
        self.hash.update(bytes);
        let mut rest = bytes;
        while let Some((now, later)) = rest.split_at_checked(PART - self.waiting.len()) {
            self.waiting.extend_from_slice(now);
            self.keep(key).await?;
            rest = later;
        }
        self.waiting.extend_from_slice(rest);
        Ok(())
    }

    /// Keeps what is left; returns the SHA-256 and the size of everything.
    pub(super) async fn finish(&mut self, key: &DataKey) -> Result<(Digest, u64), FileError> {
        if !self.waiting.is_empty() {
            self.keep(key).await?;
        }
        let hash = std::mem::take(&mut self.hash).finalize();
        Ok((Digest::from_bytes(hash.into()), self.size))
    }

    /// Something in the store owns the content now.
    pub(super) fn owned(mut self) {
        self.owned = true;
    }

    async fn keep(&mut self, key: &DataKey) -> Result<(), FileError> {
        let sealed = key.seal(&about_part(&self.tenant, self.content, self.next), &self.waiting);
        self.store
            .add_part(&self.tenant, self.content, self.next, sealed)
            .await?;
        self.next += 1;
        self.waiting.clear();
        Ok(())
    }
}

impl Drop for PartsWriter {
    fn drop(&mut self) {
        if self.owned {
            return;
        }
        let (store, tenant, content) = (self.store.clone(), self.tenant.clone(), self.content);
        tokio::spawn(async move {
            if let Err(error) = store.abandon_content(&tenant, content).await {
                // The next start forgets it.
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "an upload that broke off stays for now"
                );
            }
        });
    }
}

/// The parts of a content, one at a time. The last is followed by an error where they are not the whole.
pub(super) fn read(
    store: Store,
    tenant: Tenant,
    content: ContentId,
    key: DataKey,
    sha256: Digest,
    size: u64,
) -> BoxStream<'static, Result<Bytes, FileError>> {
    let reader = Reader {
        store,
        tenant,
        content,
        key,
        sha256,
        left: size,
        next: 0,
        hash: Sha256::new(),
    };
    stream::try_unfold(reader, |mut reader| async move {
        let part = reader.part().await?;
        Ok(part.map(|part| (part, reader)))
    })
    .boxed()
}

struct Reader {
    store: Store,
    tenant: Tenant,
    content: ContentId,
    key: DataKey,
    sha256: Digest,
    left: u64,
    next: u32,
    hash: Sha256,
}

impl Reader {
    async fn part(&mut self) -> Result<Option<Bytes>, FileError> {
        if self.left == 0 {
            return Ok(None);
        }
        let sealed = self
            .store
            .part(&self.tenant, self.content, self.next)
            .await?
            .ok_or(FileError::Changed)?;
        let part = self
            .key
            .open(&about_part(&self.tenant, self.content, self.next), sealed)?;
        self.next += 1;
        self.left = self.left.checked_sub(part.len() as u64).ok_or(FileError::Changed)?;
        self.hash.update(&part);
        // Checked with the last part, so that a reader never has all of a content that was changed.
        if self.left == 0 && self.hash.clone().finalize().as_slice() != self.sha256.as_bytes() {
            return Err(FileError::Changed);
        }
        Ok(Some(part.into()))
    }
}

/// The place for which the key of an upload is wrapped.
pub(super) fn about(tenant: &Tenant, content: ContentId) -> String {
    format!("{tenant}/content/{}", content.0)
}

fn about_part(tenant: &Tenant, content: ContentId, part: u32) -> String {
    format!("{tenant}/content/{}/{part}", content.0)
}
