//! An artifact in a folder (OCI image-spec 1.1, Image Layout): how it travels where no registry can be reached.

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::Path;

use bytes::Bytes;
use rustix::fs::{Mode, OFlags};
use serde::Deserialize;
use serde_json::json;

use super::parcel::Parcel;
use super::read::{Skill, same};
use super::referrer::{Attached, Index};
use super::{Attachment, Descriptor, INDEX, MANIFEST, MANIFEST_MOST, Package};
use crate::digest::Digest;
use crate::error::{Code, Error};

const MARK: &str = "oci-layout";
const MARK_MOST: u64 = 1 << 10;
const LIST: &str = "index.json";
const BLOBS: [&str; 2] = ["blobs", "sha256"];
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// Most manifests of a folder that are looked at: an artifact and as many signatures as a pull takes.
const MOST: usize = 51;

impl Parcel {
    /// Writes the parcel into a folder, which is made where it is not there and must be empty; `tag` is what the artifact
    /// is called there. The file that makes the folder a layout is written last.
    ///
    /// # Errors
    /// `folder-unusable`.
    pub fn write(&self, folder: &Path, tag: &str) -> Result<(), Error> {
        self.write_all(folder, tag)
            .map_err(|cause| unusable(&why(&cause)).keep(cause))
    }

    fn write_all(&self, folder: &Path, tag: &str) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        if fs::read_dir(folder)?.next().is_some() {
            return Err(io::Error::new(io::ErrorKind::DirectoryNotEmpty, "it is not empty"));
        }
        let blobs = folder.join(BLOBS[0]).join(BLOBS[1]);
        fs::create_dir_all(&blobs)?;
        let package = self.package();
        let mut parts = vec![
            package.config().clone(),
            package.component().clone(),
            package.manifest().clone(),
        ];
        for one in self.attachments() {
            parts.extend([Attachment::config(), one.bundle().clone(), one.manifest().clone()]);
        }
        for part in &parts {
            let file = blobs.join(Digest::of(part).hex());
            if !file.try_exists()? {
                write(&file, part)?;
            }
        }
        File::open(&blobs)?.sync_all()?;
        write(&folder.join(LIST), self.list(tag).to_string().as_bytes())?;
        write(&folder.join(MARK), br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        File::open(folder)?.sync_all()
    }

    fn list(&self, tag: &str) -> serde_json::Value {
        let mut artifact = Descriptor::of(MANIFEST, self.package().manifest());
        artifact.annotations.insert(REF_NAME.to_owned(), tag.to_owned());
        let signatures = self.attachments().iter().map(Attachment::descriptor);
        let manifests: Vec<Descriptor> = std::iter::once(artifact).chain(signatures).collect();
        json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})
    }

    /// Reads the artifact of a folder that nobody vouches for: every file is capped and hashed, and none is reached by a
    /// link. `wanted` names the artifact where the folder holds several.
    ///
    /// # Errors
    /// `folder-unusable`, `artifact-not-found`, and those of a pull for what lies in it.
    pub fn read(folder: &Path, wanted: Option<Digest>) -> Result<Self, Error> {
        let folder = Folder::open(folder)?;
        let manifests = folder.manifests()?;
        let mut artifacts = manifests.iter().filter_map(|bytes| {
            let found = Skill::read(None, bytes).ok()?;
            let is_wanted = wanted.is_none_or(|wanted| wanted == Digest::of(bytes));
            is_wanted.then_some((bytes, found))
        });
        let (manifest, skill) = artifacts.next().ok_or_else(|| {
            let told = "The folder holds no such artifact: export it again, or name another digest.";
            Error::new(Code::ArtifactNotFound, told)
        })?;
        if artifacts.next().is_some() {
            return Err(unusable("it holds several artifacts, name one by its digest"));
        }
        let (config, component) = (folder.part(&skill.config)?, folder.part(&skill.component)?);
        let package = Package::from_parts(manifest.clone(), config, component)?;
        let mut attachments = Vec::new();
        for bytes in &manifests {
            attachments.extend(folder.signature(bytes, package.digest())?);
        }
        Ok(Self::new(package, attachments))
    }
}

/// A folder that is read without following a link.
struct Folder(OwnedFd);

impl Folder {
    fn open(folder: &Path) -> Result<Self, Error> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = rustix::fs::open(folder, flags, Mode::empty());
        let this = Self(opened.map_err(|cause| unusable("it cannot be opened").keep(cause))?);
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Mark {
            image_layout_version: String,
        }
        let mark = this.file(&[], MARK, MARK_MOST)?;
        match serde_json::from_slice(&mark) {
            Ok(Mark { image_layout_version }) if image_layout_version == "1.0.0" => Ok(this),
            _ => Err(unusable("it is no OCI image layout of version 1.0.0")),
        }
    }

    /// The manifests that the list names, each hashed; lists within the list are left.
    fn manifests(&self) -> Result<Vec<Bytes>, Error> {
        let list = Index::read(None, &self.file(&[], LIST, MANIFEST_MOST)?)?;
        if list.manifests.len() > MOST {
            return Err(unusable("it holds more than an artifact and 50 signatures"));
        }
        let entries = list
            .manifests
            .into_iter()
            .filter_map(|entry| serde_json::from_value(entry).ok());
        let manifests = entries.filter(|entry: &Descriptor| same(Some(&entry.media_type), MANIFEST).is_ok());
        manifests
            .filter(|entry| entry.size <= MANIFEST_MOST)
            .map(|entry| self.part(&entry))
            .collect()
    }

    fn signature(&self, manifest: &Bytes, subject: Digest) -> Result<Option<Attachment>, Error> {
        match Attached::read(None, manifest, subject) {
            Ok(Some(attached)) => Attachment::from_parts(manifest.clone(), self.part(&attached.bundle)?, subject),
            // Nonsense beside the artifact is no signature, and does not hide those that are.
            _ => Ok(None),
        }
    }

    /// What a descriptor names, which says how much of it is read.
    fn part(&self, descriptor: &Descriptor) -> Result<Bytes, Error> {
        let bytes = self.file(&BLOBS, &descriptor.digest.hex(), descriptor.size)?;
        descriptor.check(&bytes)?;
        Ok(bytes)
    }

    fn file(&self, below: &[&str], name: &str, most: u64) -> Result<Bytes, Error> {
        let read = read(&self.0, below, name, most);
        read.map_err(|cause| unusable(&format!("`{name}`: {}", why(&cause))).keep(cause))
    }
}

fn read(folder: &OwnedFd, below: &[&str], name: &str, most: u64) -> io::Result<Bytes> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut at = folder.try_clone()?;
    for part in below {
        at = rustix::fs::openat(&at, *part, flags | OFlags::DIRECTORY, Mode::empty())?;
    }
    // A pipe would be waited for.
    let file = File::from(rustix::fs::openat(&at, name, flags | OFlags::NONBLOCK, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than it may be"));
    }
    Ok(bytes.into())
}

fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(file)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// In words that are the same on every system.
fn why(cause: &io::Error) -> String {
    match cause.raw_os_error() {
        Some(_) => cause.kind().to_string(),
        None => cause.to_string(),
    }
}

fn unusable(why: &str) -> Error {
    Error::new(Code::FolderUnusable, format!("The folder cannot be used: {why}."))
}
