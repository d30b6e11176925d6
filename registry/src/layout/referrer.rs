//! Manifests that refer to a skill: its signatures, and the lists that name them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::read::{ManifestIn, expect, malformed, only, same};
use super::{BUNDLE, BUNDLE_MOST, Descriptor, EMPTY, EMPTY_CONFIG, INDEX};
use crate::digest::Digest;
use crate::error::Error;

/// What the manifest of a signature promises.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) bundle: Descriptor,
    /// Whether its config is the one that says nothing.
    pub(crate) is_plain: bool,
    pub(crate) annotations: BTreeMap<String, String>,
}

/// A list of manifests, as referrers are listed. Its entries are kept as they are: nothing in them is believed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Index {
    media_type: Option<String>,
    pub(crate) manifests: Vec<Value>,
    config: Option<IgnoredAny>,
    layers: Option<IgnoredAny>,
}

impl Attached {
    /// Reads a manifest that refers to `subject`; none where it is something else than a signature of it.
    ///
    /// # Errors
    /// `artifact-malformed`, `media-type-wrong`, `artifact-too-large` for a signature that cannot be used.
    pub(crate) fn read(content_type: Option<&str>, manifest: &[u8], subject: Digest) -> Result<Option<Self>, Error> {
        let manifest = ManifestIn::read(content_type, manifest)?;
        if manifest.subject.as_ref().map(|found| found.digest) != Some(subject) {
            return Ok(None);
        }
        let is_bundle = |layer: &Descriptor| layer.media_type == BUNDLE;
        let layers = manifest.layers.as_deref().unwrap_or_default();
        if manifest.artifact_type.as_deref() != Some(BUNDLE) && !layers.iter().any(is_bundle) {
            return Ok(None);
        }
        let bundle = only(manifest.layers)?;
        expect(&bundle, BUNDLE, BUNDLE_MOST, "signature")?;
        let empty = Descriptor::of(EMPTY, EMPTY_CONFIG);
        let config = manifest.config.as_ref();
        Ok(Some(Self {
            bundle,
            is_plain: config.is_some_and(|config| config.digest == empty.digest && config.size == empty.size),
            annotations: manifest.annotations.unwrap_or_default(),
        }))
    }
}

impl Index {
    /// Reads a list of referrers.
    ///
    /// # Errors
    /// `artifact-malformed` and `media-type-wrong`.
    pub(crate) fn read(content_type: Option<&str>, index: &[u8]) -> Result<Self, Error> {
        same(content_type, INDEX)?;
        let read = |cause| malformed("the list of referrers cannot be read").keep(cause);
        let index: Self = serde_json::from_slice(index).map_err(read)?;
        if index.config.is_some() || index.layers.is_some() {
            return Err(malformed("the list of referrers pretends to be two things"));
        }
        same(index.media_type.as_deref(), INDEX)?;
        Ok(index)
    }

    /// The digests of its entries; entries that cannot be read are left out.
    pub(crate) fn digests(&self) -> impl Iterator<Item = Digest> {
        self.manifests
            .iter()
            .filter_map(|entry| entry.get("digest")?.as_str()?.parse().ok())
    }
}
