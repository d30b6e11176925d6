//! Reading and deleting blobs (end-2, end-10).

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::ops::Range;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;

use super::Server;
use super::admit::{Reading, Writing};
use super::refusal::Refusal;
use super::uploads::digest;

pub(super) async fn read(
    reading: Reading,
    State(server): State<Server>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let digest = digest(&reading.rest)?;
    let found = server.on_disk(move |store| match method {
        // Whoever is about to push asks like this what is there, and does not push it again.
        Method::HEAD => store.relied_blob(&reading.repository, digest),
        _ => store.blob(&reading.repository, digest),
    });
    let found = found.await?;
    let (file, size) = found.ok_or_else(unknown)?;
    let named = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (HeaderName::from_static("docker-content-digest"), digest.to_string()),
    ];
    let Some(range) = asked(&headers, size) else {
        let length = (CONTENT_LENGTH, size.to_string());
        return Ok((named, [length], stream(file, size)).into_response());
    };
    if range.is_empty() {
        return Ok((
            StatusCode::RANGE_NOT_SATISFIABLE,
            [(CONTENT_RANGE, format!("bytes */{size}"))],
        )
            .into_response());
    }
    let mut file = file;
    file.seek(SeekFrom::Start(range.start))?;
    let part = [
        (CONTENT_LENGTH, (range.end - range.start).to_string()),
        (CONTENT_RANGE, format!("bytes {}-{}/{size}", range.start, range.end - 1)),
    ];
    let length = range.end - range.start;
    Ok((StatusCode::PARTIAL_CONTENT, named, part, stream(file, length)).into_response())
}

pub(super) async fn delete(writing: Writing, State(server): State<Server>) -> Result<StatusCode, Refusal> {
    let digest = digest(&writing.rest)?;
    let deleted = server.on_disk(move |store| store.delete_blob(&writing.repository, digest));
    if deleted.await? {
        Ok(StatusCode::ACCEPTED)
    } else {
        Err(unknown())
    }
}

/// The part that is asked for (RFC 9110, section 14): one range of bytes, empty where the blob has none of them. Anything
/// else is answered with the whole.
fn asked(headers: &HeaderMap, size: u64) -> Option<Range<u64>> {
    let (first, last) = headers
        .get(RANGE)?
        .to_str()
        .ok()?
        .strip_prefix("bytes=")?
        .split_once('-')?;
    if first.is_empty() {
        return Some(size.saturating_sub(last.parse().ok()?)..size);
    }
    let first: u64 = first.parse().ok()?;
    let end = match last {
        "" => size,
        last => last.parse::<u64>().ok()?.saturating_add(1).min(size),
    };
    Some(first..end)
}

fn stream(file: File, length: u64) -> Body {
    let file = tokio::fs::File::from_std(file).take(length);
    Body::from_stream(ReaderStream::with_capacity(file, 1 << 16))
}

fn unknown() -> Refusal {
    Refusal::unknown("BLOB_UNKNOWN", "This repository has no such blob.")
}
