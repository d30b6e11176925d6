//! Grants and the operator's text become policies, one small set for each digest.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use cedar_policy::{
    Effect, EntityId, EntityTypeName, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint, Schema,
    ValidationMode, Validator,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::attributes::{Attribute, SCHEMA, named};
use super::{Grant, PolicyError, resource_id};
use crate::call::http::canonical_path;

/// A tenant's policies.
#[derive(Clone)]
pub(super) struct Slices {
    pub(super) set: String,
    by_digest: BTreeMap<String, Arc<Slice>>,
}

/// What can concern the calls of one digest.
pub(super) struct Slice {
    pub(super) policies: PolicySet,
    pub(super) asking: BTreeSet<PolicyId>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) principal: EntityUid,
    pub(super) set: String,
}

/// How the names of policies that grants became begin. An operator's begin with [`OPERATOR`].
pub(super) const GRANT: &str = "grant/";
const OPERATOR: &str = "operator/";

impl Slices {
    pub(super) fn compile(grants: &[Grant], text: &str) -> Result<Self, PolicyError> {
        let set = name(grants, text);
        let operator = operator(text)?;
        let mut by_skill: BTreeMap<(&str, &str), Vec<Policy>> = BTreeMap::new();
        for (place, grant) in grants.iter().enumerate() {
            let policy = policy(place, grant)?;
            by_skill.entry((&grant.digest, &grant.skill)).or_default().push(policy);
        }
        let mut by_digest = BTreeMap::new();
        for ((digest, skill), granted) in by_skill {
            let slice = Slice::of(skill, granted, &operator, &set)?;
            by_digest.insert(digest.to_owned(), Arc::new(slice));
        }
        Ok(Self { set, by_digest })
    }

    pub(super) fn of(&self, digest: &str) -> Option<&Slice> {
        self.by_digest.get(digest).map(Arc::as_ref)
    }
}

impl Slice {
    fn of(skill: &str, granted: Vec<Policy>, operator: &[Policy], set: &str) -> Result<Self, PolicyError> {
        let principal = entity("Skill", skill)?;
        let concerning = operator.iter().filter(|policy| concerns(policy, &principal)).cloned();
        let policies: Vec<Policy> = granted.into_iter().chain(concerning).collect();
        let asking = policies
            .iter()
            .filter(|policy| asks(policy))
            .map(|policy| policy.id().clone());
        Ok(Self {
            asking: asking.collect(),
            attributes: named(&policies),
            principal,
            set: set.to_owned(),
            policies: PolicySet::from_policies(policies).map_err(|error| PolicyError::Text(error.to_string()))?,
        })
    }
}

/// Whether a policy can match this skill at all.
fn concerns(policy: &Policy, skill: &EntityUid) -> bool {
    match policy.principal_constraint() {
        PrincipalConstraint::Eq(named) => named == *skill,
        _ => true,
    }
}

fn asks(policy: &Policy) -> bool {
    policy.effect() == Effect::Permit && policy.annotation("ask").is_some()
}

/// An entity of policies.
pub(super) fn entity(kind: &'static str, id: &str) -> Result<EntityUid, PolicyError> {
    let kind = EntityTypeName::from_str(kind).map_err(|error| PolicyError::Text(error.to_string()))?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

/// The name of a set: what was in force can be found again by it.
fn name(grants: &[Grant], text: &str) -> String {
    let mut hash = Sha256::new();
    for grant in grants {
        hash.update(format!("{grant:?}\n"));
    }
    hash.update(text);
    hex::encode(hash.finalize().get(..8).unwrap_or_default())
}

/// A grant as a policy. It is made as JSON, so that no name in it can be read as Cedar.
fn policy(place: usize, grant: &Grant) -> Result<Policy, PolicyError> {
    let resource = resource_id(&grant.binding);
    let annotations = if grant.ask { json!({"ask": "always"}) } else { json!({}) };
    let policy = json!({
        "effect": "permit",
        "principal": {"op": "==", "entity": {"type": "Skill", "id": grant.skill}},
        "action": {"op": "==", "entity": {"type": "Action", "id": grant.binding.kind}},
        "resource": {"op": "==", "entity": {"type": "Binding", "id": resource}},
        "conditions": conditions(grant)?,
        "annotations": annotations,
    });
    let id = PolicyId::new(format!("{GRANT}{}/{resource}/{place}", grant.approval));
    Policy::from_json(Some(id), policy).map_err(|error| PolicyError::Text(error.to_string()))
}

fn conditions(grant: &Grant) -> Result<Vec<Value>, PolicyError> {
    let wrong = |part: &str| PolicyError::Grant {
        approval: grant.approval.clone(),
        binding: grant.binding.clone(),
        part: part.to_owned(),
    };
    let methods = grant.methods.iter().map(|method| {
        let named = method.bytes().all(|byte| byte.is_ascii_uppercase()) && !method.is_empty();
        if named {
            Ok(equals("method", method))
        } else {
            Err(wrong(method))
        }
    });
    let paths = grant.paths.iter().map(|path| below(path).ok_or_else(|| wrong(path)));
    let methods = methods.collect::<Result<Vec<_>, _>>()?;
    let paths = paths.collect::<Result<Vec<_>, _>>()?;
    let wanted = [any(methods), any(paths)].into_iter().flatten();
    Ok(wanted.map(|body| json!({"kind": "when", "body": body})).collect())
}

fn context(attribute: &str) -> Value {
    json!({".": {"left": {"Var": "context"}, "attr": attribute}})
}

fn equals(attribute: &str, value: &str) -> Value {
    json!({"==": {"left": context(attribute), "right": {"Value": value}}})
}

/// A path and everything below it: `/a` is not above `/ab`.
fn below(prefix: &str) -> Option<Value> {
    let path = canonical_path(prefix)?;
    let start = format!("{}/", path.trim_end_matches('/'));
    let like = json!({"like": {"left": context("path"), "pattern": [{"Literal": start}, "Wildcard"]}});
    let itself = equals("path", &path);
    Some(json!({"||": {"left": itself, "right": like}}))
}

fn any(choices: Vec<Value>) -> Option<Value> {
    choices
        .into_iter()
        .reduce(|left, right| json!({"||": {"left": left, "right": right}}))
}

/// The operator's policies, each checked against what a call is.
fn operator(text: &str) -> Result<Vec<Policy>, PolicyError> {
    let unreadable = |error: String| PolicyError::Text(error);
    let parsed = PolicySet::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    if let Some(template) = parsed.templates().next() {
        return Err(unreadable(format!(
            "`{}` is a template; write the policy out",
            template.id()
        )));
    }
    let checked = Validator::new(schema()?).validate(&parsed, ValidationMode::Strict);
    if let Some(error) = checked.validation_errors().next() {
        return Err(unreadable(error.to_string()));
    }
    let mut seen = BTreeSet::new();
    parsed.policies().map(|policy| operators(policy, &mut seen)).collect()
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
