//! Reading, pushing and deleting manifests (end-3, end-7, end-9).

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::Server;
use super::admit::{Reading, Writing};
use super::pushed::{Pushed, Tag};
use super::refusal::Refusal;
use super::store::Put;
use super::uploads::digest;
use crate::digest::Digest;

/// Most tags that one push may set beside a digest.
const TAGS: usize = 32;

/// How a manifest is named.
enum Name {
    Digest(Digest),
    Tag(Tag),
}

pub(super) async fn read(
    reading: Reading,
    State(server): State<Server>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Ok(name) = Name::read(&reading.rest) else {
        return Err(unknown());
    };
    let found = server.on_disk(move |store| {
        let digest = match name {
            Name::Digest(digest) => Some(digest),
            Name::Tag(tag) => store.tag(&reading.repository, &tag)?,
        };
        digest.map_or(Ok(None), |digest| store.manifest(&reading.repository, digest))
    });
    let kept = found.await?.ok_or_else(unknown)?;
    // A digest is the best mark there is: it is the same for the same bytes only.
    let mark = format!("\"{}\"", kept.digest);
    let known = is_known(&headers, &mark);
    let named = [
        (ETAG, mark),
        (
            HeaderName::from_static("docker-content-digest"),
            kept.digest.to_string(),
        ),
    ];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, named).into_response());
    }
    Ok((named, [(CONTENT_TYPE, kept.media_type)], kept.bytes).into_response())
}

/// Whether the client has what it would be sent (RFC 9110, If-None-Match).
fn is_known(headers: &HeaderMap, mark: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter();
    let marks = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let mut marks = marks.map(|known| known.trim().trim_start_matches("W/"));
    marks.any(|known| known == mark || known == "*")
}

pub(super) async fn write(
    writing: Writing,
    State(server): State<Server>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let name = Name::read(&writing.rest)?;
    let bytes = capped(body, server.limits.manifest).await?;
    let pushed = Pushed::read(content_type.unwrap_or_default(), bytes)?;
    let tags = tags(name, pushed.digest(), query.as_deref().unwrap_or_default())?;
    let answer = created(&writing, &pushed, &tags)?;
    let namespace = writing.repository.namespace().clone();
    let put = server.on_disk(move |store| store.put_manifest(&writing.repository, &pushed, &tags));
    match put.await? {
        Put::Stored => Ok(answer),
        Put::Full => Err(Refusal::full(&namespace)),
        Put::Missing(blob) => {
            let told = format!("The manifest names {blob}, which this repository does not have: push it first.");
            Err(Refusal::invalid("MANIFEST_BLOB_UNKNOWN", told))
        }
    }
}

pub(super) async fn delete(writing: Writing, State(server): State<Server>) -> Result<StatusCode, Refusal> {
    let Ok(name) = Name::read(&writing.rest) else {
        return Err(unknown());
    };
    let deleted = server.on_disk(move |store| match name {
        Name::Digest(digest) => store.delete_manifest(&writing.repository, digest),
        Name::Tag(tag) => store.delete_tag(&writing.repository, &tag),
    });
    if deleted.await? {
        Ok(StatusCode::ACCEPTED)
    } else {
        Err(unknown())
    }
}

impl Name {
    fn read(text: &str) -> Result<Self, Refusal> {
        if text.contains(':') {
            return digest(text).map(Self::Digest);
        }
        text.parse().map(Self::Tag)
    }
}

/// The tags that a push sets: the one that it is named by, or those of the query beside a digest (end-7b).
fn tags(name: Name, pushed: Digest, query: &str) -> Result<Vec<Tag>, Refusal> {
    match name {
        Name::Tag(tag) => Ok(vec![tag]),
        Name::Digest(digest) if digest != pushed => {
            let told = format!("The manifest is {pushed}: push it under that digest, or send the bytes of {digest}.");
            Err(Refusal::invalid("DIGEST_INVALID", told))
        }
        Name::Digest(_) => {
            let named = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == "tag");
            let tags: Vec<Tag> = named.map(|(_, tag)| tag.parse()).collect::<Result<_, _>>()?;
            if tags.len() > TAGS {
                let told = format!("At most {TAGS} tags are set at once.");
                return Err(Refusal::new(StatusCode::URI_TOO_LONG, "SIZE_INVALID", told));
            }
            Ok(tags)
        }
    }
}

fn created(writing: &Writing, pushed: &Pushed, tags: &[Tag]) -> Result<Response, Refusal> {
    let value = |text: String| HeaderValue::try_from(text).map_err(std::io::Error::other);
    let mut response = StatusCode::CREATED.into_response();
    let headers = response.headers_mut();
    let location = format!("/v2/{}/manifests/{}", writing.repository, writing.rest);
    headers.insert(LOCATION, value(location)?);
    headers.insert("docker-content-digest", value(pushed.digest().to_string())?);
    if let Some(subject) = pushed.subject() {
        headers.insert("oci-subject", value(subject.to_string())?);
    }
    for tag in tags {
        headers.append("oci-tag", value(tag.as_str().to_owned())?);
    }
    Ok(response)
}

async fn capped(body: Body, most: u64) -> Result<Bytes, Refusal> {
    let (mut body, mut bytes) = (body.into_data_stream(), BytesMut::new());
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|cause| Refusal::broken_off(&cause))?;
        if (bytes.len() + chunk.len()) as u64 > most {
            return Err(Refusal::too_large(most));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

fn unknown() -> Refusal {
    Refusal::unknown("MANIFEST_UNKNOWN", "This repository has no such manifest.")
}
