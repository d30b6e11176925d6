//! Blobs that no manifest needs are removed, and never one that somebody is about to need: a blob is left alone for a
//! while after it was pushed, mounted or asked for, and nothing is pushed between the look at it and its removal.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::folder;
use super::pushed::Pushed;
use super::store::Store;
use crate::digest::Digest;
use crate::name::SkillName;

impl Store {
    /// Removes the blobs that no manifest of their repository names and nobody relied on for so long. Returns how many.
    pub(super) fn sweep(&self, grace: Duration) -> io::Result<usize> {
        let mut removed = 0;
        for namespace in folder::names(&self.repositories())?.unwrap_or_default() {
            for name in folder::names(&self.repositories().join(&namespace))?.unwrap_or_default() {
                if let Ok(repository) = format!("{namespace}/{name}").parse::<SkillName>() {
                    removed += self.sweep_one(&repository, grace)?;
                }
            }
        }
        Ok(removed)
    }

    fn sweep_one(&self, of: &SkillName, grace: Duration) -> io::Result<usize> {
        let _one = self.change();
        let Some(needed) = self.needed(of)? else {
            tracing::warn!(repository = %of, "a manifest is damaged: nothing is removed from this repository");
            return Ok(0);
        };
        let mut removed = 0;
        for name in folder::names(&self.blobs(of))?.unwrap_or_default() {
            let Ok(digest) = Digest::from_hex(&name) else { continue };
            let file = self.blobs(of).join(&name);
            if !needed.contains(&digest) && is_older(&file, grace)? && folder::remove(&file)? {
                removed += 1;
            }
        }
        if removed > 0 {
            self.recount(of.namespace());
        }
        Ok(removed)
    }

    /// The blobs that manifests of a repository name; none where one of these cannot be read.
    fn needed(&self, of: &SkillName) -> io::Result<Option<BTreeSet<Digest>>> {
        let mut needed = BTreeSet::new();
        for digest in self.manifests(of)? {
            let kept = match self.manifest(of, digest) {
                Err(cause) if cause.kind() == io::ErrorKind::InvalidData => return Ok(None),
                kept => kept?,
            };
            match kept.map(|kept| Pushed::blobs_of(&kept.bytes)) {
                Some(Some(blobs)) => needed.extend(blobs),
                Some(None) => return Ok(None),
                None => {}
            }
        }
        Ok(Some(needed))
    }
}

/// Notes that somebody relies on a file from now on.
pub(super) fn touch(file: &Path) -> io::Result<()> {
    File::open(file)?.set_modified(SystemTime::now())
}

fn is_older(file: &Path, grace: Duration) -> io::Result<bool> {
    let modified = file.metadata()?.modified()?;
    // A file of the future is as good as new.
    Ok(SystemTime::now().duration_since(modified).is_ok_and(|age| age >= grace))
}
