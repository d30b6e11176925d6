//! The bytes of an artifact: a component and its signatures, as they lie in an OCI registry.
//!
//! A skill is a Wasm OCI artifact (CNCF TAG Runtime, layout v0): a config, one layer, a manifest. A signature is a
//! Sigstore bundle v0.3 in a manifest of its own whose `subject` is the skill's (cosign, BUNDLE_SPEC).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::declaration::Declaration;
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::manifest::About;

mod config;
mod folder;
mod parcel;
mod read;
mod referrer;
#[cfg(test)]
pub(crate) mod tests;

pub use parcel::Parcel;
pub(crate) use read::{Skill, same};
pub(crate) use referrer::{Attached, Index};

/// The media type of every manifest that is written here (OCI image-spec 1.1).
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of a list of manifests, such as a list of referrers (OCI image-spec 1.1).
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The media type of the config of a Wasm artifact.
pub(crate) const CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// The media type of a component.
pub(crate) const COMPONENT: &str = "application/wasm";
/// The media type of a signature, and the artifact type of the manifest that holds one.
pub(crate) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// The media type of a config that says nothing: the two bytes `{}`.
pub(crate) const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// Most bytes of a manifest: what the distribution-spec asks registries to accept.
pub(crate) const MANIFEST_MOST: u64 = 4 << 20;
/// Most bytes of a config.
pub(crate) const CONFIG_MOST: u64 = 1 << 20;
/// Most bytes of a component.
pub(crate) const COMPONENT_MOST: u64 = 32 << 20;
/// Most bytes of a bundle.
pub(crate) const BUNDLE_MOST: u64 = 1 << 20;

const EMPTY_CONFIG: &[u8] = b"{}";
const TITLE: &str = "org.opencontainers.image.title";
const PREDICATE_TYPE: &str = "dev.sigstore.bundle.predicateType";

/// A skill as it is pushed. Where it is packed here, the same component gives the same bytes, whoever packs it and when.
#[derive(Clone, Debug)]
pub struct Package {
    config: Bytes,
    component: Bytes,
    manifest: Bytes,
}

/// A signature as it is pushed beside the skill.
#[derive(Clone, Debug)]
pub struct Attachment {
    bundle: Bytes,
    manifest: Bytes,
    subject: Digest,
    annotations: BTreeMap<String, String>,
}

/// What a manifest says of some bytes (image-spec, Content Descriptors).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// A manifest to be written (image-spec, Image Manifest).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ManifestOut<'a> {
    schema_version: u8,
    media_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<&'a str>,
    config: Descriptor,
    layers: [Descriptor; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Descriptor>,
    annotations: BTreeMap<String, String>,
}

impl Package {
    /// Packs a component that declares a skill.
    ///
    /// # Errors
    /// `not-a-component` where its types cannot be read, `artifact-too-large` over 32 MiB.
    pub fn new(component: Bytes, declaration: &Declaration) -> Result<Self, Error> {
        Self::of(component, &declaration.manifest().skill)
    }

    fn of(component: Bytes, about: &About) -> Result<Self, Error> {
        if component.len() as u64 > COMPONENT_MOST {
            return Err(Error::new(
                Code::ArtifactTooLarge,
                "The component is larger than 32 MiB: strip debug information, or move data into files.",
            ));
        }
        let config = config::write(&component)?;
        let file = format!("{}.wasm", about.name.name());
        let layer = Descriptor {
            annotations: BTreeMap::from([(TITLE.to_owned(), file)]),
            ..Descriptor::of(COMPONENT, &component)
        };
        let manifest = write(&ManifestOut {
            schema_version: 2,
            media_type: MANIFEST,
            artifact_type: None,
            config: Descriptor::of(CONFIG, &config),
            layers: [layer],
            subject: None,
            annotations: annotations(about),
        });
        Ok(Self {
            config,
            component,
            manifest,
        })
    }

    /// A skill that was packed elsewhere.
    ///
    /// # Errors
    /// `digest-mismatch` where the parts are not those that the manifest names, and those of a manifest of no skill.
    pub(crate) fn from_parts(manifest: Bytes, config: Bytes, component: Bytes) -> Result<Self, Error> {
        let skill = Skill::read(None, &manifest)?;
        skill.config.check(&config)?;
        skill.component.check(&component)?;
        Ok(Self {
            config,
            component,
            manifest,
        })
    }

    /// The digest of the manifest: what publishers sign and administrators approve.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.manifest)
    }

    /// The config.
    pub const fn config(&self) -> &Bytes {
        &self.config
    }

    /// The component: the one layer.
    pub const fn component(&self) -> &Bytes {
        &self.component
    }

    /// The manifest.
    pub const fn manifest(&self) -> &Bytes {
        &self.manifest
    }
}

