//! The skills that a tenant may run.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use jiff::Timestamp;
use registry::SkillName;
use registry::ledger::Approval;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::grants::GrantsBody;
use super::inspections::WarningView;
use super::problem::{Answer, Problem, ProblemBody};
use crate::skills::{Described, DescribedTool};
use crate::token::Caller;

/// The skills that the tenant may run.
#[derive(Serialize, ToSchema)]
pub(super) struct SkillList {
    /// In the order of their names.
    skills: Vec<SkillTitle>,
}

/// One of the skills that the tenant may run.
#[derive(Serialize, ToSchema)]
pub(super) struct SkillTitle {
    /// `namespace/name`.
    name: String,
    /// Its version.
    version: String,
    /// The digest of its manifest.
    digest: String,
    /// One sentence.
    summary: String,
    /// The names of its tools.
    tools: Vec<String>,
}

/// A skill that the tenant may run.
#[derive(Serialize, ToSchema)]
#[schema(as = Skill)]
pub(super) struct SkillView {
    /// `namespace/name`.
    name: String,
    /// Its version.
    version: String,
    /// One sentence.
    summary: String,
    /// An SPDX licence expression.
    license: String,
    /// Where its source is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Its tools.
    tools: Vec<ToolView>,
    /// `SKILL.md`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<String>,
    /// What it may do.
    grants: GrantsBody,
    /// What somebody should decide about. It runs on until then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<WarningView>,
    /// Where it comes from and who let it in.
    provenance: Provenance,
}

/// One typed function that a skill exports to agents.
#[derive(Serialize, ToSchema)]
#[schema(as = Tool)]
pub(super) struct ToolView {
    /// The name that agents call.
    name: String,
    /// The name that people see.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// What it does.
    description: String,
    /// It changes nothing outside.
    read_only: bool,
    /// Calling it twice with the same arguments changes no more than calling it once.
    idempotent: bool,
    /// It may overwrite or delete something outside; nothing where its author does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    destructive: Option<bool>,
    /// The schema of its arguments (JSON Schema 2020-12).
    input_schema: Value,
    /// The schema of its value (JSON Schema 2020-12).
    output_schema: Value,
    /// The schema of its own error; none where it cannot fail (JSON Schema 2020-12).
    #[serde(skip_serializing_if = "Option::is_none")]
    error_schema: Option<Value>,
}

/// Where a skill comes from and who let it in.
#[derive(Serialize, ToSchema)]
pub(super) struct Provenance {
    /// The digest of its manifest.
    digest: String,
    /// Who signed it.
    publisher: String,
    /// The fingerprint of the key that signed it.
    key: String,
    /// Who approved it: the name of a token.
    approved_by: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    approved: Timestamp,
    /// Why.
    reason: String,
}

impl From<&DescribedTool> for ToolView {
    fn from(tool: &DescribedTool) -> Self {
        Self {
            name: tool.name.clone(),
            title: tool.hints.title.clone(),
            description: tool.description.clone(),
            read_only: tool.hints.read_only,
            idempotent: tool.hints.idempotent,
            destructive: tool.hints.destructive,
            input_schema: tool.input.clone(),
            output_schema: tool.output.clone(),
            error_schema: tool.error.clone(),
        }
    }
}

impl SkillView {
    fn of(approval: Approval, described: &Described, warnings: Vec<WarningView>) -> Self {
        Self {
            name: approval.skill.to_string(),
            version: approval.version.to_string(),
            summary: described.summary.clone(),
            license: described.license.clone(),
            source: described.source.clone(),
            tools: described.tools.iter().map(ToolView::from).collect(),
            instructions: described.instructions.clone(),
            grants: approval.grants.into(),
            warnings,
            provenance: Provenance {
                digest: approval.digest.to_string(),
                publisher: approval.publisher.to_string(),
                key: approval.key.to_string(),
                approved_by: approval.by,
                approved: approval.at,
                reason: approval.reason,
            },
        }
    }
}

/// The skills that the tenant may run.
#[utoipa::path(get, path = "/v1/skills", tag = "skills", operation_id = "list-skills", responses(
    (status = 200, description = "All of them", body = SkillList),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Answer<axum::Json<SkillList>> {
    let mut skills = Vec::new();
    for approval in app.skills.all(caller.tenant()) {
        let described = app.skills.describe(&approval).await?;
        skills.push(SkillTitle {
            name: approval.skill.to_string(),
            version: approval.version.to_string(),
            digest: approval.digest.to_string(),
            summary: described.summary.clone(),
            tools: described.tools.iter().map(|tool| tool.name.clone()).collect(),
        });
    }
    Ok(axum::Json(SkillList { skills }))
}

/// One skill, with the types of its tools.
#[utoipa::path(get, path = "/v1/skills/{namespace}/{name}", tag = "skills", operation_id = "show-skill", params(
    ("namespace" = String, Path, description = "The first part of its name"),
    ("name" = String, Path, description = "The second part of its name"),
), responses(
    (status = 200, description = "It", body = SkillView),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path((namespace, name)): Path<(String, String)>,
) -> Answer<axum::Json<SkillView>> {
    let name = skill_name(&namespace, &name)?;
    let approval = app.skills.current(caller.tenant(), &name)?;
    let described = app.skills.describe(&approval).await?;
    let warnings = warnings(&app, &approval, &described).await?;
    Ok(axum::Json(SkillView::of(approval, &described, warnings)))
}

/// What somebody should decide about a skill that runs.
pub(super) async fn warnings(app: &App, approval: &Approval, described: &Described) -> Answer<Vec<WarningView>> {
    let mut warnings = app.watch.warnings(&approval.tenant, &approval.skill).await?;
    warnings.extend(described.expired(Timestamp::now()));
    Ok(warnings.into_iter().map(WarningView::from).collect())
}

/// The name of a skill in a path.
pub(super) fn skill_name(namespace: &str, name: &str) -> Answer<SkillName> {
    match (namespace.parse(), name.parse()) {
        (Ok(namespace), Ok(name)) => Ok(SkillName::new(namespace, name)),
        _ => Err(Problem::unknown("skill")),
    }
}
