//! What a tenant runs: approved, and taken back.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use registry::Digest;
use registry::ledger::{self, Entry, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Json;
use super::grants::GrantsBody;
use super::inspections::WarningView;
use super::problem::{Answer, Problem, ProblemBody};
use super::publishers::{Reason, Revocation};
use super::skills::{skill_name, warnings};
use crate::skills::{Decision, Target};
use crate::token::Caller;

/// An artifact to be approved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewApproval {
    /// `host[:port]/[path/]namespace/name[:tag][@sha256:digest]`; without a host, in this host's own registry. What is approved is the digest that is found; write the digest to approve what was seen.
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

/// What to go back to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rollback {
    /// Its version or the digest of its manifest; where nothing is said, what ran before.
    to: Option<String>,
    /// For whoever reads the ledger: 1 to 512 characters on one line.
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
    /// What somebody should decide about it, where it runs now. It runs on until then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<WarningView>,
    /// Set when the tenant took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<Revocation>,
}

/// An approval for which one person spoke, where two are needed.
#[derive(Serialize, ToSchema)]
#[schema(as = Proposal)]
pub(super) struct ProposalView {
    /// `namespace/name`.
    skill: String,
    /// The digest of its manifest.
    digest: String,
    /// What it would be granted.
    grants: GrantsBody,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who spoke for it: the name of a token. Another must send the same.
    by: String,
    /// Why.
    reason: String,
}

/// The approvals of the tenant.
#[derive(Serialize, ToSchema)]
pub(super) struct ApprovalList {
    /// By the names of their skills, oldest first.
    approvals: Vec<Approval>,
}

impl From<&ledger::Proposal> for ProposalView {
    fn from(proposal: &ledger::Proposal) -> Self {
        Self {
            skill: proposal.skill.to_string(),
            digest: proposal.digest.to_string(),
            grants: proposal.grants.clone().into(),
            at: proposal.at,
            by: proposal.by.clone(),
            reason: proposal.reason.clone(),
        }
    }
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
            warnings: Vec::new(),
            revoked: approval.revoked.as_ref().map(Revocation::from),
        }
    }
}

/// The approvals of the tenant.
#[utoipa::path(get, path = "/v1/approvals", tag = "approvals", operation_id = "list-approvals", responses(
    (status = 200, description = "All of them", body = ApprovalList),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Answer<axum::Json<ApprovalList>> {
    let state = app.trust.state();
    let mut approvals = Vec::new();
    for approval in state.approvals(caller.tenant()) {
        let mut view = Approval::from(approval);
        let current = state.current(caller.tenant(), &approval.skill).ok();
        if current.is_some_and(|current| current.seq == approval.seq) {
            view.warnings = match app.skills.describe(approval).await {
                Ok(described) => warnings(&app, approval, &described).await?,
                Err(error) => vec![WarningView::of(&error)],
            };
        }
        approvals.push(view);
    }
    Ok(axum::Json(ApprovalList { approvals }))
}

/// Pulls, verifies and approves an artifact: the tenant runs it from now on. Where a rule of the tenant needs two people,
/// the first is answered 202 and nothing runs before the second sends the same.
#[utoipa::path(post, path = "/v1/approvals", tag = "approvals", operation_id = "approve",
    request_body = NewApproval, responses(
    (status = 201, description = "The tenant runs it", body = Approval),
    (status = 202, description = "A second person must send the same", body = ProposalView),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn approve(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Json(new): Json<NewApproval>,
) -> Answer<Response> {
    let reference = app.reference(&new.reference)?;
    let decision = app
        .skills
        .approve(&caller, &reference, new.grants.into(), new.downgrade, new.reason)
        .await?;
    Ok(match decision {
        Decision::Approved(approval) => (StatusCode::CREATED, axum::Json(Approval::from(&approval))).into_response(),
        Decision::Proposed(proposal) => {
            (StatusCode::ACCEPTED, axum::Json(ProposalView::from(&proposal))).into_response()
        }
    })
}

/// Goes back to an artifact that the tenant approved before, with the grants that it had then.
#[utoipa::path(post, path = "/v1/skills/{namespace}/{name}/rollback", tag = "approvals", operation_id = "roll-back",
    request_body = Rollback, params(
    ("namespace" = String, Path, description = "The first part of the skill's name"),
    ("name" = String, Path, description = "The second part of the skill's name"),
), responses(
    (status = 200, description = "The tenant runs it again", body = Approval),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn roll_back(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path((namespace, name)): Path<(String, String)>,
    Json(Rollback { to, reason }): Json<Rollback>,
) -> Answer<axum::Json<Approval>> {
    let name = skill_name(&namespace, &name)?;
    let to = to.map(|to| to.parse::<Target>()).transpose()?;
    let approval = app.skills.roll_back(&caller, &name, to.as_ref(), reason).await?;
    Ok(axum::Json(Approval::from(&approval)))
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