impl Attachment {
    /// Packs a bundle that signs the artifact with this manifest; `created` is when it was signed.
    ///
    /// # Errors
    /// `signature-malformed` where the bundle is not a Sigstore bundle around an in-toto statement.
    pub fn new(manifest: &[u8], bundle: Bytes, created: Timestamp) -> Result<Self, Error> {
        let annotations = BTreeMap::from([
            ("dev.sigstore.bundle.content".to_owned(), "dsse-envelope".to_owned()),
            (PREDICATE_TYPE.to_owned(), predicate_type(&bundle)?),
            (
                "org.opencontainers.image.created".to_owned(),
                created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            ),
        ]);
        let subject = Descriptor::of(MANIFEST, manifest);
        Ok(Self {
            subject: subject.digest,
            manifest: write(&ManifestOut {
                schema_version: 2,
                media_type: MANIFEST,
                artifact_type: Some(BUNDLE),
                config: Descriptor::of(EMPTY, EMPTY_CONFIG),
                layers: [Descriptor::of(BUNDLE, &bundle)],
                subject: Some(subject),
                annotations: annotations.clone(),
            }),
            bundle,
            annotations,
        })
    }

    /// A signature of `subject` that was attached elsewhere; none where its manifest is of another shape than ours and
    /// cosign's, which would take more than these parts along.
    ///
    /// # Errors
    /// `digest-mismatch` where the bundle is not the one that the manifest names, and those of a manifest that cannot be
    /// read.
    pub(crate) fn from_parts(manifest: Bytes, bundle: Bytes, subject: Digest) -> Result<Option<Self>, Error> {
        let Some(attached) = Attached::read(None, &manifest, subject)? else {
            return Ok(None);
        };
        attached.bundle.check(&bundle)?;
        if !attached.is_plain {
            tracing::debug!(%subject, "a signature with a config of its own is left where it is");
            return Ok(None);
        }
        Ok(Some(Self {
            bundle,
            manifest,
            subject,
            annotations: attached.annotations,
        }))
    }

    /// The manifest of the artifact that it signs.
    pub const fn subject(&self) -> Digest {
        self.subject
    }

    /// The Sigstore bundle.
    pub const fn bundle(&self) -> &Bytes {
        &self.bundle
    }

    /// The manifest that holds it.
    pub const fn manifest(&self) -> &Bytes {
        &self.manifest
    }

    /// The config, which says nothing.
    pub(crate) const fn config() -> Bytes {
        Bytes::from_static(EMPTY_CONFIG)
    }

    /// How a list of referrers names it.
    pub(crate) fn descriptor(&self) -> Descriptor {
        Descriptor {
            artifact_type: Some(BUNDLE.to_owned()),
            annotations: self.annotations.clone(),
            ..Descriptor::of(MANIFEST, &self.manifest)
        }
    }
}

impl Descriptor {
    pub(crate) fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            artifact_type: None,
            annotations: BTreeMap::new(),
        }
    }

    /// Checks that these are the bytes that it describes.
    ///
    /// # Errors
    /// `digest-mismatch`.
    pub(crate) fn check(&self, bytes: &[u8]) -> Result<(), Error> {
        if self.size == bytes.len() as u64 && self.digest == Digest::of(bytes) {
            return Ok(());
        }
        Err(Error::new(
            Code::DigestMismatch,
            format!("The bytes that came for {} are others: they are not used.", self.digest),
        ))
    }
}

/// The annotations that `wkg publish` writes too, so that other tools show the same (image-spec, Annotations).
fn annotations(about: &About) -> BTreeMap<String, String> {
    let always = [
        ("title", about.name.to_string()),
        ("version", about.version.to_string()),
        ("description", about.summary.clone()),
        ("licenses", about.license.clone()),
    ];
    let source = about.source.iter().map(|source| ("source", source.clone()));
    let named = |(key, value)| (format!("org.opencontainers.image.{key}"), value);
    always.into_iter().chain(source).map(named).collect()
}

fn write(manifest: &impl Serialize) -> Bytes {
    serde_json::to_vec(manifest)
        .expect("a manifest of strings and numbers is always JSON")
        .into()
}

/// The predicate type of the statement inside, which clients use to choose among bundles without fetching them.
fn predicate_type(bundle: &[u8]) -> Result<String, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Bundle {
        dsse_envelope: Envelope,
    }
    #[derive(Deserialize)]
    struct Envelope {
        payload: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Statement {
        predicate_type: String,
    }
    let malformed = || {
        let told = "The signature is not a Sigstore bundle around an in-toto statement: sign the artifact again.";
        Error::new(Code::SignatureMalformed, told)
    };
    let bundle: Bundle = serde_json::from_slice(bundle).map_err(|cause| malformed().keep(cause))?;
    let payload = STANDARD.decode(bundle.dsse_envelope.payload);
    let payload = payload.map_err(|cause| malformed().keep(cause))?;
    let statement: Statement = serde_json::from_slice(&payload).map_err(|cause| malformed().keep(cause))?;
    Ok(statement.predicate_type)
}
