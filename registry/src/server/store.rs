//! Repositories in a folder. A manifest is never there without its blobs, a tag never without its manifest, whenever the
//! process is killed; what is shared between repositories is shared by the file system.
//!
//! ```text
//! unfinished/…                                    uploads; removed at start
//! repositories/{namespace}/{name}/blobs/{hex}
//!                                /manifests/{hex}  its media type, a line feed, its bytes
//!                                /tags/{tag}       a digest
//!                                /referrers/{hex}/{hex}   a subject, and who refers to it
//! ```

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::pushed::{Pushed, Tag};
use super::sweep::touch;
use super::usage::Usage;
use super::{RegistryLimits, folder};
use crate::digest::Digest;
use crate::name::{Namespace, SkillName};

/// The folder.
#[derive(Debug)]
pub(super) struct Store {
    root: PathBuf,
    /// Changes to what names what come one after the other, so that nothing vanishes between a check and its use.
    changes: Mutex<()>,
    pub(super) limits: RegistryLimits,
    /// What namespaces keep, as far as it was counted.
    counted: Mutex<HashMap<Namespace, Usage>>,
}

/// What became of something that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    Stored,
    /// Not stored: the repository does not have this blob.
    Missing(Digest),
    /// Not stored: the namespace has no room.
    Full,
}

/// A manifest as it was pushed.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) media_type: String,
    pub(super) bytes: Bytes,
    pub(super) digest: Digest,
}

impl Store {
    /// Opens or makes the folder, and removes what was left unfinished.
    pub(super) fn open(root: &Path, limits: RegistryLimits) -> io::Result<Self> {
        let store = Self {
            root: root.to_owned(),
            changes: Mutex::default(),
            limits,
            counted: Mutex::default(),
        };
        folder::absent(fs::remove_dir_all(store.unfinished()))?;
        folder::make(&store.unfinished())?;
        Ok(store)
    }

    /// Where uploads grow.
    pub(super) fn unfinished(&self) -> PathBuf {
        self.root.join("unfinished")
    }

    /// A blob and its size.
    pub(super) fn blob(&self, of: &SkillName, digest: Digest) -> io::Result<Option<(File, u64)>> {
        let Some(file) = folder::absent(File::open(self.blob_path(of, digest)))? else {
            return Ok(None);
        };
        let size = file.metadata()?.len();
        Ok(Some((file, size)))
    }

    /// The same for somebody who goes on to rely on it.
    pub(super) fn relied_blob(&self, of: &SkillName, digest: Digest) -> io::Result<Option<(File, u64)>> {
        let _one = self.change();
        folder::absent(touch(&self.blob_path(of, digest)))?;
        self.blob(of, digest)
    }

    /// Takes a file that is on the disk and whose digest was computed.
    pub(super) fn adopt_blob(&self, of: &SkillName, digest: Digest, file: &Path) -> io::Result<Put> {
        let _one = self.change();
        let (target, more) = (self.blob_path(of, digest), Usage::blob(file.metadata()?.len()));
        let is_new = !target.try_exists()?;
        if is_new && !self.has_room(of.namespace(), more)? {
            return Ok(Put::Full);
        }
        touch(file)?;
        folder::adopt(file, &target)?;
        if is_new {
            self.count(of.namespace(), more);
        }
        Ok(Put::Stored)
    }

    /// Gives one repository the blob of another; false where the other has none, or the one has no room.
    pub(super) fn mount(&self, from: &SkillName, to: &SkillName, digest: Digest) -> io::Result<bool> {
        let _one = self.change();
        let (source, target) = (self.blob_path(from, digest), self.blob_path(to, digest));
        let Some(found) = folder::absent(source.metadata())? else {
            return Ok(false);
        };
        let (is_new, more) = (!target.try_exists()?, Usage::blob(found.len()));
        if is_new && !self.has_room(to.namespace(), more)? {
            return Ok(false);
        }
        let linked = folder::link(&source, &target)?;
        touch(&target)?;
        if is_new && linked {
            self.count(to.namespace(), more);
        }
        Ok(linked)
    }

    /// Removes a blob from one repository; false where there is none.
    pub(super) fn delete_blob(&self, of: &SkillName, digest: Digest) -> io::Result<bool> {
        let _one = self.change();
        self.recount(of.namespace());
        folder::remove(&self.blob_path(of, digest))
    }

