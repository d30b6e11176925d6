//! Signatures beside an artifact (distribution-spec 1.1, Listing Referrers). A list of them is a hint: each manifest is
//! fetched by its digest and judged by what it says itself.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::{Method, StatusCode};

use super::pull;
use super::session::{Ask, Session};
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::layout::{Attached, BUNDLE, INDEX, Index, MANIFEST, MANIFEST_MOST};

/// Most manifests that are looked at.
const MOST: usize = 50;
/// Most pages of a list that are read.
const PAGES: usize = 3;

/// A signature as it was read.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) manifest: Bytes,
    pub(super) bundle: Bytes,
}

/// The signatures that refer to this manifest.
///
/// # Errors
/// `artifact-too-large` over 50 referrers or three pages; whatever goes wrong while reading.
pub(super) async fn signatures(session: &Session<'_>, subject: Digest) -> Result<Vec<Signature>, Error> {
    let mut signatures = Vec::new();
    for digest in list(session, subject).await? {
        signatures.extend(signature(session, digest, subject).await?);
    }
    Ok(signatures)
}

/// The tag under which clients keep a list where the registry keeps none.
pub(super) fn fallback(subject: Digest) -> String {
    format!("sha256-{}", subject.hex())
}

/// The list that clients keep; none where there is none.
///
/// # Errors
/// The codes of a read.
pub(super) async fn kept(session: &Session<'_>, subject: Digest) -> Result<Option<Index>, Error> {
    match pull::manifest(session, &fallback(subject), None, INDEX).await {
        Ok(fetched) => Index::read(Some(&fetched.content_type), &fetched.bytes).map(Some),
        Err(error) if error.code() == Code::ArtifactNotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn list(session: &Session<'_>, subject: Digest) -> Result<BTreeSet<Digest>, Error> {
    let path = format!("referrers/{subject}?artifactType={}", escaped(BUNDLE));
    let mut ask = session.ask(Method::GET, &path)?.accept(INDEX);
    let mut found = BTreeSet::new();
    for page in 0..PAGES {
        let answer = session.send(ask).await?;
        if page == 0 && answer.status() == StatusCode::NOT_FOUND {
            let index = kept(session, subject).await?;
            return few(index.iter().flat_map(Index::digests).collect());
        }
        let answer = answer.expect(&[StatusCode::OK])?;
        let (content_type, next) = (answer.content_type(), session.next_page(&answer)?);
        let index = Index::read(Some(&content_type), &answer.body(MANIFEST_MOST).await?)?;
        found.extend(index.digests());
        found = few(found)?;
        match next {
            Some(url) => ask = Ask::new(Method::GET, url).accept(INDEX),
            None => return Ok(found),
        }
    }
    Err(too_many())
}

async fn signature(session: &Session<'_>, digest: Digest, subject: Digest) -> Result<Option<Signature>, Error> {
    let fetched = match pull::manifest(session, &digest.to_string(), Some(digest), MANIFEST).await {
        Ok(fetched) => fetched,
        // A list that clients keep may name what was deleted since.
        Err(error) if error.code() == Code::ArtifactNotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // Whoever may push can attach nonsense: it is no signature, and does not hide those that are.
    let Ok(Some(attached)) = Attached::read(Some(&fetched.content_type), &fetched.bytes, subject) else {
        tracing::debug!(%digest, %subject, "a referrer is no signature");
        return Ok(None);
    };
    let bundle = pull::blob(session, &attached.bundle).await?;
    attached.bundle.check(&bundle)?;
    Ok(Some(Signature {
        manifest: fetched.bytes,
        bundle,
    }))
}

fn few(found: BTreeSet<Digest>) -> Result<BTreeSet<Digest>, Error> {
    if found.len() > MOST { Err(too_many()) } else { Ok(found) }
}

fn too_many() -> Error {
    Error::new(
        Code::ArtifactTooLarge,
        format!("The artifact has more than {MOST} signatures, or {PAGES} pages of them: delete those that are old."),
    )
}

fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
