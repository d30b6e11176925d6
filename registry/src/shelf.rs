//! Artifacts that the host keeps on disk, each in a folder named by its digest.

#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::artifact::Pulled;
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::layout::{BUNDLE_MOST, COMPONENT_MOST, MANIFEST_MOST};
use crate::name::SkillName;

const MANIFEST: &str = "manifest.json";
const COMPONENT: &str = "component.wasm";
const BUNDLES: &str = "bundles";

/// A folder of artifacts. Nothing that lies in it is believed: what is read is hashed again. Its methods block.
///
/// `sha256/<hash>/{manifest.json, component.wasm, bundles/<hash>.json}`, and `new` for what is still being written.
#[derive(Clone, Debug)]
pub struct Shelf {
    artifacts: PathBuf,
    unfinished: PathBuf,
    /// Held while an artifact is put: two who put the same one would take each other's signatures away.
    turn: Arc<Mutex<()>>,
}

impl Shelf {
    /// Opens a folder, which is made where it is not there, and clears away what a killed host left half written.
    ///
    /// # Errors
    /// `shelf-unusable`.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let shelf = Self {
            artifacts: folder.join("sha256"),
            unfinished: folder.join("new"),
            turn: Arc::default(),
        };
        let make = || {
            fs::create_dir_all(&shelf.artifacts)?;
            match fs::remove_dir_all(&shelf.unfinished) {
                Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(cause),
                _ => {}
            }
            fs::create_dir(&shelf.unfinished)?;
            sync(folder)
        };
        make().map_err(unusable)?;
        Ok(shelf)
    }

    /// Keeps an artifact; durable when it returns. Of one that is there already, only new signatures are added.
    ///
    /// # Errors
    /// `shelf-unusable`.
    pub fn put(&self, pulled: &Pulled) -> Result<(), Error> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let place = self.place(&pulled.digest());
        if self.get(&pulled.digest(), pulled.asked().clone()).is_ok() {
            return self.add_bundles(&place, pulled.bundles()).map_err(unusable);
        }
        self.write(&place, pulled).map_err(unusable)
    }

    /// The artifact of this digest, hashed again; `asked` is the name under which it is approved.
    ///
    /// # Errors
    /// `artifact-not-found`, `shelf-unusable`; `digest-mismatch` and others where it was changed on disk.
    pub fn get(&self, digest: &Digest, asked: SkillName) -> Result<Pulled, Error> {
        let place = self.place(digest);
        let found = |cause: io::Error| match cause.kind() {
            ErrorKind::NotFound => Error::new(
                Code::ArtifactNotFound,
                format!("the host does not keep the artifact {digest}: approve it again, and it is pulled"),
            ),
            _ => unusable(cause),
        };
        let manifest = read(&place.join(MANIFEST), MANIFEST_MOST).map_err(found)?;
        let component = read(&place.join(COMPONENT), COMPONENT_MOST).map_err(found)?;
        let bundles = bundles(&place.join(BUNDLES)).map_err(unusable)?;
        let pulled = Pulled::from_parts(asked, manifest, component, bundles)?;
        if pulled.digest() != *digest {
            return Err(Error::new(
                Code::DigestMismatch,
                format!(
                    "the artifact {digest} was changed where the host keeps it: approve it again, and it is pulled"
                ),
            ));
        }
        Ok(pulled)
    }

    fn place(&self, digest: &Digest) -> PathBuf {
        self.artifacts.join(digest.hex())
    }

    fn write(&self, place: &Path, pulled: &Pulled) -> io::Result<()> {
        let new = tempfile::Builder::new().tempdir_in(&self.unfinished)?;
        write(&new.path().join(MANIFEST), pulled.manifest())?;
        write(&new.path().join(COMPONENT), pulled.component())?;
        let folder = new.path().join(BUNDLES);
        fs::create_dir(&folder)?;
        for bundle in pulled.bundles() {
            write(&folder.join(file_name(bundle)), bundle)?;
        }
        sync(&folder)?;
        sync(new.path())?;
        // What is there did not read back: it makes room. A kill in between leaves the artifact absent, to be pulled.
        let old = tempfile::Builder::new().tempdir_in(&self.unfinished)?;
        match fs::rename(place, old.path().join("old")) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
        fs::rename(new.keep(), place)?;
        sync(&self.artifacts)
    }

    fn add_bundles(&self, place: &Path, bundles: &[Bytes]) -> io::Result<()> {
        let folder = place.join(BUNDLES);
        for bundle in bundles {
            let path = folder.join(file_name(bundle));
            if !path.exists() {
                let mut new = tempfile::NamedTempFile::new_in(&self.unfinished)?;
                new.write_all(bundle)?;
                new.as_file().sync_all()?;
                new.persist(path)?;
            }
        }
        sync(&folder)
    }
}

fn file_name(bytes: &[u8]) -> String {
    format!("{}.json", Digest::of(bytes).hex())
}

/// The signatures in the order of their names, so that the same folder always reads the same.
fn bundles(folder: &Path) -> io::Result<Vec<Bytes>> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    paths.iter().map(|path| read(path, BUNDLE_MOST)).collect()
}

fn read(path: &Path, most: u64) -> io::Result<Bytes> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > most {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "larger than it was written"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn unusable(cause: io::Error) -> Error {
    Error::new(
        Code::ShelfUnusable,
        format!("the host cannot use its folder of artifacts: {}", cause.kind()),
    )
    .keep(cause)
}
