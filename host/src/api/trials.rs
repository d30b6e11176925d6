//! A version that is tried on what runs recorded, before anybody approves it.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Json;
use super::problem::{Answer, Problem, ProblemBody};
use crate::run::RunId;
use crate::runs::Differs;
use crate::token::Caller;

/// A version to be tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTrial {
    /// As for an inspection.
    reference: String,
    /// How many days of runs it is tried on, 1 to 30; 7 where it is missing.
    days: Option<u32>,
}

/// What became of a trial.
#[derive(Serialize, ToSchema)]
pub(super) struct Trial {
    /// `namespace/name`.
    skill: String,
    /// The version that was tried.
    version: String,
    /// The digest of its manifest.
    digest: String,
    /// Runs that were run again, the newest of those days.
    tried: usize,
    /// Those of them that came to the same.
    identical: usize,
    /// Those that did not, newest first.
    differ: Vec<DiffersView>,
}

/// A run that comes to something else.
#[derive(Serialize, ToSchema)]
#[schema(as = Differs)]
pub(super) struct DiffersView {
    /// Which.
    #[schema(value_type = String)]
    run: RunId,
    /// Its tool.
    tool: String,
    /// `value`, `tool-error` or `files` where it answers otherwise, else the code that stopped it: `diverged` where it
    /// asks for something else, `not-recorded` where it asks for more.
    code: String,
    /// The same in words.
    detail: String,
}

/// Runs that a trial looks at.
const MOST: u32 = 200;

const USUAL_DAYS: u32 = 7;
const MOST_DAYS: u32 = 30;

impl From<Differs> for DiffersView {
    fn from(differs: Differs) -> Self {
        Self {
            run: differs.run,
            tool: differs.tool,
            code: differs.code,
            detail: differs.told,
        }
    }
}

/// Runs again what runs recorded, with another version of their skill. Nothing leaves, and nothing is kept.
#[utoipa::path(post, path = "/v1/trials", tag = "approvals", operation_id = "try",
    request_body = NewTrial, responses(
    (status = 200, description = "What became of it", body = Trial),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn try_out(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Json(new): Json<NewTrial>,
) -> Answer<axum::Json<Trial>> {
    let days = new.days.unwrap_or(USUAL_DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(Problem::input("days-invalid", "try it on the runs of 1 to 30 days"));
    }
    let verified = app.skills.verify(&app.reference(&new.reference)?).await?;
    let since = Timestamp::now() - SignedDuration::from_hours(i64::from(days) * 24);
    let tried = app.runs.try_out(caller.tenant(), &verified, since, MOST).await?;
    Ok(axum::Json(Trial {
        skill: verified.pulled().asked().to_string(),
        version: verified.declaration().manifest().skill.version.to_string(),
        digest: verified.pulled().digest().to_string(),
        tried: tried.tried,
        identical: tried.identical,
        differ: tried.differ.into_iter().map(DiffersView::from).collect(),
    }))
}
