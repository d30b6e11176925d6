//! The untrusted pull: a few reads, each capped and each checked against its digest.

use bytes::Bytes;
use http::{Method, StatusCode};

use super::referrers;
use super::session::Session;
use crate::artifact::Pulled;
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::layout::{Descriptor, MANIFEST, MANIFEST_MOST, Skill};

/// A manifest as it came, with the digest of its bytes.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) content_type: String,
    pub(super) bytes: Bytes,
    pub(super) digest: Digest,
}

pub(super) async fn pull(session: &Session<'_>) -> Result<Pulled, Error> {
    let wanted = session.reference.wanted();
    let manifest = manifest(session, &wanted, session.reference.digest(), MANIFEST).await?;
    let skill = Skill::read(Some(&manifest.content_type), &manifest.bytes)?;
    let config = blob(session, &skill.config).await?;
    skill.config.check(&config)?;
    let component = blob(session, &skill.component).await?;
    let bundles = referrers::bundles(session, manifest.digest).await?;
    Pulled::from_parts(session.reference.name().clone(), manifest.bytes, component, bundles)
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