    /// A manifest, checked against its digest.
    pub(super) fn manifest(&self, of: &SkillName, digest: Digest) -> io::Result<Option<Kept>> {
        let Some(content) = folder::read(&self.manifest_path(of, digest))? else {
            return Ok(None);
        };
        let content = Bytes::from(content);
        let line = content.iter().position(|byte| *byte == b'\n').unwrap_or(content.len());
        let bytes = content.slice((line + 1).min(content.len())..);
        if Digest::of(&bytes) != digest {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{digest} is damaged"),
            ));
        }
        let media_type = String::from_utf8_lossy(&content.slice(..line)).into_owned();
        Ok(Some(Kept {
            media_type,
            bytes,
            digest,
        }))
    }

    /// Stores a manifest and then its tags, unless a blob is missing.
    pub(super) fn put_manifest(&self, of: &SkillName, pushed: &Pushed, tags: &[Tag]) -> io::Result<Put> {
        let _one = self.change();
        for blob in pushed.blobs() {
            if !self.blob_path(of, *blob).try_exists()? {
                return Ok(Put::Missing(*blob));
            }
        }
        let line = format!("{}\n", pushed.media_type());
        let more = Usage::manifest((line.len() + pushed.bytes().len()) as u64);
        let is_new = !self.manifest_path(of, pushed.digest()).try_exists()?;
        if is_new && !self.has_room(of.namespace(), more)? {
            return Ok(Put::Full);
        }
        if let Some(subject) = pushed.subject() {
            self.write(&self.referrers_path(of, subject).join(pushed.digest().hex()), &[])?;
        }
        self.write(
            &self.manifest_path(of, pushed.digest()),
            &[line.as_bytes(), pushed.bytes()],
        )?;
        if is_new {
            self.count(of.namespace(), more);
        }
        for tag in tags {
            self.write(&self.tag_path(of, tag), &[pushed.digest().to_string().as_bytes()])?;
        }
        Ok(Put::Stored)
    }

    /// Removes a manifest, its tags first; false where there is none.
    pub(super) fn delete_manifest(&self, of: &SkillName, digest: Digest) -> io::Result<bool> {
        let _one = self.change();
        let Some(kept) = self.manifest(of, digest)? else {
            return Ok(false);
        };
        for name in self.tags(of)?.unwrap_or_default() {
            if let Ok(tag) = name.parse::<Tag>()
                && self.tag(of, &tag)? == Some(digest)
            {
                folder::remove(&self.tag_path(of, &tag))?;
            }
        }
        folder::remove(&self.manifest_path(of, digest))?;
        self.recount(of.namespace());
        if let Some(subject) = Pushed::subject_of(&kept.bytes) {
            folder::remove(&self.referrers_path(of, subject).join(digest.hex()))?;
        }
        Ok(true)
    }

    /// What a tag names.
    pub(super) fn tag(&self, of: &SkillName, tag: &Tag) -> io::Result<Option<Digest>> {
        let Some(content) = folder::read(&self.tag_path(of, tag))? else {
            return Ok(None);
        };
        let digest = String::from_utf8_lossy(&content).parse();
        digest
            .map(Some)
            .map_err(|cause| io::Error::new(io::ErrorKind::InvalidData, cause))
    }

    /// Removes a tag; false where there is none.
    pub(super) fn delete_tag(&self, of: &SkillName, tag: &Tag) -> io::Result<bool> {
        let _one = self.change();
        folder::remove(&self.tag_path(of, tag))
    }

    /// The tags in the order of their bytes; none where there is no such repository.
    pub(super) fn tags(&self, of: &SkillName) -> io::Result<Option<Vec<String>>> {
        if !self.repository(of).try_exists()? {
            return Ok(None);
        }
        Ok(Some(
            folder::names(&self.repository(of).join("tags"))?.unwrap_or_default(),
        ))
    }

    /// The manifests that refer to this one.
    pub(super) fn referrers(&self, of: &SkillName, subject: Digest) -> io::Result<Vec<Kept>> {
        let names = folder::names(&self.referrers_path(of, subject))?.unwrap_or_default();
        let mut referrers = Vec::new();
        for name in names {
            // A process that was killed may have left the note without the manifest.
            if let Ok(digest) = Digest::from_hex(&name) {
                referrers.extend(self.manifest(of, digest)?);
            }
        }
        Ok(referrers)
    }

    /// The manifests of a repository.
    pub(super) fn manifests(&self, of: &SkillName) -> io::Result<Vec<Digest>> {
        let names = folder::names(&self.repository(of).join("manifests"))?.unwrap_or_default();
        Ok(names.iter().filter_map(|name| Digest::from_hex(name).ok()).collect())
    }

    fn write(&self, target: &Path, content: &[&[u8]]) -> io::Result<()> {
        folder::write(target, &self.unfinished(), content)
    }

    pub(super) fn counted(&self) -> MutexGuard<'_, HashMap<Namespace, Usage>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn change(&self) -> MutexGuard<'_, ()> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn repository(&self, of: &SkillName) -> PathBuf {
        self.namespace(of.namespace()).join(of.name().as_str())
    }

    pub(super) fn repositories(&self) -> PathBuf {
        self.root.join("repositories")
    }

    pub(super) fn namespace(&self, namespace: &Namespace) -> PathBuf {
        self.repositories().join(namespace.as_str())
    }

    pub(super) fn blobs(&self, of: &SkillName) -> PathBuf {
        self.repository(of).join("blobs")
    }

    fn blob_path(&self, of: &SkillName, digest: Digest) -> PathBuf {
        self.blobs(of).join(digest.hex())
    }

    fn manifest_path(&self, of: &SkillName, digest: Digest) -> PathBuf {
        self.repository(of).join("manifests").join(digest.hex())
    }

    fn tag_path(&self, of: &SkillName, tag: &Tag) -> PathBuf {
        self.repository(of).join("tags").join(tag.as_str())
    }

    fn referrers_path(&self, of: &SkillName, subject: Digest) -> PathBuf {
        self.repository(of).join("referrers").join(subject.hex())
    }
}
