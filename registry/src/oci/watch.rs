//! What a tag names now, and which tags there are: what is asked again and again of a repository that is watched.

use std::collections::BTreeSet;
use std::fmt;

use http::header::ETAG;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::pull;
use super::session::{Ask, Session};
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::layout::{MANIFEST, same};

/// Most pages of a list of tags that are read, a thousand tags each.
const PAGES: usize = 10;
/// Most bytes of one page.
const PAGE_MOST: u64 = 1 << 20;
/// Most bytes of a mark that is kept.
const ETAG_MOST: usize = 256;

/// What a tag names, as the registry says. Only a pull of the digest proves that there is such an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The manifest.
    pub digest: Digest,
    /// The mark to ask with the next time, where the registry gives one.
    pub etag: Option<Etag>,
}

/// The mark by which a registry knows an answer again (RFC 9110, section 8.8.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Etag(String);

impl Etag {
    fn read(text: &str) -> Option<Self> {
        let opaque = text.strip_prefix("W/").unwrap_or(text);
        let quoted = opaque.len() >= 2 && opaque.starts_with('"') && opaque.ends_with('"');
        let plain = text.len() <= ETAG_MOST && text.bytes().all(|byte| byte.is_ascii_graphic());
        (quoted && plain).then(|| Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Etag {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::read(&text).ok_or_else(|| Error::new(Code::RegistryMisbehaved, "This is no mark of a registry."))
    }
}

impl From<Etag> for String {
    fn from(etag: Etag) -> Self {
        etag.0
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the tag names; none where the registry knows the mark again.
pub(super) async fn resolve(session: &Session<'_>, known: Option<&Etag>) -> Result<Option<Resolved>, Error> {
    let tag = session.reference.tag().unwrap_or("latest");
    let ask = session.ask(Method::HEAD, &format!("manifests/{tag}"))?.accept(MANIFEST);
    let answer = session.send(ask.unless(known)).await?;
    if known.is_some() && answer.status() == StatusCode::NOT_MODIFIED {
        return Ok(None);
    }
    let answer = answer.expect(&[StatusCode::OK])?;
    same(Some(&answer.content_type()), MANIFEST)?;
    let etag = answer.header(&ETAG).and_then(Etag::read);
    let digest = match answer.said().and_then(|said| said.parse().ok()) {
        Some(digest) => digest,
        // The registry does not say, so the bytes do.
        None => pull::manifest(session, tag, None, MANIFEST).await?.digest,
    };
    Ok(Some(Resolved { digest, etag }))
}

/// The tags in the order of their bytes, without those that clients keep lists of signatures under.
pub(super) async fn tags(session: &Session<'_>) -> Result<Vec<String>, Error> {
    let mut found = BTreeSet::new();
    let mut ask = session.ask(Method::GET, "tags/list?n=1000")?;
    for _ in 0..PAGES {
        let answer = session.send(ask).await?.expect(&[StatusCode::OK])?;
        let next = session.next_page(&answer)?;
        found.extend(page(answer).await?);
        match next {
            Some(url) => ask = Ask::new(Method::GET, url),
            None => {
                let named = |tag: &String| !tag.starts_with("sha256-") && session.reference.with_tag(tag).is_ok();
                return Ok(found.into_iter().filter(named).collect());
            }
        }
    }
    Err(Error::new(
        Code::ArtifactTooLarge,
        format!("The repository has more than {PAGES} pages of tags: delete those that are old."),
    ))
}

async fn page(answer: Answer) -> Result<Vec<String>, Error> {
    #[derive(Deserialize)]
    struct Listed {
        tags: Option<Vec<String>>,
    }
    let malformed = answer.misbehaved("sends a list of tags that cannot be read");
    let body = answer.body(PAGE_MOST).await?;
    match serde_json::from_slice::<Listed>(&body) {
        Ok(listed) => Ok(listed.tags.unwrap_or_default()),
        Err(cause) => Err(malformed.keep(cause)),
    }
}
