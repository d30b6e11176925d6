//! A tool called by an agent: JSON in, JSON out.

mod wait;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::body::{self, json_bytes, strict};
use super::problem::{Answer, Problem, ProblemBody};
use super::runs::RunFile;
use super::skills::skill_name;
use crate::engine::Skill;
use crate::run::{Bindings, Outcome, RunId};
use crate::runs::{Begun, Ended, Invocation as Run, Kept, Key, Keyed, Recalled, RunError, Subject};
use crate::skills::Ready;
use crate::store::{MadeRow, RunState, RunTitle};
use crate::token::Caller;
use wait::Wait;

/// What a tool answered. The record of the run, and its files, are durable.
#[derive(Serialize, ToSchema)]
pub(super) struct Invocation {
    /// Whether it answered a value; if not, an error of its own.
    ok: bool,
    /// The value, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    /// The tool's own error, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
    /// The files that the run made.
    files: Vec<RunFile>,
    /// The run.
    #[schema(value_type = String)]
    run: RunId,
}

/// A run that has not ended. Ask for it at its `Location`.
#[derive(Serialize, ToSchema)]
pub(super) struct Accepted {
    /// The run.
    #[schema(value_type = String)]
    run: RunId,
    /// Where it stands: `running` or `suspended`.
    state: RunState,
    /// What a suspended run waits for: `consent`, `timer` or `outcome-unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
}

/// The largest JSON of a tool's arguments, in bytes.
const MOST: usize = 1 << 20;

/// The largest Idempotency-Key, in bytes.
const KEY_MOST: usize = 255;

/// Calls a tool and waits for its answer. Hanging up does not stop the run: POST /v1/runs/{id}/cancel does.
#[utoipa::path(post, path = "/v1/skills/{namespace}/{name}/tools/{tool}", tag = "skills", operation_id = "invoke",
    request_body(content = Value, description = "The arguments, as the tool's input schema says"), params(
    ("namespace" = String, Path, description = "The first part of the skill's name"),
    ("name" = String, Path, description = "The second part of the skill's name"),
    ("tool" = String, Path, description = "The tool's name"),
    ("Prefer" = Option<String>, Header, description = "`wait=N`: seconds to wait for the end, 60 where it is not said (RFC 7240)"),
    ("Idempotency-Key" = Option<String>, Header, description = "The same key, caller and arguments are one run, for 24 hours"),
), responses(
    (status = 200, description = "What the tool answered", body = Invocation),
    (status = 202, description = "The run takes longer, or waits for a person or a time", body = Accepted),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn invoke(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path((namespace, name, tool)): Path<(String, String, String)>,
    request: Request,
) -> Answer<Response> {
    let name = skill_name(&namespace, &name)?;
    let wait = Wait::of(request.headers())?;
    let key = idempotency_key(request.headers())?;
    let text = json_bytes(request, MOST).await?;
    let keyed = key.map(|key| Keyed::new(&caller, &key, &format!("{name}/{tool}"), &text));
    if let Some(keyed) = &keyed
        && let Some(answer) = answered(&app, &caller, keyed, &wait).await?
    {
        return Ok(answer);
    }
    let arguments = strict(&text)?;
    let Ready { version, digest, skill } = app.skills.ready(caller.tenant(), &name).await?;
    // Nothing runs, so that nothing is to be on record and the key is free.
    if keyed.is_some() || wait.is_short() {
        skill.takes(&tool, &arguments).map_err(RunError::Unfit)?;
    }
    let files = app.runs.files_of(caller.tenant(), &skill, &tool, &arguments).await?;
    let run = Run {
        bindings: bindings(&app, &caller, &skill),
        subject: Subject {
            skill: name,
            version: version.to_string(),
            digest,
            tool,
        },
        skill,
        arguments,
        text,
        files,
        listed: wait.is_short(),
        key: keyed.clone(),
    };
    match (app.runs.begin(&caller, run).await, keyed) {
        (Ok(begun), _) => attended(&app, &caller, begun, &wait).await,
        // Somebody was faster: that run answers.
        (Err(RunError::KeyTaken), Some(keyed)) => match answered(&app, &caller, &keyed, &wait).await? {
            Some(answer) => Ok(answer),
            None => Err(RunError::KeyTaken.into()),
        },
        (Err(error), _) => Err(error.into()),
    }
}

/// What the skill may name, granted or not: the gate judges that. Nothing where it makes no calls, and then it has no way
/// out.
fn bindings(app: &App, caller: &Caller, skill: &Skill) -> Option<Bindings> {
    let names = || Bindings::new(&app.outside.http(caller.tenant()));
    skill.makes_calls().then(names)
}

/// Waits for a run that has just begun.
async fn attended(app: &App, caller: &Caller, begun: Begun, wait: &Wait) -> Answer<Response> {
    match tokio::time::timeout(wait.patience(), begun.left).await {
        Ok(left) => answer(left?, wait),
        Err(_) => recalled(app, caller, begun.id, wait).await,
    }
}

/// The answer of the run that had this key first, where there is one.
async fn answered(app: &App, caller: &Caller, keyed: &Keyed, wait: &Wait) -> Answer<Option<Response>> {
    match app.runs.key(caller.tenant(), keyed).await? {
        Key::Free => Ok(None),
        Key::Reused => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency-key-reused",
            "this Idempotency-Key was used with other arguments: give each invocation a key of its own",
        )),
        Key::Answered(run) => {
            app.runs.left(run, wait.patience()).await;
            recalled(app, caller, run, wait).await.map(Some)
        }
    }
}

