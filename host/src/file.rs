//! Files that agents upload and runs make, sealed in parts: neither is ever whole in memory on its way.

mod parts;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use registry::{Digest, Tenant};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use uuid::Uuid;

use crate::run::{MadeFile, RunId};
use crate::seal::{DataKey, OpenError};
use crate::store::{FileRow, MadeRow, RunRow, Store, StoreError};
use crate::tenant::Tenants;
use crate::token::Caller;
use parts::PartsWriter;

/// The files of a host.
#[derive(Clone)]
pub struct Files {
    store: Store,
    tenants: Arc<Tenants>,
}

/// A file on its way out.
pub struct Download {
    /// The name that people see.
    pub name: String,
    /// Such as `application/pdf`.
    pub media_type: String,
    /// In bytes.
    pub size: u64,
    /// The SHA-256 of the content.
    pub sha256: Digest,
    /// The content. It fails at its end where it is not what it was when it was kept.
    pub content: BoxStream<'static, Result<Bytes, FileError>>,
}

/// Why a file is not kept, or cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is larger than a file may be.
    #[error("a file is at most 64 MiB: this one is larger")]
    TooLarge,
    /// Its name cannot be kept.
    #[error("the name of a file is 1 to 255 bytes without `/`, `\\` and control characters, and not `.` or `..`")]
    Name,
    /// Its media type cannot be kept.
    #[error("a media type is like `application/pdf`: at most 255 printable ASCII characters with one `/`")]
    MediaType,
    /// It stopped arriving.
    #[error("the upload broke off")]
    BrokenOff(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What was kept is not what comes back.
    #[error("the file was changed where it is kept")]
    Changed,
    /// The tenant has no key.
    #[error("the tenant has no key")]
    Keyless,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OpenError> for FileError {
    fn from(_: OpenError) -> Self {
        Self::Changed
    }
}

impl Files {
    /// The largest file, in bytes.
    pub const MOST: u64 = 64 << 20;

    /// Files kept in this store, sealed by the keys of these tenants.
    pub const fn new(store: Store, tenants: Arc<Tenants>) -> Self {
        Self { store, tenants }
    }

    /// Keeps a file that somebody uploads; durable when it returns. What is left of one that breaks off is removed.
    ///
    /// # Errors
    /// Where nothing is kept.
    pub async fn upload<S, E>(
        &self,
        caller: &Caller,
        name: &str,
        media_type: &str,
        content: S,
    ) -> Result<FileRow, FileError>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        check(name, media_type)?;
        let mut writer = PartsWriter::begin(&self.store, caller.tenant()).await?;
        let tenant_key = self.tenants.key(caller.tenant()).ok_or(FileError::Keyless)?;
        let (key, wrapped) = tenant_key.data_key(&writer.about());
        let mut content = content.map_err(|error| FileError::BrokenOff(error.into()));
        let late = |error: Elapsed| FileError::BrokenOff(error.into());
        while let Some(bytes) = timeout(PATIENCE, content.try_next()).await.map_err(late)?? {
            writer.push(&key, &bytes).await?;
        }
        let (sha256, size) = writer.finish(&key).await?;
        let row = FileRow {
            tenant: caller.tenant().clone(),
            sha256,
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            size,
            content: writer.content(),
            key: wrapped,
            by: caller.name().to_owned(),
            at: Timestamp::now(),
        };
        self.store.add_file(row.clone()).await?;
        writer.owned();
        Ok(row)
    }

    /// Keeps the content of a file that a run made, until the run's record names it.
    ///
    /// # Errors
    /// Where it is not kept.
    pub async fn keep(&self, tenant: &Tenant, key: &DataKey, file: &MadeFile) -> Result<MadeRow, FileError> {
        let mut writer = PartsWriter::begin(&self.store, tenant).await?;
        writer.push(key, &file.content).await?;
        let (sha256, size) = writer.finish(key).await?;
        let row = MadeRow {
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size,
            sha256,
            content: writer.content(),
        };
        // The record of the run owns it; a host that dies before that forgets it at its next start.
        writer.owned();
        Ok(row)
    }

    /// A file that the tenant uploaded, or that one of its runs made; nothing where there is none.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn download(&self, tenant: &Tenant, sha256: Digest) -> Result<Option<Download>, FileError> {
        if let Some(row) = self.store.file(tenant, sha256).await? {
            let tenant_key = self.tenants.key(tenant).ok_or(FileError::Keyless)?;
            let key = tenant_key.open(&parts::about(tenant, row.content), &row.key)?;
            return Ok(Some(Download {
                content: parts::read(
                    self.store.clone(),
                    tenant.clone(),
                    row.content,
                    key,
                    row.sha256,
                    row.size,
                ),
                name: row.name,
                media_type: row.media_type,
                size: row.size,
                sha256: row.sha256,
            }));
        }
        match self.store.maker(tenant, sha256).await? {
            Some((run, made)) => self.made(&run, made).map(Some),
            None => Ok(None),
        }
    }

    /// A file that this run made.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn made(&self, run: &RunRow, made: MadeRow) -> Result<Download, FileError> {
        let tenant = &run.title.tenant;
        let tenant_key = self.tenants.key(tenant).ok_or(FileError::Keyless)?;
        let key = tenant_key.open(&about_run(tenant, run.title.id), &run.key)?;
        Ok(Download {
            content: parts::read(
                self.store.clone(),
                tenant.clone(),
                made.content,
                key,
                made.sha256,
                made.size,
            ),
            name: made.name,
            media_type: made.media_type,
            size: made.size,
            sha256: made.sha256,
        })
    }
}

impl Download {
    /// The whole content, for a run that takes the file.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn whole(mut self) -> Result<Bytes, FileError> {
        let mut whole = Vec::with_capacity(usize::try_from(self.size).unwrap_or_default());
        while let Some(part) = self.content.next().await {
            whole.extend_from_slice(&part?);
        }
        Ok(whole.into())
    }
}

/// Between two pieces of an upload: who sends nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// The place for which the key of a run is wrapped.
pub(crate) fn about_run(tenant: &Tenant, run: RunId) -> String {
    // Several for every run: put together without the machinery of formatting.
    let mut digits = Uuid::encode_buffer();
    let run = run.0.as_hyphenated().encode_lower(&mut digits);
    [tenant.as_str(), "/run/", run].concat()
}

fn check(name: &str, media_type: &str) -> Result<(), FileError> {
    let forbidden = |letter: char| letter.is_control() || letter == '/' || letter == '\\';
    if !(1..=255).contains(&name.len()) || name.chars().any(forbidden) || name == "." || name == ".." {
        return Err(FileError::Name);
    }
    let (kind, subtype) = media_type.split_once('/').ok_or(FileError::MediaType)?;
    let printable = media_type.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if kind.is_empty() || subtype.is_empty() || media_type.len() > 255 || !printable {
        return Err(FileError::MediaType);
    }
    Ok(())
}
