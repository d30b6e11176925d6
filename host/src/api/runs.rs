//! Runs of the tenant: listed, shown, cancelled.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use gate::JournalError;
use gate::journal::DecisionError;
use jiff::Timestamp;
use registry::SkillName;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::App;
use super::body::Query;
use super::files::deliver;
use super::problem::{Answer, Problem, ProblemBody};
use crate::run::{LogLine, RunId, Stop};
use crate::runs::{Kept, Recalled, RunError};
use crate::store::{MadeRow, RunFilter, RunState, RunTitle};
use crate::token::Caller;

/// Which runs are asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only those that stand here.
    state: Option<RunState>,
    /// Only those of this skill: `namespace/name`.
    #[param(value_type = Option<String>)]
    skill: Option<SkillName>,
    /// `cursor` of the page before.
    cursor: Option<String>,
}

/// Runs, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct RunList {
    /// At most 50.
    runs: Vec<RunSummary>,
    /// The cursor of the next page, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

/// What is known of a run at a glance.
#[derive(Serialize, ToSchema)]
pub(super) struct RunSummary {
    /// Its name.
    #[schema(value_type = String)]
    id: RunId,
    /// What ran: `namespace/name`.
    skill: String,
    /// The version that ran.
    version: String,
    /// The artifact that ran.
    digest: String,
    /// The tool.
    tool: String,
    /// Who asked: the name of a token.
    by: String,
    /// Where it stands.
    state: RunState,
    /// Why it failed, or what it waits for: `consent`, `timer`, `outcome-unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    started: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    ended: Option<Timestamp>,
    /// Fuel that the guest used.
    fuel: u64,
    /// Time that the guest computed, in microseconds.
    guest_us: u64,
}

/// A run with what it was asked and what came out.
#[derive(Serialize, ToSchema)]
#[schema(as = Run)]
pub(super) struct RunView {
    /// What is known of it at a glance.
    #[serde(flatten)]
    summary: RunSummary,
    /// What it was asked.
    arguments: Value,
    /// The tool's value, where it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    /// The tool's own error, where it answered one.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
    /// Why there is neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<StopView>,
    /// The files that it made.
    files: Vec<RunFile>,
}

/// Why a run ended without a value.
#[derive(Serialize, ToSchema)]
#[schema(as = Stop)]
pub(super) struct StopView {
    /// What to branch on.
    code: String,
    /// What to change, in a sentence.
    message: String,
}

/// A file that a run made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RunFile {
    /// The name that people see.
    name: String,
    /// Such as `application/pdf`.
    media_type: String,
    /// In bytes.
    size: u64,
    /// The SHA-256 of the content.
    sha256: String,
    /// Where it is fetched.
    href: String,
}

/// What a run logged.
#[derive(Serialize, ToSchema)]
pub(super) struct RunLogs {
    /// In the order in which they were written.
    lines: Vec<Line>,
    /// How many lines did not fit.
    dropped: u64,
}

/// One line that a guest wrote.
#[derive(Serialize, ToSchema)]
pub(super) struct Line {
    /// `trace`, `debug`, `info`, `warn` or `error`.
    #[schema(value_type = String)]
    level: crate::run::LogLevel,
    /// The text, control characters escaped.
    message: String,
}

impl From<RunTitle> for RunSummary {
    fn from(title: RunTitle) -> Self {
        Self {
            id: title.id,
            skill: title.skill.to_string(),
            version: title.version,
            digest: title.digest.to_string(),
            tool: title.tool,
            by: title.by,
            state: title.state,
            code: title.code,
            started: title.started_at,
            ended: title.ended_at,
            fuel: title.fuel,
            guest_us: title.guest_us,
        }
    }
}

impl RunFile {
    pub(super) fn of(run: RunId, file: MadeRow) -> Self {
        let mut href = url::Url::parse("http://host/v1/runs").map_or_else(
            |_| String::new(),
            |mut url| {
                if let Ok(mut path) = url.path_segments_mut() {
                    path.extend([run.0.to_string().as_str(), "files", &file.name]);
                }
                url.path().to_owned()
            },
        );
        href.shrink_to_fit();
        Self {
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            sha256: file.sha256.hex(),
            href,
        }
    }
}

impl RunView {
    fn of(run: Recalled) -> Answer<Self> {
        let arguments = serde_json::from_slice(&run.arguments).map_err(|error| Problem::internal(&error))?;
        let (mut value, mut error, mut stop) = (None, None, None);
        match run.result {
            Some(Kept::Value(it)) => value = Some(it),
            Some(Kept::ToolError(it)) => error = Some(it),
            Some(Kept::Stop(Stop { code, message })) => stop = Some(StopView { code, message }),
            None => {}
        }
        let files = run
            .files
            .into_iter()
            .map(|file| RunFile::of(run.title.id, file))
            .collect();
        Ok(Self {
            summary: run.title.into(),
            arguments,
            value,
            error,
            stop,
            files,
        })
    }
}

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Overloaded => Self::overloaded("as many runs as may be are under way: ask again in a moment"),
            RunError::Store(error) => error.into(),
            RunError::File(error) => error.into(),
            RunError::Skill(error) => error.into(),
            RunError::Unfit(stop) => Self::stopped(&stop),
            RunError::FileUnknown(sha256) => {
                let detail = format!("there is no file {}: upload it with POST /v1/files first", sha256.hex());
                Self::input("file-unknown", detail)
            }
            RunError::FilesTooLarge => {
                let detail = "the files of one call may have 64 MiB together: pass fewer, or smaller ones";
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "files-too-large", detail)
            }
            RunError::KeyTaken => Self::new(
                StatusCode::CONFLICT,
                "idempotency-key-taken",
                "another invocation with this key has just begun: send it again, and it is answered by that run",
            ),
            RunError::Journal(error) => Self::of_journal(&error),
            RunError::Interrupted(stop) => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self::new(status, stop.code.to_string(), stop.told).later(5)
            }
            RunError::Sealed(_) | RunError::Malformed(_) | RunError::Keyless => Self::internal(&error),
        }
    }
}

