//! Pushing: blobs first, then what names them, the tag last.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::json;

use super::answer::Answer;
use super::referrers::{fallback, kept};
use super::session::{Ask, Session};
use crate::digest::Digest;
use crate::error::Error;
use crate::layout::{Attachment, INDEX, Index, MANIFEST, Package};

pub(super) async fn push(
    session: &Session<'_>,
    package: &Package,
    attachments: &[Attachment],
) -> Result<Digest, Error> {
    blob(session, package.config()).await?;
    blob(session, package.component()).await?;
    let digest = package.digest();
    manifest(session, &digest.to_string(), MANIFEST, package.manifest()).await?;
    attach(session, attachments).await?;
    if let Some(tag) = session.reference.tag() {
        manifest(session, tag, MANIFEST, package.manifest()).await?;
    }
    Ok(digest)
}

pub(super) async fn attach(session: &Session<'_>, attachments: &[Attachment]) -> Result<(), Error> {
    for attachment in attachments {
        blob(session, &Attachment::config()).await?;
        blob(session, attachment.bundle()).await?;
        let name = Digest::of(attachment.manifest()).to_string();
        let answer = manifest(session, &name, MANIFEST, attachment.manifest()).await?;
        if !answer.headers().contains_key("oci-subject") {
            list(session, attachment).await?;
        }
    }
    Ok(())
}

/// Stores a blob in one piece, unless the repository has it.
async fn blob(session: &Session<'_>, bytes: &Bytes) -> Result<(), Error> {
    let digest = Digest::of(bytes);
    let answer = session
        .send(session.ask(Method::HEAD, &format!("blobs/{digest}"))?)
        .await?;
    if answer.status() == StatusCode::OK {
        return Ok(());
    }
    answer.expect(&[StatusCode::NOT_FOUND])?;
    let begun = session.send(session.ask(Method::POST, "blobs/uploads/")?).await?;
    let mut url = begun.expect(&[StatusCode::ACCEPTED])?.location()?;
    url.query_pairs_mut().append_pair("digest", &digest.to_string());
    let ask = Ask::new(Method::PUT, url).content("application/octet-stream", bytes.clone());
    session.send(ask).await?.expect(&[StatusCode::CREATED])?;
    Ok(())
}

async fn manifest(session: &Session<'_>, name: &str, media_type: &'static str, bytes: &Bytes) -> Result<Answer, Error> {
    let ask = session.ask(Method::PUT, &format!("manifests/{name}"))?;
    let answer = session.send(ask.content(media_type, bytes.clone())).await?;
    let answer = answer.expect(&[StatusCode::CREATED])?;
    if answer.said().is_some_and(|said| said != Digest::of(bytes).to_string()) {
        return Err(answer.misbehaved("stored something else than was sent"));
    }
    Ok(answer)
}

/// Adds a signature to the list that clients keep where the registry has none (distribution-spec 1.1, Unavailable
/// Referrers API).
async fn list(session: &Session<'_>, attachment: &Attachment) -> Result<(), Error> {
    let (subject, entry) = (attachment.subject(), attachment.descriptor());
    let index = kept(session, subject).await?;
    if index
        .iter()
        .flat_map(Index::digests)
        .any(|digest| digest == entry.digest)
    {
        return Ok(());
    }
    let mut manifests = index.map(|index| index.manifests).unwrap_or_default();
    manifests.push(json!(entry));
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
    manifest(session, &fallback(subject), INDEX, &index.to_string().into()).await?;
    Ok(())
}
