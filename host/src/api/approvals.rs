//! What a tenant runs: looked at first, then approved, and taken back.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use registry::ledger::{self, Entry, Scope};
use registry::{Digest, Verified};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Json;
use super::grants::{GrantsBody, LimitsBody};
use super::problem::{Answer, Problem, ProblemBody};
use super::publishers::{Reason, Revocation};
use super::skills::ToolView;
use crate::skills::Described;
use crate::token::Caller;

/// An artifact to be looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInspection {
    /// `host[:port]/[path/]namespace/name[:tag][@sha256:digest]`; without a host, in this host's own registry.
    reference: String,
}

/// An artifact to be approved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewApproval {
    /// As for an inspection. What is approved is the digest that is found; write the digest to approve what was seen.
    reference: String,
    /// What it may do.
    #[serde(default)]
    grants: GrantsBody,
    /// Whether its version may be lower than one that was approved before.
    #[serde(default)]
    downgrade: bool,
    /// For whoever reads the ledger: 1 to 512 characters on one line.
    reason: String,
}

/// What would run, read from the verified bytes.
#[derive(Serialize, ToSchema)]
pub(super) struct Inspection {
    /// `namespace/name`.
    skill: String,
    /// Its version.
    version: String,
    /// The digest of its manifest: what an approval is of.
    digest: String,
    /// Who signed it.
    publisher: String,
    /// The fingerprint of the key that signed it.
    key: String,
    /// One sentence.
    summary: String,
    /// An SPDX licence expression.
    license: String,
    /// Where its source is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Its tools.
    tools: Vec<ToolView>,
    /// What it asks for.
    bindings: Vec<AskedBinding>,
    /// Limits that it asks for.
    limits: LimitsBody,
    /// The types that it imports and exports.
    wit: String,
    /// `SKILL.md`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<String>,
    /// The size of the component, in bytes.
    size: u64,
}

/// One thing that a skill asks of its host.
#[derive(Serialize, ToSchema)]
pub(super) struct AskedBinding {
    /// Such as `http` or `model`.
    kind: String,
    /// The name that the skill uses.
    name: String,
    /// Why.
    reason: String,
}

/// Leave of a tenant to run an artifact.
#[derive(Serialize, ToSchema)]
pub(super) struct Approval {
    /// Who runs it.
    tenant: String,
    /// `namespace/name`.
    skill: String,
    /// Its version.
    version: String,
    /// The digest of its manifest.
    digest: String,
    /// Who signed it.
    publisher: String,
    /// The fingerprint of the key that signed it.
    key: String,
    /// What it may do.
    grants: GrantsBody,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who approved it: the name of a token.
    by: String,
    /// Why.
    reason: String,
    /// Set when the tenant took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<Revocation>,
}

/// The approvals of the tenant.
#[derive(Serialize, ToSchema)]
pub(super) struct ApprovalList {
    /// By the names of their skills, oldest first.
    approvals: Vec<Approval>,
}

impl From<&ledger::Approval> for Approval {
    fn from(approval: &ledger::Approval) -> Self {
        Self {
            tenant: approval.tenant.to_string(),
            skill: approval.skill.to_string(),
            version: approval.version.to_string(),
            digest: approval.digest.to_string(),
            publisher: approval.publisher.to_string(),
            key: approval.key.to_string(),
            grants: approval.grants.clone().into(),
            at: approval.at,
            by: approval.by.clone(),
            reason: approval.reason.clone(),
            revoked: approval.revoked.as_ref().map(Revocation::from),
        }
    }
}

impl Inspection {
    fn of(verified: &Verified) -> Answer<Self> {
        let described = Described::read(verified)?;
        let declaration = verified.declaration();
        let manifest = declaration.manifest();
        let bindings = manifest.bindings.iter().map(|asked| AskedBinding {
            kind: asked.kind.to_string(),
            name: asked.name.to_string(),
            reason: asked.reason.clone(),
        });
        Ok(Self {
            skill: manifest.skill.name.to_string(),
            version: manifest.skill.version.to_string(),
            digest: verified.pulled().digest().to_string(),
            publisher: verified.publisher().to_string(),
            key: verified.key().to_string(),
            summary: described.summary,
            license: described.license,
            source: described.source,
            tools: described.tools.iter().map(ToolView::from).collect(),
            bindings: bindings.collect(),
            limits: manifest.limits.clone().into(),
            wit: declaration.wit().to_owned(),
            instructions: described.instructions,
            size: verified.pulled().component().len() as u64,
        })
    }
}

/// Pulls and verifies an artifact, and shows what would run.
#[utoipa::path(post, path = "/v1/inspections", tag = "approvals", operation_id = "inspect",
    request_body = NewInspection, responses(
    (status = 200, description = "What would run", body = Inspection),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn inspect(
    State(app): State<Arc<App>>,
    Json(new): Json<NewInspection>,
) -> Answer<axum::Json<Inspection>> {
    let reference = app.reference(&new.reference)?;
    let verified = app.skills.inspect(&reference).await?;
    Ok(axum::Json(Inspection::of(&verified)?))
}

/// The approvals of the tenant.
#[utoipa::path(get, path = "/v1/approvals", tag = "approvals", operation_id = "list-approvals", responses(
    (status = 200, description = "All of them", body = ApprovalList),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
) -> axum::Json<ApprovalList> {
    let approvals = app
        .trust
        .state()
        .approvals(caller.tenant())
        .map(Approval::from)
        .collect();
    axum::Json(ApprovalList { approvals })
}

/// Pulls, verifies and approves an artifact: the tenant runs it from now on.
#[utoipa::path(post, path = "/v1/approvals", tag = "approvals", operation_id = "approve",
    request_body = NewApproval, responses(
    (status = 201, description = "The tenant runs it", body = Approval),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn approve(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Json(new): Json<NewApproval>,
) -> Answer<(StatusCode, axum::Json<Approval>)> {
    let reference = app.reference(&new.reference)?;
    let approval = app
        .skills
        .approve(&caller, &reference, new.grants.into(), new.downgrade, new.reason)
        .await?;
    Ok((StatusCode::CREATED, axum::Json(Approval::from(&approval))))
}

/// Takes an approval back: the tenant runs the artifact no more.
#[utoipa::path(post, path = "/v1/approvals/{digest}/revoke", tag = "approvals", operation_id = "revoke-approval",
    params(("digest" = String, Path, description = "The digest of the artifact's manifest")), request_body = Reason,
    responses(
    (status = 200, description = "What was taken back", body = ApprovalList),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(digest): Path<String>,
    Json(Reason { reason }): Json<Reason>,
) -> Answer<axum::Json<ApprovalList>> {
    let digest: Digest = digest.parse().map_err(|_| Problem::unknown("approval"))?;
    let scope = Scope::Tenant(caller.tenant().clone());
    app.trust
        .decide(scope, caller.name(), Entry::ApprovalRevoked { digest, reason })
        .await?;
    let state = app.trust.state();
    let approvals = state
        .approvals(caller.tenant())
        .filter(|approval| approval.digest == digest);
    Ok(axum::Json(ApprovalList {
        approvals: approvals.map(Approval::from).collect(),
    }))
}
