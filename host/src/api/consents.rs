//! Calls that wait for a person: listed, answered, and decided where nobody knows what became of them.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use gate::journal::{Event, Resolution};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::body::Json;
use super::problem::{Answer, Problem, ProblemBody};
use super::runs::run_id;
use crate::runs::{Question, Recorded};
use crate::token::Caller;

/// Calls that wait for a person.
#[derive(Serialize, ToSchema)]
pub(super) struct ConsentList {
    /// Of the oldest run first.
    consents: Vec<ConsentView>,
}

/// A call that waits for a person.
#[derive(Serialize, ToSchema)]
#[schema(as = Consent)]
pub(super) struct ConsentView {
    /// By what it is answered.
    id: String,
    /// The run that asks.
    run: String,
    /// The skill: `namespace/name`.
    skill: String,
    /// The tool.
    tool: String,
    /// Who invoked it: the name of a token.
    by: String,
    /// On which binding, such as `http "jira"`.
    binding: String,
    /// Without an answer by then, the call is refused.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// What is asked, exactly as it would be sent.
    call: Value,
}

/// A person's answer.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsentAnswer {
    /// Whether this one call may be made.
    allow: bool,
}

/// What a person decided about a call whose outcome nobody knows.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    /// `again` where it did not happen or may happen twice; `tell` to tell the skill that nobody knows.
    how: How,
}

/// How it goes on.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum How {
    /// Send it again.
    Again,
    /// Tell the skill that the outcome is unknown.
    Tell,
}

/// The journal of a run.
#[derive(Serialize, ToSchema)]
pub(super) struct JournalView {
    /// In the order in which it happened.
    entries: Vec<EntryView>,
}

/// One entry of a journal.
#[derive(Serialize, ToSchema)]
#[schema(as = JournalEntry)]
pub(super) struct EntryView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The number of the call or timer; 0 for the run as a whole.
    number: u32,
    /// What happened.
    #[schema(value_type = Value)]
    event: Event,
    /// What was asked; with one entry of each call.
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<Value>,
    /// How the call ended; with the last entry of each call.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Value>,
}

impl From<Question> for ConsentView {
    fn from(question: Question) -> Self {
        Self {
            id: question.id.to_string(),
            run: question.run.id.0.to_string(),
            skill: question.run.skill.to_string(),
            tool: question.run.tool,
            by: question.run.by,
            binding: question.binding,
            until: question.until,
            call: question.call,
        }
    }
}

impl From<Recorded> for EntryView {
    fn from(recorded: Recorded) -> Self {
        let Recorded { entry, call, outcome } = recorded;
        Self {
            at: entry.at,
            number: entry.number,
            event: entry.event,
            call,
            outcome,
        }
    }
}

/// The calls that wait for a person.
#[utoipa::path(get, path = "/v1/consents", tag = "consents", operation_id = "list-consents", responses(
    (status = 200, description = "All of them", body = ConsentList),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Answer<axum::Json<ConsentList>> {
    let questions = app.runs.questions(caller.tenant()).await?;
    let consents = questions.into_iter().map(ConsentView::from).collect();
    Ok(axum::Json(ConsentList { consents }))
}

/// Allows one call, or refuses it. Its run goes on by itself.
#[utoipa::path(post, path = "/v1/consents/{id}", tag = "consents", operation_id = "answer-consent",
    request_body = ConsentAnswer, params(("id" = String, Path, description = "The consent's id")), responses(
    (status = 200, description = "The answer, which holds", body = ConsentAnswer),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
    Json(answer): Json<ConsentAnswer>,
) -> Answer<axum::Json<ConsentAnswer>> {
    let id = id.parse().map_err(|_| Problem::unknown("consent"))?;
    app.runs.answer(&caller, id, answer.allow).await?;
    Ok(axum::Json(answer))
}

/// Decides about the call of a run that stopped because nobody knows whether it was carried out. The run goes on.
#[utoipa::path(post, path = "/v1/runs/{id}/resolve", tag = "consents", operation_id = "resolve-run",
    request_body = Decision, params(("id" = String, Path, description = "The run")), responses(
    (status = 200, description = "The decision, which holds", body = Decision),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn resolve(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
    Json(decision): Json<Decision>,
) -> Answer<axum::Json<Decision>> {
    let how = match decision.how {
        How::Again => Resolution::Again,
        How::Tell => Resolution::Tell,
    };
    app.runs.resolve(&caller, run_id(&id)?, how).await?;
    Ok(axum::Json(decision))
}

/// Everything that a run asked of the outside, and what became of it.
#[utoipa::path(get, path = "/v1/runs/{id}/journal", tag = "runs", operation_id = "show-journal",
    params(("id" = String, Path, description = "The run")), responses(
    (status = 200, description = "Its journal", body = JournalView),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn journal(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Answer<axum::Json<JournalView>> {
    let recorded = app.runs.journal(caller.tenant(), run_id(&id)?).await?;
    let recorded = recorded.ok_or_else(|| Problem::unknown("run"))?;
    let entries = recorded.into_iter().map(EntryView::from).collect();
    Ok(axum::Json(JournalView { entries }))
}
