//! Artifacts that are looked at before they are approved.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use jiff::Timestamp;
use registry::Tenant;
use registry::ledger::{Grants, Signed};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Json;
use super::grants::{GrantsBody, LimitsBody};
use super::problem::{Answer, ProblemBody};
use super::skills::ToolView;
use crate::skills::{self, Warning};
use crate::token::Caller;

/// An artifact to be looked at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewInspection {
    /// `host[:port]/[path/]namespace/name[:tag][@sha256:digest]`; without a host, in this host's own registry.
    reference: String,
    /// What it would be granted: the answer then says what that does not cover.
    grants: Option<GrantsBody>,
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
    /// Since when the host knows that key.
    #[schema(value_type = String, format = DateTime)]
    key_added: Timestamp,
    /// Everything that was said of it and counted, such as a bill of materials: each a type, and the key that signed it.
    statements: Vec<StatementView>,
    /// Until when its signature is a reason for approvals; what is approved by then runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Timestamp>,
    /// One sentence.
    summary: String,
    /// An SPDX licence expression.
    license: String,
    /// Where its source is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// What to look at twice.
    warnings: Vec<WarningView>,
    /// What is new beside what the tenant approved before under this name, where it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<DifferenceView>,
    /// Its tools.
    tools: Vec<ToolView>,
    /// What it asks for.
    bindings: Vec<AskedBinding>,
    /// A sentence for everything that it asks for and the grants do not cover, where grants were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_covered: Option<Vec<String>>,
    /// Limits that it asks for.
    limits: LimitsBody,
    /// What the component imports.
    imports: Vec<String>,
    /// The types that it imports and exports.
    wit: String,
    /// `SKILL.md`, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<String>,
    /// The size of the component, in bytes.
    size: u64,
}

/// One thing that was said of an artifact.
#[derive(Serialize, ToSchema)]
#[schema(as = Statement)]
pub(super) struct StatementView {
    /// The type of what is said.
    statement: String,
    /// The fingerprint of the key that signed it.
    key: String,
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

/// Something to look at twice.
#[derive(Serialize, ToSchema)]
#[schema(as = Warning)]
pub(super) struct WarningView {
    /// What to branch on.
    code: &'static str,
    /// The same in words.
    words: String,
}

/// What is new beside what was approved before.
#[derive(Serialize, ToSchema)]
#[schema(as = Difference)]
pub(super) struct DifferenceView {
    /// The version that was approved before.
    version: String,
    /// Its digest.
    digest: String,
    /// When it was approved.
    #[schema(value_type = String, format = DateTime)]
    approved: Timestamp,
    /// Whether the tenant runs it now.
    runs: bool,
    /// What is new; nothing where the two are alike.
    changes: Vec<ChangeView>,
}

/// One thing that is new.
#[derive(Serialize, ToSchema)]
#[schema(as = Change)]
pub(super) struct ChangeView {
    /// What to branch on.
    code: &'static str,
    /// The same in words.
    words: String,
    /// What it was, where words are too short for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl From<&Signed> for StatementView {
    fn from(signed: &Signed) -> Self {
        Self {
            statement: signed.statement.clone(),
            key: signed.key.to_string(),
        }
    }
}

impl From<Warning> for WarningView {
    fn from(Warning { code, words }: Warning) -> Self {
        Self { code, words }
    }
}

impl WarningView {
    /// That an artifact cannot be read as it was approved.
    pub(super) fn of(error: &registry::Error) -> Self {
        Self {
            code: error.code().as_str(),
            words: error.told().to_owned(),
        }
    }
}

impl From<skills::Change> for ChangeView {
    fn from(change: skills::Change) -> Self {
        let skills::Change {
            code,
            words,
            before,
            after,
        } = change;
        Self {
            code,
            words,
            before,
            after,
        }
    }
}

impl From<skills::Difference> for DifferenceView {
    fn from(difference: skills::Difference) -> Self {
        Self {
            version: difference.before.version.to_string(),
            digest: difference.before.digest.to_string(),
            approved: difference.before.at,
            runs: difference.runs,
            changes: difference.changes.into_iter().map(ChangeView::from).collect(),
        }
    }
}

impl From<skills::Inspection> for Inspection {
    fn from(seen: skills::Inspection) -> Self {
        let declaration = seen.verified.declaration();
        let said = seen.described;
        let bindings = said.bindings.into_iter().map(|asked| AskedBinding {
            kind: asked.kind.to_string(),
            name: asked.name.to_string(),
            reason: asked.reason,
        });
        Self {
            skill: declaration.manifest().skill.name.to_string(),
            version: said.version.to_string(),
            digest: seen.verified.pulled().digest().to_string(),
            publisher: seen.verified.publisher().to_string(),
            key: seen.verified.key().to_string(),
            key_added: seen.key_added,
            statements: seen.verified.signed().iter().map(StatementView::from).collect(),
            expires: said.expires,
            summary: said.summary,
            license: said.license,
            source: said.source,
            warnings: seen.warnings.into_iter().map(WarningView::from).collect(),
            difference: seen.difference.map(DifferenceView::from),
            tools: said.tools.iter().map(ToolView::from).collect(),
            bindings: bindings.collect(),
            not_covered: seen.not_covered,
            limits: said.limits.into(),
            imports: said.imports,
            wit: declaration.wit().to_owned(),
            instructions: said.instructions,
            size: said.size,
        }
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
    Extension(caller): Extension<Arc<Caller>>,
    Json(new): Json<NewInspection>,
) -> Answer<axum::Json<Inspection>> {
    let reference = app.reference(&new.reference)?;
    let grants = new.grants.map(Grants::from);
    let mut seen = app.skills.inspect(caller.tenant(), &reference, grants.as_ref()).await?;
    seen.warnings
        .extend(unconfigured(&app, caller.tenant(), &grants.unwrap_or_default()));
    Ok(axum::Json(seen.into()))
}

/// Bindings that would be granted and that nobody configured: every call would be refused.
fn unconfigured(app: &App, tenant: &Tenant, grants: &Grants) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = Vec::new();
    for grant in &grants.bindings {
        let binding = gate::Binding {
            kind: grant.kind.to_string(),
            name: grant.name.to_string(),
        };
        if app.outside.bindings.find(tenant.as_str(), &binding).is_none() {
            let words = format!("{binding} is not configured: every call on it is refused until the operator does so");
            warnings.push(Warning {
                code: "binding-unconfigured",
                words,
            });
        }
    }
    warnings.dedup();
    warnings
}
