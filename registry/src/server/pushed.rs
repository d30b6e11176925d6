//! What a pushed manifest says: what it is, which blobs it needs, what it refers to.

use std::collections::BTreeMap;
use std::str::FromStr;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::store::Kept;
use crate::digest::Digest;
use crate::layout::{INDEX, MANIFEST};

/// A manifest that may be stored once its blobs are there.
#[derive(Debug)]
pub(super) struct Pushed {
    media_type: String,
    bytes: Bytes,
    digest: Digest,
    blobs: Vec<Digest>,
    subject: Option<Digest>,
}

/// A tag (distribution-spec 1.1, Pulling Manifests): never the name of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag(String);

/// The manifests that are taken. Docker's have the same shape.
const TYPES: [&str; 4] = [
    MANIFEST,
    INDEX,
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schema_version: u8,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Part>,
    layers: Option<Vec<Part>>,
    manifests: Option<Vec<Part>>,
    subject: Option<Part>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    media_type: String,
    digest: String,
    #[serde(default)]
    urls: Vec<String>,
}

impl Pushed {
    /// Reads a manifest that a client calls `content_type`.
    ///
    /// # Errors
    /// `MANIFEST_INVALID`.
    pub(super) fn read(content_type: &str, bytes: Bytes) -> Result<Self, Refusal> {
        let document: Document =
            serde_json::from_slice(&bytes).map_err(|cause| invalid(&format!("it cannot be read: {cause}")))?;
        let media_type = document.check(content_type)?;
        Ok(Self {
            blobs: document.blobs()?,
            subject: document.subject.as_ref().map(Part::digest).transpose()?,
            media_type,
            digest: Digest::of(&bytes),
            bytes,
        })
    }

    pub(super) fn media_type(&self) -> &str {
        &self.media_type
    }

    pub(super) const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(super) const fn digest(&self) -> Digest {
        self.digest
    }

    /// The blobs that must be there. Other manifests need not be: an index may be sparse, a subject may come later.
    pub(super) fn blobs(&self) -> &[Digest] {
        &self.blobs
    }

    pub(super) const fn subject(&self) -> Option<Digest> {
        self.subject
    }

    /// The subject of a manifest that is stored.
    pub(super) fn subject_of(manifest: &[u8]) -> Option<Digest> {
        let document: Document = serde_json::from_slice(manifest).ok()?;
        document.subject?.digest.parse().ok()
    }

    /// The blobs that a manifest which is stored needs; none where it cannot be read.
    pub(super) fn blobs_of(manifest: &[u8]) -> Option<Vec<Digest>> {
        let document: Document = serde_json::from_slice(manifest).ok()?;
        document.blobs().ok()
    }

    /// How a list of referrers names a manifest (distribution-spec 1.1, Listing Referrers).
    pub(super) fn descriptor(kept: &Kept) -> Option<Value> {
        let document: Document = serde_json::from_slice(&kept.bytes).ok()?;
        let mut descriptor = json!({
            "mediaType": kept.media_type,
            "digest": kept.digest,
            "size": kept.bytes.len(),
        });
        let entry = descriptor.as_object_mut()?;
        if let Some(artifact_type) = document.kind() {
            entry.insert("artifactType".to_owned(), json!(artifact_type));
        }
        if !document.annotations.is_empty() {
            entry.insert("annotations".to_owned(), json!(document.annotations));
        }
        Some(descriptor)
    }
}

impl Document {
    /// The media type, on which the header, the field and the shape must agree (CVE-2021-41190).
    fn check(&self, content_type: &str) -> Result<String, Refusal> {
        let said = content_type.split(';').next().unwrap_or_default().trim();
        let media_type = self.media_type.as_deref().unwrap_or(said);
        if !said.is_empty() && said != media_type {
            return Err(invalid("its `mediaType` is not its Content-Type"));
        }
        if !TYPES.contains(&media_type) {
            return Err(invalid("its media type is none that is taken here"));
        }
        if self.schema_version != 2 {
            return Err(invalid("its `schemaVersion` is not 2"));
        }
        let is_list = self.manifests.is_some();
        if (is_list && (self.layers.is_some() || self.config.is_some())) || (!is_list && self.config.is_none()) {
            return Err(invalid("it is neither an image manifest nor an index, or both"));
        }
        if is_list != (media_type == INDEX || media_type.contains("manifest.list")) {
            return Err(invalid("its media type does not fit its content"));
        }
        Ok(media_type.to_owned())
    }

    fn blobs(&self) -> Result<Vec<Digest>, Refusal> {
        // The digests of an index are read too: one that nobody can read is refused now and not when it is pulled.
        self.manifests
            .iter()
            .flatten()
            .try_for_each(|part| part.digest().map(drop))?;
        let parts = self.config.iter().chain(self.layers.iter().flatten());
        parts.filter(|part| !part.is_elsewhere()).map(Part::digest).collect()
    }

    fn kind(&self) -> Option<&str> {
        let own = self.artifact_type.as_deref().filter(|own| !own.is_empty());
        own.or_else(|| self.config.as_ref().map(|config| config.media_type.as_str()))
    }
}

impl Part {
    fn digest(&self) -> Result<Digest, Refusal> {
        let digest = self.digest.parse();
        digest.map_err(|cause: crate::Error| invalid(cause.told()))
    }

    /// Layers that may not be distributed (image-spec, Non-Distributable Layers).
    fn is_elsewhere(&self) -> bool {
        !self.urls.is_empty() || self.media_type.contains("nondistributable") || self.media_type.contains(".foreign.")
    }
}

impl Tag {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Tag {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let rest = |byte: u8| first(byte) || byte == b'.' || byte == b'-';
        let good = text.len() <= 128 && text.bytes().next().is_some_and(first) && text.bytes().all(rest);
        if !good {
            let told = "A tag is 1 to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two.";
            return Err(Refusal::invalid("MANIFEST_INVALID", told));
        }
        Ok(Self(text.to_owned()))
    }
}

fn invalid(why: &str) -> Refusal {
    Refusal::invalid("MANIFEST_INVALID", format!("The manifest is not taken: {why}."))
}
