//! The trust policy in force.

use std::sync::Arc;

use axum::extract::State;
use jiff::Timestamp;
use registry::Digest;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::problem::ProblemBody;
use crate::trust::{Fault, InForce};

/// Whose signatures make an artifact trusted.
#[derive(Serialize, ToSchema)]
pub(super) struct TrustPolicy {
    /// `none` where none is configured and the ledger's publishers decide, `in-force`, or `stale` where the file cannot
    /// be used and the last good one holds.
    state: &'static str,
    /// Since when it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// The SHA-256 of its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    digest: Option<Digest>,
    /// Its text, as an administrator wrote it: TOML.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Keys that it names and no publisher has: they sign nothing until they are added.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    unknown_keys: Vec<Digest>,
    /// Why the file is not in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<PolicyFault>,
}

/// Why a policy is not taken.
#[derive(Serialize, ToSchema)]
pub(super) struct PolicyFault {
    /// When that was found.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What to change, in a sentence.
    detail: String,
}

impl From<Fault> for PolicyFault {
    fn from(fault: Fault) -> Self {
        Self {
            at: fault.at,
            detail: fault.told,
        }
    }
}

/// One word for it.
pub(super) const fn word(in_force: Option<&InForce>) -> &'static str {
    match in_force {
        None => "none",
        Some(InForce { fault: None, .. }) => "in-force",
        Some(_) => "stale",
    }
}

/// The trust policy in force.
#[utoipa::path(get, path = "/v1/trust-policy", tag = "publishers", operation_id = "show-trust-policy", responses(
    (status = 200, description = "It, or that there is none", body = TrustPolicy),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn show(State(app): State<Arc<App>>) -> axum::Json<TrustPolicy> {
    let in_force = app.trust.in_force();
    let state = app.trust.state();
    let unknown = state.policy().keys().filter(|key| state.key(key).is_none());
    axum::Json(TrustPolicy {
        state: word(in_force.as_ref()),
        since: in_force.as_ref().map(|policy| policy.since),
        digest: in_force.as_ref().map(InForce::digest),
        unknown_keys: unknown.copied().collect(),
        text: in_force.as_ref().map(|policy| policy.text.clone()),
        fault: in_force.and_then(|policy| policy.fault).map(PolicyFault::from),
    })
}
