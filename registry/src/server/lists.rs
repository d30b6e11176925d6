//! Content discovery (end-8, end-12): tags, and what refers to a manifest.

use axum::Json;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderName;
use http::header::{CONTENT_TYPE, LINK};
use serde::Deserialize;
use serde_json::json;

use super::Server;
use super::admit::Reading;
use super::pushed::Pushed;
use super::refusal::Refusal;
use super::uploads::digest;
use crate::layout::INDEX;

/// Which tags.
#[derive(Deserialize)]
pub(super) struct Page {
    n: Option<usize>,
    last: Option<String>,
}

/// Which referrers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Filter {
    artifact_type: Option<String>,
}

pub(super) async fn tags(
    reading: Reading,
    State(server): State<Server>,
    Query(page): Query<Page>,
) -> Result<Response, Refusal> {
    let repository = reading.repository.clone();
    let tags = server.on_disk(move |store| store.tags(&repository)).await?;
    let tags = tags.ok_or_else(|| Refusal::unknown("NAME_UNKNOWN", "There is no such repository yet."))?;
    let rest = tags
        .iter()
        .filter(|tag| page.last.as_ref().is_none_or(|last| *tag > last));
    let left: Vec<&String> = rest.collect();
    let shown = left.get(..page.n.unwrap_or(left.len())).unwrap_or(&left);
    let body = json!({"name": reading.repository, "tags": shown});
    match (shown.last(), page.n) {
        (Some(last), Some(n)) if shown.len() < left.len() => {
            let next = format!("</v2/{}/tags/list?n={n}&last={last}>; rel=\"next\"", reading.repository);
            Ok(([(LINK, next)], Json(body)).into_response())
        }
        _ => Ok(Json(body).into_response()),
    }
}

pub(super) async fn referrers(
    reading: Reading,
    State(server): State<Server>,
    Query(filter): Query<Filter>,
) -> Result<Response, Refusal> {
    let subject = digest(&reading.rest)?;
    let kept = server
        .on_disk(move |store| store.referrers(&reading.repository, subject))
        .await?;
    let wanted = filter.artifact_type;
    let manifests: Vec<_> = kept
        .iter()
        .filter_map(Pushed::descriptor)
        .filter(|entry| {
            wanted
                .as_ref()
                .is_none_or(|wanted| entry.get("artifactType") == Some(&json!(wanted)))
        })
        .collect();
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
    let mut response = ([(CONTENT_TYPE, INDEX)], index.to_string()).into_response();
    if wanted.is_some() {
        let applied = HeaderName::from_static("oci-filters-applied");
        response
            .headers_mut()
            .insert(applied, http::HeaderValue::from_static("artifactType"));
    }
    Ok(response)
}
