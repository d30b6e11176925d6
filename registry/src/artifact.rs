//! The stages of an artifact. Each stage is made only from the one before, by the check that it stands for.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::declaration::Declaration;
use crate::digest::Digest;
use crate::error::Error;
use crate::layout::Skill;
use crate::ledger::{Grants, Signed};
use crate::name::{PublisherName, SkillName, Tenant};

/// Bytes that match their digests, and nothing more is known of them.
#[derive(Clone, Debug)]
pub struct Pulled {
    /// The name that was asked for: the last two parts of the repository.
    asked: SkillName,
    digest: Digest,
    manifest: Bytes,
    component: Bytes,
    /// Sigstore bundles found beside it, each once, in no order that means anything.
    bundles: Vec<Bytes>,
}

/// A well-formed skill, signed for this name by a publisher that the ledger trusts with its namespace.
#[derive(Clone, Debug)]
pub struct Verified {
    pulled: Pulled,
    declaration: Declaration,
    publisher: PublisherName,
    /// What was said of it, by whom, in the order of the bundles.
    signed: Vec<Signed>,
    /// The first key that signed our own statement.
    key: Digest,
}

/// A verified skill that a tenant's administrator accepted, with what it may do. The engine takes nothing else.
#[derive(Clone, Debug)]
pub struct Approved {
    verified: Verified,
    tenant: Tenant,
    grants: Grants,
}

impl Pulled {
    /// Checks that the manifest is that of a skill and names this component; hashes everything once.
    ///
    /// # Errors
    /// `artifact-malformed`, `media-type-wrong`, `artifact-too-large`, `digest-mismatch`.
    pub(crate) fn from_parts(
        asked: SkillName,
        manifest: Bytes,
        component: Bytes,
        bundles: Vec<Bytes>,
    ) -> Result<Self, Error> {
        let skill = Skill::read(None, &manifest)?;
        skill.component.check(&component)?;
        Ok(Self {
            asked,
            digest: Digest::of(&manifest),
            manifest,
            component,
            bundles: distinct(bundles),
        })
    }

    /// The same with these bundles only: once it is known which ones hold, the others are junk to carry.
    pub(crate) fn with_bundles(self, bundles: Vec<Bytes>) -> Self {
        Self { bundles, ..self }
    }

    /// The digest of the manifest: the name under which the artifact is approved.
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The manifest (OCI image-spec 1.1) as it was signed.
    pub const fn manifest(&self) -> &Bytes {
        &self.manifest
    }

    /// The component.
    pub const fn component(&self) -> &Bytes {
        &self.component
    }

    /// The name that was asked for.
    pub const fn asked(&self) -> &SkillName {
        &self.asked
    }

    /// Sigstore bundles found beside it.
    pub fn bundles(&self) -> &[Bytes] {
        &self.bundles
    }
}

/// Each once: whoever publishes a version again lays the same signature beside it under another name.
fn distinct(mut bundles: Vec<Bytes>) -> Vec<Bytes> {
    let mut seen = BTreeSet::new();
    bundles.retain(|bundle| seen.insert(bundle.clone()));
    bundles
}

impl Verified {
    pub(crate) fn new(
        pulled: Pulled,
        declaration: Declaration,
        publisher: PublisherName,
        (key, signed): (Digest, Vec<Signed>),
    ) -> Self {
        Self {
            pulled,
            declaration,
            publisher,
            signed,
            key,
        }
    }

    /// The bytes, with the bundles that were found to hold and no other.
    pub const fn pulled(&self) -> &Pulled {
        &self.pulled
    }

    /// What the component declares.
    pub const fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// Who signed.
    pub const fn publisher(&self) -> &PublisherName {
        &self.publisher
    }

    /// The key that signed, the first of them where several did: the SHA-256 of its SPKI in DER.
    pub const fn key(&self) -> Digest {
        self.key
    }

    /// Every statement that counted, ours and others, each with the key that signed it.
    pub fn signed(&self) -> &[Signed] {
        &self.signed
    }
}

impl Approved {
    pub(crate) const fn new(verified: Verified, tenant: Tenant, grants: Grants) -> Self {
        Self {
            verified,
            tenant,
            grants,
        }
    }

    /// The skill.
    pub const fn verified(&self) -> &Verified {
        &self.verified
    }

    /// Who approved it for themselves.
    pub const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// What it may do.
    pub const fn grants(&self) -> &Grants {
        &self.grants
    }
}
