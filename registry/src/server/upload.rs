//! Uploads that are under way: their bytes are on the disk, their hash is computed as they pass.

use std::collections::HashMap;
use std::io::SeekFrom;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use futures_util::StreamExt as _;
use http::StatusCode;
use sha2::{Digest as _, Sha256};
use tokio::fs::OpenOptions;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::sync::OwnedMutexGuard;

use super::RegistryLimits;
use super::refusal::Refusal;
use crate::digest::Digest;
use crate::name::SkillName;

/// An upload that nobody touched for so long is removed when the next one begins.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// A client that sends nothing for so long has gone.
const SILENCE: Duration = Duration::from_secs(30);

/// All uploads of this process. They end with it.
#[derive(Debug)]
pub(super) struct Uploads {
    folder: PathBuf,
    limits: RegistryLimits,
    open: Mutex<HashMap<String, Open>>,
}

#[derive(Debug)]
struct Open {
    repository: SkillName,
    touched: Instant,
    upload: Arc<tokio::sync::Mutex<Upload>>,
}

/// The bytes that were acknowledged. Dropping it removes the file.
#[derive(Debug)]
pub(super) struct Upload {
    file: PathBuf,
    size: u64,
    hash: Sha256,
}

/// One upload, held by one request.
#[derive(Debug)]
pub(super) struct Held<'a> {
    uploads: &'a Uploads,
    id: String,
    upload: OwnedMutexGuard<Upload>,
    /// Bytes are on their way: where the request goes away and none were acknowledged, there is nothing to resume.
    sends: bool,
}

impl Uploads {
    pub(super) fn new(folder: PathBuf, limits: RegistryLimits) -> Self {
        Self {
            folder,
            limits,
            open: Mutex::default(),
        }
    }

    /// Begins an upload and returns its name.
    ///
    /// # Errors
    /// `TOOMANYREQUESTS`.
    pub(super) fn begin(&self, repository: &SkillName) -> Result<String, Refusal> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(std::io::Error::other)?;
        let id = uuid::Builder::from_random_bytes(random).into_uuid().to_string();
        let mut open = self.open();
        open.retain(|_, open| open.touched.elapsed() < IDLE);
        if open.len() >= self.limits.uploads {
            let told = "Too many uploads are open: finish or cancel some, or try again later.";
            return Err(Refusal::new(StatusCode::TOO_MANY_REQUESTS, "TOOMANYREQUESTS", told));
        }
        let upload = Upload {
            file: self.folder.join(&id),
            size: 0,
            hash: Sha256::new(),
        };
        let entry = Open {
            repository: repository.clone(),
            touched: Instant::now(),
            upload: Arc::new(tokio::sync::Mutex::new(upload)),
        };
        open.insert(id.clone(), entry);
        Ok(id)
    }

    /// Takes an upload of this repository for one request.
    ///
    /// # Errors
    /// `BLOB_UPLOAD_UNKNOWN`; `BLOB_UPLOAD_INVALID` while another request has it.
    pub(super) fn hold(&self, repository: &SkillName, id: &str) -> Result<Held<'_>, Refusal> {
        let mut open = self.open();
        let found = open.get_mut(id).filter(|open| open.repository == *repository);
        let found = found.ok_or_else(|| {
            let told = "There is no such upload here: begin a new one.";
            Refusal::unknown("BLOB_UPLOAD_UNKNOWN", told)
        })?;
        found.touched = Instant::now();
        let upload = Arc::clone(&found.upload).try_lock_owned().map_err(|_| {
            let told = "Another request is sending to this upload: wait for it.";
            Refusal::new(StatusCode::CONFLICT, "BLOB_UPLOAD_INVALID", told)
        })?;
        Ok(Held {
            uploads: self,
            id: id.to_owned(),
            upload,
            sends: false,
        })
    }

    fn forget(&self, id: &str) {
        self.open().remove(id);
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held<'_> {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// How many bytes were acknowledged.
    pub(super) fn size(&self) -> u64 {
        self.upload.size
    }

    /// Adds a body; all of it, or nothing is acknowledged. `length` is how long it must be, where that was said.
    ///
    /// # Errors
    /// `SIZE_INVALID` and `BLOB_UPLOAD_INVALID`.
    pub(super) async fn append(&mut self, body: Body, length: Option<u64>) -> Result<(), Refusal> {
        self.sends = true;
        let most = self.uploads.limits.blob;
        let upload = &mut *self.upload;
        // Bytes of a request that broke off may lie behind those that were acknowledged: they are written over.
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&upload.file)
            .await?;
        file.set_len(upload.size).await?;
        file.seek(SeekFrom::Start(upload.size)).await?;
        let (mut size, mut hash) = (upload.size, upload.hash.clone());
        let mut body = body.into_data_stream();
        while let Some(chunk) = tokio::time::timeout(SILENCE, body.next()).await.map_err(|_| silent())? {
            let chunk = chunk.map_err(|cause| Refusal::broken_off(&cause))?;
            size += chunk.len() as u64;
            if size > most {
                return Err(Refusal::too_large(most));
            }
            hash.update(&chunk);
            file.write_all(&chunk).await?;
        }
        if length.is_some_and(|length| upload.size + length != size) {
            let told = "The bytes are not as many as `Content-Range` says.";
            return Err(Refusal::invalid("SIZE_INVALID", told));
        }
        file.sync_all().await?;
        (upload.size, upload.hash) = (size, hash);
        self.sends = false;
        Ok(())
    }

    /// The file with its digest. It is removed when `self` is dropped, unless it was moved away.
    pub(super) fn finish(&self) -> (PathBuf, Digest) {
        let hash = self.upload.hash.clone().finalize();
        (self.upload.file.clone(), Digest::from_bytes(hash.into()))
    }

    /// Ends the upload, and removes what is left of it.
    pub(super) fn end(self) {
        self.uploads.forget(&self.id);
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.sends && self.upload.size == 0 {
            self.uploads.forget(&self.id);
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

fn silent() -> Refusal {
    let told = "Nothing came for too long: send the bytes again.";
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "BLOB_UPLOAD_INVALID", told)
}
