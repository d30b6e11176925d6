//! Readers that the fuzz targets in `registry/fuzz` reach, and nobody else: this is compiled for them only.

use crate::digest::Digest;
use crate::layout::{Attached, Index, Skill};
use crate::signature::{Bundle, Claim, Heading};

/// Whatever may be a manifest or a list.
pub fn manifest(bytes: &[u8]) {
    let _ = Skill::read(None, bytes);
    let _ = Attached::read(None, bytes, Digest::of(b""));
    if let Ok(index) = Index::read(None, bytes) {
        assert!(index.digests().count() <= index.manifests.len());
    }
}

/// Whatever may be a bundle, and what is said in it.
pub fn bundle(bytes: &[u8]) {
    let _ = (Claim::read(bytes), Heading::read(bytes));
    if let Some(bundle) = Bundle::read(bytes) {
        let _ = (
            bundle.hint(),
            Claim::read(bundle.payload()),
            Heading::read(bundle.payload()),
        );
    }
}
