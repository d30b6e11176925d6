//! The untrusted pull: a few reads, each capped and each checked against its digest.

use bytes::Bytes;
use http::{Method, StatusCode};

use super::referrers::{self, Signature};
use super::session::Session;
use crate::artifact::Pulled;
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::layout::{Attachment, Descriptor, MANIFEST, MANIFEST_MOST, Package, Parcel, Skill};
use crate::name::SkillName;

/// A manifest as it came, with the digest of its bytes.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) content_type: String,
    pub(super) bytes: Bytes,
    pub(super) digest: Digest,
}

/// All that was read of an artifact.
#[derive(Debug)]
pub(super) struct Parts {
    manifest: Bytes,
    config: Bytes,
    component: Bytes,
    digest: Digest,
    pub(super) signatures: Vec<Signature>,
}

impl Parts {
    /// What hosts verify.
    ///
    /// # Errors
    /// `digest-mismatch` where the component is not the one that the manifest names.
    pub(super) fn pulled(self, asked: &SkillName) -> Result<Pulled, Error> {
        let bundles = self.signatures.into_iter().map(|signature| signature.bundle).collect();
        Pulled::from_parts(asked.clone(), self.manifest, self.component, bundles)
    }

    /// The same, with what only those need who take it elsewhere.
    ///
    /// # Errors
    /// As for [`Parts::pulled`].
    pub(super) fn parcel(self) -> Result<Parcel, Error> {
        let mut attachments = Vec::new();
        for signature in self.signatures {
            attachments.extend(Attachment::from_parts(
                signature.manifest,
                signature.bundle,
                self.digest,
            )?);
        }
        let package = Package::from_parts(self.manifest, self.config, self.component)?;
        Ok(Parcel::new(package, attachments))
    }
}

/// Reads an artifact and its signatures.
///
/// # Errors
/// Whatever goes wrong at any of the reads.
pub(super) async fn parts(session: &Session<'_>) -> Result<Parts, Error> {
    let wanted = session.reference.wanted();
    let manifest = manifest(session, &wanted, session.reference.digest(), MANIFEST).await?;
    let skill = Skill::read(Some(&manifest.content_type), &manifest.bytes)?;
    let config = blob(session, &skill.config).await?;
    skill.config.check(&config)?;
    let component = blob(session, &skill.component).await?;
    skill.component.check(&component)?;
    let signatures = referrers::signatures(session, manifest.digest).await?;
    Ok(Parts {
        manifest: manifest.bytes,
        config,
        component,
        digest: manifest.digest,
        signatures,
    })
}

/// Reads a manifest by tag or digest.
///
/// # Errors
/// `digest-mismatch` where the bytes are not those of `digest`, or of the header; the codes of a read.
pub(super) async fn manifest(
    session: &Session<'_>,
    wanted: &str,
    digest: Option<Digest>,
    accept: &'static str,
) -> Result<Fetched, Error> {
    let ask = session.ask(Method::GET, &format!("manifests/{wanted}"))?.accept(accept);
    let answer = session.send(ask).await?.expect(&[StatusCode::OK])?;
    let (content_type, said) = (answer.content_type(), answer.said());
    let bytes = answer.body(MANIFEST_MOST).await?;
    let computed = Digest::of(&bytes);
    if digest.is_some_and(|digest| digest != computed) || said.is_some_and(|said| said != computed.to_string()) {
        return Err(Error::new(
            Code::DigestMismatch,
            format!("The bytes that came for `{wanted}` are those of {computed}: they are not used."),
        ));
    }
    Ok(Fetched {
        content_type,
        bytes,
        digest: computed,
    })
}

/// Reads a blob, never more than its descriptor says; whoever uses it checks it against the descriptor.
///
/// # Errors
/// The codes of a read.
pub(super) async fn blob(session: &Session<'_>, descriptor: &Descriptor) -> Result<Bytes, Error> {
    let ask = session.ask(Method::GET, &format!("blobs/{}", descriptor.digest))?;
    let answer = session.send(ask).await?.expect(&[StatusCode::OK])?;
    answer.body(descriptor.size).await
}
