//! The bytes of one artifact with one signature, and where a client finds them.

use axum::body::Bytes;
use serde_json::{Value, json};

/// The media type of a manifest (OCI image-spec 1.1).
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of a list of manifests.
pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// An artifact with its signature, as it is pushed.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// Such as `acme/deck`.
    pub repository: String,
    /// The tag that names the manifest.
    pub tag: String,
    /// The manifest.
    pub manifest: Bytes,
    /// The config that the manifest names.
    pub config: Bytes,
    /// The one layer that the manifest names.
    pub component: Bytes,
    /// The manifest of the signature.
    pub signature: Bytes,
    /// The one layer of that.
    pub bundle: Bytes,
}

/// What a client reads when it pulls an artifact, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The manifest, by its tag.
    Manifest,
    /// The config.
    Config,
    /// The layer.
    Component,
    /// The registry's own list of signatures.
    Referrers,
    /// The list of signatures that clients keep where the registry has none. An honest registry does not have it.
    Fallback,
    /// The manifest of the signature.
    Signature,
    /// The layer of that.
    Bundle,
}

/// Bytes and what they are called.
#[derive(Clone, Debug)]
pub struct Content {
    /// The media type.
    pub media_type: &'static str,
    /// The bytes.
    pub bytes: Bytes,
}

impl Step {
    /// The six reads of a pull from a registry that lists signatures itself.
    pub const PULL: [Self; 6] = [
        Self::Manifest,
        Self::Config,
        Self::Component,
        Self::Referrers,
        Self::Signature,
        Self::Bundle,
    ];

    /// The media type of what is read.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Manifest | Self::Signature => MANIFEST,
            Self::Referrers | Self::Fallback => INDEX,
            Self::Config | Self::Component | Self::Bundle => "application/octet-stream",
        }
    }
}

impl Artifact {
    /// The path that a client asks at this step.
    #[must_use]
    pub fn path(&self, step: Step) -> String {
        let hex = digest(&self.manifest).replace("sha256:", "");
        match step {
            Step::Manifest => self.below(&format!("manifests/{}", self.tag)),
            Step::Config => self.below(&format!("blobs/{}", digest(&self.config))),
            Step::Component => self.below(&format!("blobs/{}", digest(&self.component))),
            Step::Referrers => self.below(&format!("referrers/sha256:{hex}")),
            Step::Fallback => self.below(&format!("manifests/sha256-{hex}")),
            Step::Signature => self.at(&self.signature),
            Step::Bundle => self.below(&format!("blobs/{}", digest(&self.bundle))),
        }
    }

    /// The path of a manifest by its digest.
    #[must_use]
    pub fn at(&self, manifest: &[u8]) -> String {
        self.below(&format!("manifests/{}", digest(manifest)))
    }

    /// A path of the repository.
    #[must_use]
    pub fn below(&self, path: &str) -> String {
        format!("/v2/{}/{path}", self.repository)
    }

    /// What an honest registry sends at this step.
    #[must_use]
    pub fn content(&self, step: Step) -> Content {
        let bytes = match step {
            Step::Manifest => self.manifest.clone(),
            Step::Config => self.config.clone(),
            Step::Component => self.component.clone(),
            Step::Signature => self.signature.clone(),
            Step::Bundle => self.bundle.clone(),
            Step::Referrers | Step::Fallback => super::document::index([entry(&self.signature)]),
        };
        Content {
            media_type: step.media_type(),
            bytes,
        }
    }
}

/// How a list names a manifest.
fn entry(manifest: &[u8]) -> Value {
    json!({"mediaType": MANIFEST, "digest": digest(manifest), "size": manifest.len()})
}

/// `sha256:` and the hash of these bytes in hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let hash = ring::digest::digest(&ring::digest::SHA256, bytes);
    let mut text = String::from("sha256:");
    for byte in hash.as_ref() {
        write!(text, "{byte:02x}").expect("a string takes what is written to it");
    }
    text
}
