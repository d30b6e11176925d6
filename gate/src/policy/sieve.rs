//! One question in place of many: whether any of some policies can say anything of a call.

use cedar_policy::{Policy, PolicySet};
use serde_json::{Value, json};

use super::PolicyError;
use super::compile::{any, both, permit};

/// One policy that holds or fails for a call where one of these holds or fails; where it does neither, none of them says
/// anything. Most calls match none of an operator's policies, and Cedar takes about as long to set about a policy as to
/// evaluate its conditions. None where it would tell nothing.
///
/// What they name of principal, action and resource is left out: it can only make them hold for fewer calls.
pub(super) fn sieve(policies: &[&Policy]) -> Result<Option<PolicySet>, PolicyError> {
    if policies.len() < 2 {
        return Ok(None);
    }
    let conditions: Option<Vec<Value>> = policies.iter().map(|policy| condition(policy)).collect();
    let Some(body) = conditions.and_then(any) else {
        return Ok(None);
    };
    let one = PolicySet::from_policies([permit(None, Some(body), &json!({}))?]);
    one.map(Some).map_err(|error| PolicyError::Text(error.to_string()))
}

/// What a policy asks of a call beyond its scope; None where it asks nothing.
fn condition(policy: &Policy) -> Option<Value> {
    let mut json = policy.to_json().ok()?;
    let conditions = json.get_mut("conditions")?.as_array_mut()?.iter_mut();
    let bodies: Vec<Value> = conditions.map(holds).collect::<Option<_>>()?;
    bodies.into_iter().map(Some).reduce(both).flatten()
}

fn holds(condition: &mut Value) -> Option<Value> {
    let body = condition.get_mut("body")?.take();
    match condition.get("kind")?.as_str()? {
        "when" => Some(body),
        "unless" => Some(json!({"!": {"arg": body}})),
        _ => None,
    }
}
