//! Reading and deleting blobs (end-2, end-10).

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderName, StatusCode};
use tokio_util::io::ReaderStream;

use super::Server;
use super::admit::{Reading, Writing};
use super::refusal::Refusal;
use super::uploads::digest;

pub(super) async fn read(reading: Reading, State(server): State<Server>) -> Result<Response, Refusal> {
    let digest = digest(&reading.rest)?;
    let found = server
        .on_disk(move |store| store.blob(&reading.repository, digest))
        .await?;
    let (file, size) = found.ok_or_else(unknown)?;
    let headers = [
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (CONTENT_LENGTH, size.to_string()),
        (HeaderName::from_static("docker-content-digest"), digest.to_string()),
    ];
    let body = ReaderStream::with_capacity(tokio::fs::File::from_std(file), 1 << 16);
    Ok((headers, Body::from_stream(body)).into_response())
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

fn unknown() -> Refusal {
    Refusal::unknown("BLOB_UNKNOWN", "This repository has no such blob.")
}