impl Problem {
    fn of_journal(error: &JournalError) -> Self {
        let status = match error {
            JournalError::Unknown | JournalError::Decision(DecisionError::NotAsked) => StatusCode::NOT_FOUND,
            JournalError::Superseded | JournalError::Ended | JournalError::Exists | JournalError::Decision(_) => {
                StatusCode::CONFLICT
            }
            JournalError::Entry(_) | JournalError::Unavailable(_) => return Self::internal(error),
        };
        Self::new(status, error.code().to_string(), error.to_string())
    }
}

/// Runs of a page.
const PAGE: u32 = 50;

/// Runs of the tenant, newest first.
#[utoipa::path(get, path = "/v1/runs", tag = "runs", operation_id = "list-runs", params(Wanted), responses(
    (status = 200, description = "A page of them", body = RunList),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Query(wanted): Query<Wanted>,
) -> Answer<axum::Json<RunList>> {
    let id = |text: String| {
        text.parse()
            .map(RunId)
            .map_err(|_| Problem::input("cursor-invalid", CURSOR))
    };
    let before = wanted.cursor.map(id).transpose()?;
    let filter = RunFilter {
        state: wanted.state,
        skill: wanted.skill,
        before,
    };
    let mut runs = app.runs.list(caller.tenant(), &filter, PAGE + 1).await?;
    let more = runs.len() > PAGE as usize;
    runs.truncate(PAGE as usize);
    let cursor = runs.last().filter(|_| more).map(|last| last.id.0.to_string());
    Ok(axum::Json(RunList {
        runs: runs.into_iter().map(RunSummary::from).collect(),
        cursor,
    }))
}

const CURSOR: &str = "a cursor is the `cursor` of the page before, as it is";

/// One run.
#[utoipa::path(get, path = "/v1/runs/{id}", tag = "runs", operation_id = "show-run",
    params(("id" = String, Path, description = "Its name")), responses(
    (status = 200, description = "It", body = RunView),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Answer<axum::Json<RunView>> {
    let run = app.runs.recall(caller.tenant(), run_id(&id)?).await?;
    Ok(axum::Json(RunView::of(run.ok_or_else(|| Problem::unknown("run"))?)?))
}

/// Asks a run to stop. One that has ended stays as it is.
#[utoipa::path(post, path = "/v1/runs/{id}/cancel", tag = "runs", operation_id = "cancel-run",
    params(("id" = String, Path, description = "Its name")), responses(
    (status = 202, description = "It is asked to stop", body = RunSummary),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Answer<(axum::http::StatusCode, axum::Json<RunSummary>)> {
    let title = app.runs.cancel(caller.tenant(), run_id(&id)?).await?;
    let title = title.ok_or_else(|| Problem::unknown("run"))?;
    Ok((axum::http::StatusCode::ACCEPTED, axum::Json(title.into())))
}

/// A file that a run made.
#[utoipa::path(get, path = "/v1/runs/{id}/files/{name}", tag = "runs", operation_id = "get-run-file", params(
    ("id" = String, Path, description = "The run's name"),
    ("name" = String, Path, description = "The file's name"),
), responses(
    (status = 200, description = "Its content", content_type = "application/octet-stream"),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn file(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path((id, name)): Path<(String, String)>,
) -> Answer<Response> {
    let made = app.runs.made(caller.tenant(), run_id(&id)?, &name).await?;
    let (run, made) = made.ok_or_else(|| Problem::unknown("file"))?;
    Ok(deliver(app.files.made(&run, made)?))
}

/// What a run logged: words for the operator.
#[utoipa::path(get, path = "/v1/runs/{id}/logs", tag = "runs", operation_id = "get-run-logs",
    params(("id" = String, Path, description = "The run's name")), responses(
    (status = 200, description = "Its lines", body = RunLogs),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn logs(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Answer<axum::Json<RunLogs>> {
    let logs = app.runs.logs(caller.tenant(), run_id(&id)?).await?;
    let (lines, dropped) = logs.ok_or_else(|| Problem::unknown("run"))?;
    let lines = lines
        .into_iter()
        .map(|LogLine { level, message }| Line { level, message })
        .collect();
    Ok(axum::Json(RunLogs { lines, dropped }))
}

pub(super) fn run_id(text: &str) -> Answer<RunId> {
    let id: Uuid = text.parse().map_err(|_| Problem::unknown("run"))?;
    Ok(RunId(id))
}
