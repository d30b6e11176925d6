//! A tool called by an agent: JSON in, JSON out.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use registry::Digest;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::body::{self, json_bytes, strict};
use super::problem::{Answer, Problem, ProblemBody};
use super::runs::RunFile;
use super::skills::skill_name;
use crate::engine::Skill;
use crate::file::Files;
use crate::run::{Outcome, RunId, Start};
use crate::runs::{Ended, Subject};
use crate::seal;
use crate::token::Caller;

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

/// The largest JSON of a tool's arguments, in bytes.
const MOST: usize = 1 << 20;

/// Calls a tool and waits for its answer. Hanging up does not stop the run: POST /v1/runs/{id}/cancel does.
#[utoipa::path(post, path = "/v1/skills/{namespace}/{name}/tools/{tool}", tag = "skills", operation_id = "invoke",
    request_body(content = Value, description = "The arguments, as the tool's input schema says"), params(
    ("namespace" = String, Path, description = "The first part of the skill's name"),
    ("name" = String, Path, description = "The second part of the skill's name"),
    ("tool" = String, Path, description = "The tool's name"),
), responses(
    (status = 200, description = "What the tool answered", body = Invocation),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn invoke(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path((namespace, name, tool)): Path<(String, String, String)>,
    request: Request,
) -> Answer<Response> {
    let name = skill_name(&namespace, &name)?;
    let text = json_bytes(request, MOST).await?;
    let arguments = strict(&text)?;
    let (approval, skill) = app.skills.ready(caller.tenant(), &name).await?;
    let needed = skill
        .files_needed(&tool, &arguments)
        .map_err(|stop| Problem::stopped(&stop))?;
    let files = files(&app, &caller, needed).await?;
    let subject = Subject {
        skill: approval.skill,
        version: approval.version.to_string(),
        digest: approval.digest,
        tool: tool.clone(),
    };
    let work = move |id, at, cancel| async move {
        let start = Start {
            id,
            tool,
            arguments,
            files,
            at,
            bindings: Arc::default(),
            seed: seal::fresh(),
            cancel,
        };
        Skill::run(&skill, start, None).await
    };
    answer(app.runs.run(&caller, subject, text, work).await?)
}

fn answer(ended: Ended) -> Answer<Response> {
    let run = ended.title.id;
    let (value, error) = match ended.outcome {
        Outcome::Value(value) => (Some(value), None),
        Outcome::ToolError(error) => (None, Some(error)),
        // Nothing ran, so there is no run to name.
        Outcome::Refused(stop) => return Err(Problem::stopped(&stop)),
        Outcome::Stopped(stop) => return Err(Problem::stopped(&stop).about(run)),
    };
    let files = ended.files.into_iter().map(|file| RunFile::of(run, file)).collect();
    let body = body::json(&Invocation {
        ok: value.is_some(),
        value,
        error,
        files,
        run,
    })?;
    Ok((
        [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        body,
    )
        .into_response())
}

/// The content of the files that the arguments name: together as large as one file may be, because all of it is in
/// memory for as long as the run.
async fn files(app: &App, caller: &Caller, needed: Vec<Digest>) -> Answer<BTreeMap<Digest, Bytes>> {
    let mut files = BTreeMap::new();
    let mut room = Files::MOST;
    for sha256 in needed {
        let found = app.files.download(caller.tenant(), sha256).await?.ok_or_else(|| {
            let detail = format!("there is no file {}: upload it with POST /v1/files first", sha256.hex());
            Problem::input("file-unknown", detail)
        })?;
        room = room.checked_sub(found.size).ok_or_else(|| {
            let detail = "the files of one call may have 64 MiB together: pass fewer, or smaller ones";
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "files-too-large", detail)
        })?;
        files.insert(sha256, found.whole().await?);
    }
    Ok(files)
}
