//! Files up and down.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use registry::Digest;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::body::Query;
use super::problem::{Answer, Problem, ProblemBody};
use crate::file::Download;
use crate::token::Caller;

/// How an uploaded file is called.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Named {
    /// The name that people see: 1 to 255 bytes without slashes and control characters.
    name: String,
}

/// A file as arguments of tools name it.
#[derive(Serialize, ToSchema)]
#[schema(as = File)]
pub(super) struct FileView {
    /// The name that people see.
    name: String,
    /// Such as `application/pdf`.
    media_type: String,
    /// In bytes.
    size: u64,
    /// The SHA-256 of the content.
    sha256: String,
}

/// Uploads a file of at most 64 MiB. Its media type is the request's Content-Type.
#[utoipa::path(post, path = "/v1/files", tag = "files", operation_id = "upload-file", params(Named),
    request_body(content_type = "application/octet-stream", description = "The content"), responses(
    (status = 201, description = "As an argument of a tool names it", body = FileView),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn upload(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Query(named): Query<Named>,
    request: Request,
) -> Answer<(StatusCode, axum::Json<FileView>)> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or("application/octet-stream").to_owned();
    let content = request.into_body().into_data_stream();
    let row = app.files.upload(&caller, &named.name, &kind, content).await?;
    let view = FileView {
        name: row.name,
        media_type: row.media_type,
        size: row.size,
        sha256: row.sha256.hex(),
    };
    Ok((StatusCode::CREATED, axum::Json(view)))
}

/// A file that was uploaded, or that a run made.
#[utoipa::path(get, path = "/v1/files/{sha256}", tag = "files", operation_id = "get-file",
    params(("sha256" = String, Path, description = "64 hexadecimal digits")), responses(
    (status = 200, description = "Its content", content_type = "application/octet-stream"),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn download(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(sha256): Path<String>,
) -> Answer<Response> {
    let sha256 = Digest::from_hex(&sha256).map_err(|_| Problem::unknown("file"))?;
    let found = app.files.download(caller.tenant(), sha256).await?;
    Ok(deliver(found.ok_or_else(|| Problem::unknown("file"))?))
}

/// A file on its way out. What a guest made is never shown inside the host's own pages: it is an attachment, and no
/// browser guesses what it is.
pub(super) fn deliver(file: Download) -> Response {
    let kind = HeaderValue::from_str(&file.media_type)
        .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    let mut response = Body::from_stream(file.content).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.size));
    headers.insert(header::CONTENT_DISPOSITION, disposition(&file.name));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// `attachment` with the name of the file in UTF-8 (RFC 6266, RFC 8187).
fn disposition(name: &str) -> HeaderValue {
    let mut text = String::from("attachment; filename*=UTF-8''");
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}
