//! What a namespace keeps, so that no publisher fills the disk of all.

use std::fs;
use std::io;
use std::path::Path;

use super::store::Store;
use crate::name::Namespace;

/// How much there is of something. A blob counts in every repository that has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) bytes: u64,
    /// Signatures are manifests too.
    pub(super) manifests: usize,
}

impl Usage {
    /// One blob of this size.
    pub(super) const fn blob(bytes: u64) -> Self {
        Self { bytes, manifests: 0 }
    }

    /// One manifest of this size.
    pub(super) const fn manifest(bytes: u64) -> Self {
        Self { bytes, manifests: 1 }
    }

    const fn and(self, more: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_add(more.bytes),
            manifests: self.manifests.saturating_add(more.manifests),
        }
    }
}

impl Store {
    /// Whether a namespace may keep this much more.
    pub(super) fn has_room(&self, namespace: &Namespace, more: Usage) -> io::Result<bool> {
        let then = self.usage(namespace)?.and(more);
        Ok(then.bytes <= self.limits.namespace_bytes && then.manifests <= self.limits.namespace_manifests)
    }

    /// Notes that a namespace keeps this much more.
    pub(super) fn count(&self, namespace: &Namespace, more: Usage) {
        if let Some(usage) = self.counted().get_mut(namespace) {
            *usage = usage.and(more);
        }
    }

    /// Notes that something was removed: it is counted again when somebody asks.
    pub(super) fn recount(&self, namespace: &Namespace) {
        self.counted().remove(namespace);
    }

    fn usage(&self, namespace: &Namespace) -> io::Result<Usage> {
        if let Some(usage) = self.counted().get(namespace) {
            return Ok(*usage);
        }
        let mut usage = Usage::default();
        for repository in super::folder::names(&self.namespace(namespace))?.unwrap_or_default() {
            let repository = self.namespace(namespace).join(repository);
            usage = usage.and(of_files(&repository.join("blobs"), Usage::blob)?);
            usage = usage.and(of_files(&repository.join("manifests"), Usage::manifest)?);
        }
        self.counted().insert(namespace.clone(), usage);
        Ok(usage)
    }
}

fn of_files(folder: &Path, one: fn(u64) -> Usage) -> io::Result<Usage> {
    let mut usage = Usage::default();
    for entry in super::folder::absent(fs::read_dir(folder))?.into_iter().flatten() {
        usage = usage.and(one(entry?.metadata()?.len()));
    }
    Ok(usage)
}
