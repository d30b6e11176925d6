//! Whether the host lives and is ready, and what it can be asked.

use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock};

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::{Answer, ProblemBody};
use super::{App, body, policy};

/// The OpenAPI document as it is sent.
static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| super::document().to_json().unwrap_or_default().into());

/// Whether the host can take work.
#[derive(Serialize, ToSchema)]
pub(super) struct Readiness {
    /// Whether it can.
    ready: bool,
    /// Whether it is about to end.
    draining: bool,
    /// Whether its disk takes what must be kept.
    store: bool,
    /// How memory is made clean between runs: `scan` (PAGEMAP_SCAN) or `zero`.
    #[schema(value_type = String)]
    reset: crate::engine::Reset,
    /// Whether a trust policy is in force: `none` is configured, it is `in-force`, or `stale` where its file cannot be
    /// used and the last good one holds. `GET /v1/trust-policy` says more.
    trust_policy: &'static str,
}

/// The host answers.
#[utoipa::path(get, path = "/healthz", tag = "host", security(()), responses((status = 204, description = "It does")))]
pub(super) async fn health() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Whether the host can take work.
#[utoipa::path(get, path = "/readyz", tag = "host", security(()), responses(
    (status = 200, description = "It can", body = Readiness),
    (status = 503, description = "It cannot", body = Readiness),
))]
pub(super) async fn ready(State(app): State<Arc<App>>) -> Answer<Response> {
    let draining = app.draining.load(Ordering::Relaxed);
    let store = !*app.store.broken().borrow();
    let ready = !draining && store;
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let reset = app.skills.reset();
    let body = body::json(&Readiness {
        ready,
        draining,
        store,
        reset,
        trust_policy: policy::word(app.trust.in_force().as_ref()),
    })?;
    Ok((status, [(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "host", security(()), responses(
    (status = 200, description = "OpenAPI 3.1", content_type = "application/json"),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.clone()).into_response()
}