/// The answer of a run as it is on record.
async fn recalled(app: &App, caller: &Caller, run: RunId, wait: &Wait) -> Answer<Response> {
    let recalled = app.runs.recall(caller.tenant(), run).await?;
    let Recalled {
        title, result, files, ..
    } = recalled.ok_or_else(|| Problem::unknown("run"))?;
    let outcome = match result {
        Some(Kept::Value(value)) => Some(Outcome::Value(value)),
        Some(Kept::ToolError(error)) => Some(Outcome::ToolError(error)),
        Some(Kept::Stop(stop)) => Some(Outcome::Stopped(stop)),
        None => None,
    };
    answer(Ended { title, outcome, files }, wait)
}

fn answer(ended: Ended, wait: &Wait) -> Answer<Response> {
    let run = ended.title.id;
    match ended.outcome {
        None => accepted(ended.title, wait),
        Some(Outcome::Value(value)) => returned(run, Some(value), None, ended.files),
        Some(Outcome::ToolError(error)) => returned(run, None, Some(error), ended.files),
        // Nothing ran, so there is no run to name.
        Some(Outcome::Refused(stop)) => Err(Problem::stopped(&stop)),
        Some(Outcome::Stopped(stop)) => Err(Problem::stopped(&stop).about(run)),
    }
}

fn returned(run: RunId, value: Option<Value>, error: Option<Value>, files: Vec<MadeRow>) -> Answer<Response> {
    let body = body::json(&Invocation {
        ok: value.is_some(),
        value,
        error,
        files: files.into_iter().map(|file| RunFile::of(run, file)).collect(),
        run,
    })?;
    Ok((
        [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        body,
    )
        .into_response())
}

fn accepted(title: RunTitle, wait: &Wait) -> Answer<Response> {
    let location = format!("/v1/runs/{}", title.id.0);
    let waits_for = title.code.filter(|_| title.state == RunState::Suspended);
    let body = axum::Json(Accepted {
        run: title.id,
        state: title.state,
        waits_for,
    });
    let mut response = (StatusCode::ACCEPTED, [(header::LOCATION, location)], body).into_response();
    wait.applied(response.headers_mut());
    Ok(response)
}

fn idempotency_key(headers: &HeaderMap) -> Answer<Option<String>> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(key) = given.next() else { return Ok(None) };
    let text = key.to_str().ok().filter(|key| (1..=KEY_MOST).contains(&key.len()));
    match (text, given.next()) {
        (Some(text), None) => Ok(Some(text.to_owned())),
        _ => Err(Problem::input(
            "idempotency-key-invalid",
            "an Idempotency-Key is given once and has 1 to 255 visible characters: a UUID is a good one",
        )),
    }
}
