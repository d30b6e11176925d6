//! Pushing blobs (end-4 to end-6, end-11, end-13, end-14): in one piece, in chunks, or from a repository that has them.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_RANGE, LOCATION, RANGE};
use http::{HeaderMap, HeaderName, StatusCode};
use serde::Deserialize;

use super::admit::Writing;
use super::refusal::Refusal;
use super::store::Put;
use super::upload::Held;
use super::{Access, Server};
use crate::digest::Digest;
use crate::name::SkillName;

/// How an upload begins.
#[derive(Deserialize)]
pub(super) struct Begin {
    digest: Option<String>,
    mount: Option<String>,
    from: Option<String>,
}

/// How it ends.
#[derive(Deserialize)]
pub(super) struct Finish {
    digest: Option<String>,
}

pub(super) async fn begin(
    writing: Writing,
    State(server): State<Server>,
    Query(begin): Query<Begin>,
    body: Body,
) -> Result<Response, Refusal> {
    let repository = writing.repository.clone();
    server.sweep_sometimes();
    if let (Some(mount), Some(from)) = (&begin.mount, &begin.from)
        && let Some(digest) = mounted(&server, writing, mount, from).await?
    {
        return Ok(created(&repository, digest));
    }
    let id = server.uploads.begin(&repository)?;
    let held = server.uploads.hold(&repository, &id)?;
    if let Some(digest) = begin.digest {
        return whole(&server, &repository, held, &digest, body).await;
    }
    Ok(progress(StatusCode::ACCEPTED, &repository, &held))
}

pub(super) async fn status(writing: Writing, State(server): State<Server>) -> Result<Response, Refusal> {
    let held = server.uploads.hold(&writing.repository, &writing.rest)?;
    Ok(progress(StatusCode::NO_CONTENT, &writing.repository, &held))
}

pub(super) async fn append(
    writing: Writing,
    State(server): State<Server>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let mut held = server.uploads.hold(&writing.repository, &writing.rest)?;
    match length(&headers, held.size())? {
        Some(length) => held.append(body, length).await?,
        None => return Ok(out_of_order(&writing.repository, &held)),
    }
    Ok(progress(StatusCode::ACCEPTED, &writing.repository, &held))
}

pub(super) async fn finish(
    writing: Writing,
    State(server): State<Server>,
    Query(finish): Query<Finish>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let mut held = server.uploads.hold(&writing.repository, &writing.rest)?;
    let wanted = digest(&finish.digest.unwrap_or_default())?;
    match length(&headers, held.size())? {
        Some(length) => held.append(body, length).await?,
        None => return Ok(out_of_order(&writing.repository, &held)),
    }
    store(&server, &writing.repository, held, wanted).await
}

pub(super) async fn cancel(writing: Writing, State(server): State<Server>) -> Result<StatusCode, Refusal> {
    server.uploads.hold(&writing.repository, &writing.rest)?.end();
    Ok(StatusCode::NO_CONTENT)
}

/// A digest as it stands in a path or query.
pub(super) fn digest(text: &str) -> Result<Digest, Refusal> {
    text.parse()
        .map_err(|cause: crate::Error| Refusal::invalid("DIGEST_INVALID", cause.told()))
}

/// The blob of another repository, where the client may read that one; none means that it has to be uploaded.
async fn mounted(server: &Server, writing: Writing, mount: &str, from: &str) -> Result<Option<Digest>, Refusal> {
    let (Ok(digest), Ok(from)) = (mount.parse::<Digest>(), from.parse::<SkillName>()) else {
        return Ok(None);
    };
    let admitted = server
        .admit(writing.credentials, Some(from.clone()), Access::Read)
        .await;
    if admitted.is_err() {
        return Ok(None);
    }
    let to = writing.repository;
    let mounted = server.on_disk(move |store| store.mount(&from, &to, digest)).await?;
    Ok(mounted.then_some(digest))
}

async fn whole(
    server: &Server,
    repository: &SkillName,
    mut held: Held<'_>,
    wanted: &str,
    body: Body,
) -> Result<Response, Refusal> {
    let appended = match digest(wanted) {
        Ok(wanted) => held.append(body, None).await.map(|()| wanted),
        Err(refusal) => Err(refusal),
    };
    match appended {
        Ok(wanted) => store(server, repository, held, wanted).await,
        Err(refusal) => {
            held.end();
            Err(refusal)
        }
    }
}

/// Moves the bytes to where blobs are, if they are those that were promised. The upload ends either way.
async fn store(server: &Server, repository: &SkillName, held: Held<'_>, wanted: Digest) -> Result<Response, Refusal> {
    let (file, found) = held.finish();
    if found != wanted {
        held.end();
        let told = format!("The bytes are those of {found}: send those of {wanted}, or ask for the right digest.");
        return Err(Refusal::invalid("DIGEST_INVALID", told));
    }
    let of = repository.clone();
    let put = server.on_disk(move |store| store.adopt_blob(&of, wanted, &file)).await;
    held.end();
    match put? {
        Put::Full => Err(Refusal::full(repository.namespace())),
        Put::Stored | Put::Missing(_) => Ok(created(repository, wanted)),
    }
}

/// How many bytes a request must bring: as `Content-Range` says, else any number; none where it does not continue.
fn length(headers: &HeaderMap, size: u64) -> Result<Option<Option<u64>>, Refusal> {
    let Some(range) = headers.get(CONTENT_RANGE) else {
        return Ok(Some(None));
    };
    let parsed = range.to_str().ok().and_then(|range| {
        let (first, last) = range.split_once('-')?;
        let (first, last) = (first.parse::<u64>().ok()?, last.parse::<u64>().ok()?);
        Some((first, last.checked_sub(first)?.checked_add(1)?))
    });
    match parsed {
        Some((first, length)) if first == size => Ok(Some(Some(length))),
        Some(_) => Ok(None),
        None => {
            let told = "`Content-Range` is `first-last`, both in bytes from 0.";
            Err(Refusal::invalid("BLOB_UPLOAD_INVALID", told))
        }
    }
}

fn progress(status: StatusCode, repository: &SkillName, held: &Held<'_>) -> Response {
    let location = format!("/v2/{repository}/blobs/uploads/{}", held.id());
    let range = format!("0-{}", held.size().saturating_sub(1));
    let id = HeaderName::from_static("docker-upload-uuid");
    (
        status,
        [(LOCATION, location), (RANGE, range), (id, held.id().to_owned())],
    )
        .into_response()
}

fn out_of_order(repository: &SkillName, held: &Held<'_>) -> Response {
    progress(StatusCode::RANGE_NOT_SATISFIABLE, repository, held)
}

fn created(repository: &SkillName, digest: Digest) -> Response {
    let location = format!("/v2/{repository}/blobs/{digest}");
    let name = HeaderName::from_static("docker-content-digest");
    (StatusCode::CREATED, [(LOCATION, location), (name, digest.to_string())]).into_response()
}
