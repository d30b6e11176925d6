//! Manifests of others, read strictly: what is not exactly a skill is refused.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{COMPONENT, COMPONENT_MOST, CONFIG, CONFIG_MOST, Descriptor, MANIFEST};
use crate::error::{Code, Error};

/// What the manifest of a skill promises.
#[derive(Debug)]
pub(crate) struct Skill {
    pub(crate) config: Descriptor,
    pub(crate) component: Descriptor,
}

/// Any manifest. A key that comes twice is refused by the reader, so that no two readers see different documents
/// (CVE-2021-41190 and its kin).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ManifestIn {
    schema_version: u8,
    media_type: String,
    pub(super) artifact_type: Option<String>,
    pub(super) config: Option<Descriptor>,
    pub(super) layers: Option<Vec<Descriptor>>,
    manifests: Option<IgnoredAny>,
    pub(super) subject: Option<Descriptor>,
    pub(super) annotations: Option<BTreeMap<String, String>>,
}

impl Skill {
    /// Reads the manifest of a skill; `content_type` is what the registry called it, where it was asked.
    ///
    /// # Errors
    /// `artifact-malformed`, `media-type-wrong`, `artifact-too-large`.
    pub(crate) fn read(content_type: Option<&str>, manifest: &[u8]) -> Result<Self, Error> {
        let manifest = ManifestIn::read(content_type, manifest)?;
        let config = manifest.config.ok_or_else(|| malformed("it has no config"))?;
        expect(&config, CONFIG, CONFIG_MOST, "config")?;
        let component = only(manifest.layers)?;
        expect(&component, COMPONENT, COMPONENT_MOST, "layer")?;
        Ok(Self { config, component })
    }
}

impl ManifestIn {
    pub(super) fn read(content_type: Option<&str>, bytes: &[u8]) -> Result<Self, Error> {
        same(content_type, MANIFEST)?;
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|cause| malformed("it cannot be read as JSON").keep(cause))?;
        if manifest.schema_version != 2 {
            return Err(malformed("its `schemaVersion` is not 2"));
        }
        if manifest.manifests.is_some() {
            return Err(malformed("it is a list of manifests, or pretends to be two things"));
        }
        same(Some(&manifest.media_type), MANIFEST)?;
        Ok(manifest)
    }
}

pub(super) fn only(layers: Option<Vec<Descriptor>>) -> Result<Descriptor, Error> {
    match <[Descriptor; 1]>::try_from(layers.unwrap_or_default()) {
        Ok([layer]) => Ok(layer),
        Err(layers) => Err(malformed(&format!("it has {} layers instead of one", layers.len()))),
    }
}

pub(super) fn expect(found: &Descriptor, media_type: &str, most: u64, what: &str) -> Result<(), Error> {
    if found.media_type != media_type {
        return Err(Error::new(
            Code::MediaTypeWrong,
            format!(
                "The {what} of the artifact is `{}`, not `{media_type}`: publish it as a skill.",
                shown(&found.media_type)
            ),
        ));
    }
    if found.size > most {
        return Err(Error::new(
            Code::ArtifactTooLarge,
            format!(
                "The {what} of the artifact has {} bytes; at most {most} are read.",
                found.size
            ),
        ));
    }
    Ok(())
}

/// A media type without its parameters must be the one that is expected; none is one that nobody was asked for.
pub(crate) fn same(found: Option<&str>, wanted: &str) -> Result<(), Error> {
    let found = found.map(|found| found.split(';').next().unwrap_or(found).trim());
    match found {
        Some(found) if found != wanted => Err(Error::new(
            Code::MediaTypeWrong,
            format!("The manifest is called `{}`, not `{wanted}`.", shown(found)),
        )),
        _ => Ok(()),
    }
}

pub(super) fn malformed(what: &str) -> Error {
    Error::new(
        Code::ArtifactMalformed,
        format!("The manifest of the artifact cannot be used: {what}."),
    )
}

fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}
