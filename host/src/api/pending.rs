//! New versions that nobody decided about, and the repositories in which they are looked for.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::approvals::ProposalView;
use super::inspections::{DifferenceView, WarningView};
use super::problem::{Answer, ProblemBody};
use crate::skills::Inspection;
use crate::token::Caller;
use crate::watch::{Looked, Pending, Watched};

/// What waits for an approver.
#[derive(Serialize, ToSchema)]
pub(super) struct PendingList {
    /// New versions that nobody decided about. What ran before runs on.
    pending: Vec<PendingView>,
    /// Approvals for which one person spoke, where two are needed.
    proposed: Vec<ProposalView>,
    /// Where they are looked for.
    watched: Vec<WatchedView>,
}

/// A new version that nobody decided about.
#[derive(Serialize, ToSchema)]
#[schema(as = Pending)]
pub(super) struct PendingView {
    /// The repository in which it was found, as it is configured.
    watched: String,
    /// `namespace/name`.
    skill: String,
    /// Its version.
    version: String,
    /// The digest of its manifest: what an approval is of.
    digest: String,
    /// When it was found.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// What it is.
    #[serde(flatten)]
    seen: Option<Seen>,
    /// Why it cannot be approved now.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<RefusedView>,
}

/// What a new version is.
#[derive(Serialize, ToSchema)]
pub(super) struct Seen {
    /// Who signed it.
    publisher: String,
    /// The fingerprint of the key that signed it.
    key: String,
    /// What to look at twice.
    warnings: Vec<WarningView>,
    /// What is new beside what the tenant approved before under this name, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<DifferenceView>,
}

/// Why something was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = Refused)]
pub(super) struct RefusedView {
    /// What to branch on.
    code: &'static str,
    /// What to change.
    detail: String,
}

/// A repository that is watched.
#[derive(Serialize, ToSchema)]
#[schema(as = Watched)]
pub(super) struct WatchedView {
    /// As it is configured.
    watched: String,
    /// About how often it is looked at, in seconds.
    every_s: u64,
    /// When it was last looked at; nothing where the host started since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    looked: Option<Timestamp>,
    /// Why nothing was seen then.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<RefusedView>,
}

impl From<Inspection> for Seen {
    fn from(seen: Inspection) -> Self {
        Self {
            publisher: seen.verified.publisher().to_string(),
            key: seen.verified.key().to_string(),
            warnings: seen.warnings.into_iter().map(WarningView::from).collect(),
            difference: seen.difference.map(DifferenceView::from),
        }
    }
}

impl From<Pending> for PendingView {
    fn from(Pending { found, seen }: Pending) -> Self {
        let (seen, refused) = match seen {
            Ok(seen) => (Some(Seen::from(seen)), None),
            Err(error) => {
                let (code, detail) = (error.code().as_str(), error.told().to_owned());
                (None, Some(RefusedView { code, detail }))
            }
        };
        Self {
            watched: found.reference,
            skill: found.skill.to_string(),
            version: found.version.to_string(),
            digest: found.digest.to_string(),
            since: found.since,
            seen,
            refused,
        }
    }
}

impl WatchedView {
    fn of(watched: &Watched, looked: Option<Looked>) -> Self {
        let (at, refused) = looked.map_or((None, None), |looked| (Some(looked.at), looked.refused));
        Self {
            watched: watched.text.clone(),
            every_s: watched.every.as_secs(),
            looked: at,
            refused: refused.map(|(code, detail)| RefusedView { code, detail }),
        }
    }
}

/// New versions that nobody decided about.
#[utoipa::path(get, path = "/v1/pending", tag = "approvals", operation_id = "list-pending", responses(
    (status = 200, description = "All that was found so far", body = PendingList),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Answer<axum::Json<PendingList>> {
    let pending = app.watch.pending(caller.tenant()).await?;
    let watched = app.watch.watched(caller.tenant()).into_iter();
    let state = app.trust.state();
    Ok(axum::Json(PendingList {
        proposed: state.proposals(caller.tenant()).map(ProposalView::from).collect(),
        pending: pending.into_iter().map(PendingView::from).collect(),
        watched: watched
            .map(|(watched, looked)| WatchedView::of(watched, looked))
            .collect(),
    }))
}

/// Looks for new versions now.
#[utoipa::path(post, path = "/v1/pending", tag = "approvals", operation_id = "look-for-pending", responses(
    (status = 200, description = "All that was found", body = PendingList),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn look(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Answer<axum::Json<PendingList>> {
    app.watch.look_now(caller.tenant()).await;
    list(State(app), Extension(caller)).await
}
