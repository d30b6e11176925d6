//! An artifact with the signatures beside it, whole, on its way from one place to another.

use crate::artifact::Pulled;
use crate::digest::Digest;
use crate::error::Error;
use crate::layout::{Attachment, Package};
use crate::name::SkillName;

/// Everything that a host needs to verify an artifact without the registry that it came from. Its parts are what their
/// digests name; nothing more is known of them.
#[derive(Clone, Debug)]
pub struct Parcel {
    package: Package,
    attachments: Vec<Attachment>,
}

impl Parcel {
    /// Packs an artifact with the signatures that refer to it.
    pub const fn new(package: Package, attachments: Vec<Attachment>) -> Self {
        Self { package, attachments }
    }

    /// The artifact.
    pub const fn package(&self) -> &Package {
        &self.package
    }

    /// The signatures beside it.
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }

    /// The digest of the artifact's manifest.
    pub fn digest(&self) -> Digest {
        self.package.digest()
    }

    /// The artifact as it would have been pulled under this name.
    ///
    /// # Errors
    /// `digest-mismatch` and others where the parts do not belong together.
    pub fn pulled(&self, asked: SkillName) -> Result<Pulled, Error> {
        let bundles = self.attachments.iter().map(|one| one.bundle().clone()).collect();
        let (manifest, component) = (self.package.manifest().clone(), self.package.component().clone());
        Pulled::from_parts(asked, manifest, component, bundles)
    }
}
