//! Grants and the operator's text become policies.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::OnceLock;

use cedar_policy::{
    ActionConstraint, Effect, EntityId, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint,
    ResourceConstraint, Schema, ValidationMode, Validator,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::attributes::SCHEMA;
use super::part::Scope;
use super::{Grant, PolicyError};
use crate::call::http::canonical_path;

/// How the names of policies that grants became begin, and of an operator's.
const GRANT: &str = "grant/";
const OPERATOR: &str = "operator/";

/// Whether a policy can match what this skill does on this binding at all.
pub(super) fn concerns(policy: &Policy, scope: &Scope) -> bool {
    let skill = match policy.principal_constraint() {
        PrincipalConstraint::Eq(named) => named == scope.principal,
        _ => true,
    };
    let binding = match policy.resource_constraint() {
        ResourceConstraint::Eq(named) => named == scope.resource,
        _ => true,
    };
    let action = match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(named) => named == scope.action,
        ActionConstraint::In(named) => named.contains(&scope.action),
    };
    skill && binding && action
}

pub(super) fn asks(policy: &Policy) -> bool {
    policy.effect() == Effect::Permit && policy.annotation("ask").is_some()
}

/// An entity of policies.
pub(super) fn entity(kind: &'static str, id: &str) -> Result<EntityUid, PolicyError> {
    let kind = EntityTypeName::from_str(kind).map_err(|error| PolicyError::Text(error.to_string()))?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

/// The name of a set: what was in force can be found again by it.
pub(super) fn name(grants: &[Grant], text: &str) -> String {
    let mut hash = Sha256::new();
    for grant in grants {
        hash.update(format!("{grant:?}\n"));
    }
    hash.update(text);
    hex::encode(hash.finalize().get(..8).unwrap_or_default())
}

/// A grant as a policy. It is made as JSON, so that no name in it can be read as Cedar. It stands only in slices of its
/// own skill and binding, so it does not name them: Cedar would compare them again for each policy of the slice.
pub(super) fn policy(place: usize, grant: &Grant) -> Result<Policy, PolicyError> {
    let annotations = if grant.ask { json!({"ask": "always"}) } else { json!({}) };
    let id = format!(
        "{GRANT}{}/{}/{}/{place}",
        grant.approval, grant.binding.kind, grant.binding.name
    );
    permit(Some(PolicyId::new(id)), condition(grant)?, &annotations)
}

/// A policy that permits whatever this condition holds for, or everything without one.
pub(super) fn permit(
    id: Option<PolicyId>,
    condition: Option<Value>,
    annotations: &Value,
) -> Result<Policy, PolicyError> {
    let conditions: Vec<Value> = condition
        .into_iter()
        .map(|body| json!({"kind": "when", "body": body}))
        .collect();
    let policy = json!({
        "effect": "permit",
        "principal": {"op": "All"},
        "action": {"op": "All"},
        "resource": {"op": "All"},
        "conditions": conditions,
        "annotations": annotations,
    });
    Policy::from_json(id, policy).map_err(|error| PolicyError::Text(error.to_string()))
}

fn condition(grant: &Grant) -> Result<Option<Value>, PolicyError> {
    let wrong = |part: &str| PolicyError::Grant {
        approval: grant.approval.clone(),
        binding: grant.binding.clone(),
        part: part.to_owned(),
    };
    let methods = grant.methods.iter().map(|method| {
        let named = method.bytes().all(|byte| byte.is_ascii_uppercase()) && !method.is_empty();
        if named {
            Ok(is_method(method))
        } else {
            Err(wrong(method))
        }
    });
    let paths = grant.paths.iter().map(|path| within(path).ok_or_else(|| wrong(path)));
    let methods = methods.collect::<Result<Vec<_>, _>>()?;
    let paths = paths.collect::<Result<Vec<_>, _>>()?;
    // The path first: of many grants on a binding it tells most apart.
    Ok(both(any(paths), any(methods)))
}

fn context(attribute: &str) -> Value {
    json!({".": {"left": {"Var": "context"}, "attr": attribute}})
}

fn is_method(method: &str) -> Value {
    json!({"==": {"left": context("method"), "right": {"Value": method}}})
}

/// How the fact `within` begins of a path and of everything below it; nothing for what no call can have.
pub(super) fn start(path: &str) -> Option<String> {
    canonical_path(path).map(|path| ended(&path))
}

/// With a slash at its end, whether it has one or not.
pub(super) fn ended(path: &str) -> String {
    format!("{}/", path.trim_end_matches('/'))
}

/// A path and everything below it: `/a` is not above `/ab`.
fn within(prefix: &str) -> Option<Value> {
    let start = start(prefix)?;
    Some(json!({"like": {"left": context("within"), "pattern": [{"Literal": start}, "Wildcard"]}}))
}

/// A tree and no chain, so that many choices do not nest deep.
pub(super) fn any(mut choices: Vec<Value>) -> Option<Value> {
    while choices.len() > 1 {
        choices = choices.chunks(2).map(either).collect();
    }
    choices.pop()
}

fn either(choices: &[Value]) -> Value {
    match choices {
        [left, right] => json!({"||": {"left": left, "right": right}}),
        one => one.first().cloned().unwrap_or_default(),
    }
}

pub(super) fn both(left: Option<Value>, right: Option<Value>) -> Option<Value> {
    match (left, right) {
        (Some(left), Some(right)) => Some(json!({"&&": {"left": left, "right": right}})),
        (one, other) => one.or(other),
    }
}

/// The operator's policies, each checked against what a call is.
pub(super) fn operator(text: &str) -> Result<Vec<Policy>, PolicyError> {
    let unreadable = |error: String| PolicyError::Text(error);
    let parsed = PolicySet::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    if let Some(template) = parsed.templates().next() {
        return Err(unreadable(format!(
            "`{}` is a template; write the policy out",
            template.id()
        )));
    }
    let checked = Validator::new(schema()?).validate(&parsed, ValidationMode::Strict);
    // Cedar gives them in no order, and the same text is to be refused in the same words.
    if let Some(error) = checked.validation_errors().map(ToString::to_string).min() {
        return Err(unreadable(advised(&error)));
    }
    let mut seen = BTreeSet::new();
    parsed.policies().map(|policy| operators(policy, &mut seen)).collect()
}

/// Cedar asks of a policy for every kind of call that each has what the policy names.
fn advised(error: &str) -> String {
    if error.contains("in context for Action::") {
        format!("{error}; scope the policy to the calls that have it, such as `action == Action::\"http\"`")
    } else {
        error.to_owned()
    }
}

fn operators(policy: &Policy, seen: &mut BTreeSet<String>) -> Result<Policy, PolicyError> {
    let name = policy
        .annotation("id")
        .map_or_else(|| policy.id().to_string(), str::to_owned);
    if policy.effect() == Effect::Permit && policy.annotation("ask").is_none() {
        return Err(PolicyError::Permits(name));
    }
    if !seen.insert(name.clone()) {
        return Err(PolicyError::Repeated(name));
    }
    Ok(policy.new_id(PolicyId::new(format!("{OPERATOR}{name}"))))
}

fn schema() -> Result<Schema, PolicyError> {
    static PARSED: OnceLock<Schema> = OnceLock::new();
    if let Some(schema) = PARSED.get() {
        return Ok(schema.clone());
    }
    let (schema, _warnings) =
        Schema::from_cedarschema_str(SCHEMA).map_err(|error| PolicyError::Text(error.to_string()))?;
    Ok(PARSED.get_or_init(|| schema).clone())
}
