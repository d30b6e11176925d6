//! One decision.

use std::sync::LazyLock;

use cedar_policy::{Authorizer, Context, Entities, PolicyId, Request};

use super::compile::GRANT;
use super::slice::Slice;
use super::{Decision, PolicyError, Ruling};
use crate::call::{Action, Binding, Effect};
use crate::run::About;

/// What is asked of the policies.
pub(crate) struct Question<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) digest: &'a str,
    pub(crate) skill: &'a str,
    pub(crate) tool: &'a str,
    pub(crate) by: &'a str,
    pub(crate) binding: &'a Binding,
    pub(crate) effect: Effect,
    pub(crate) action: &'a Action,
}

static AUTHORIZER: LazyLock<Authorizer> = LazyLock::new(Authorizer::new);
static NO_ENTITIES: LazyLock<Entities> = LazyLock::new(Entities::empty);

impl<'a> Question<'a> {
    pub(crate) fn new(about: &'a About, binding: &'a Binding, effect: Effect, action: &'a Action) -> Self {
        Self {
            tenant: &about.key.tenant,
            digest: &about.digest,
            skill: &about.skill,
            tool: &about.tool,
            by: &about.by,
            binding,
            effect,
            action,
        }
    }
}

/// Skill, action and binding are those of the slice, so where nothing else is asked of a call, all are decided alike.
pub(super) fn judge(slice: &Slice, question: &Question<'_>) -> Decision {
    match slice.attributes.is_empty() {
        true => slice.always.get_or_init(|| decide(slice, question)).clone(),
        false => decide(slice, question),
    }
}

fn decide(slice: &Slice, question: &Question<'_>) -> Decision {
    let broken = |kept: String| Decision {
        ruling: Ruling::Broken,
        policies: Vec::new(),
        set: slice.set.clone(),
        kept: Some(kept),
    };
    let request = match request(slice, question) {
        Ok(request) => request,
        Err(error) => return broken(error.to_string()),
    };
    let response = AUTHORIZER.is_authorized(&request, &slice.policies, &NO_ENTITIES);
    // Cedar leaves a policy out that fails; one left out may be the one that forbids.
    if let Some(error) = response.diagnostics().errors().next() {
        return broken(error.to_string());
    }
    let reasons: Vec<&PolicyId> = response.diagnostics().reason().collect();
    let mut policies: Vec<String> = reasons
        .iter()
        .map(|policy| AsRef::<str>::as_ref(policy).to_owned())
        .collect();
    policies.sort_unstable();
    let granted = policies.iter().any(|policy| policy.starts_with(GRANT));
    let ruling = match response.decision() {
        cedar_policy::Decision::Deny if policies.is_empty() => Ruling::NotGranted,
        cedar_policy::Decision::Deny => Ruling::Forbidden,
        cedar_policy::Decision::Allow if granted => Ruling::Allowed {
            ask: reasons.iter().any(|policy| slice.asking.contains(policy)),
        },
        // What an operator asks a person about is still to be granted.
        cedar_policy::Decision::Allow => Ruling::NotGranted,
    };
    Decision {
        ruling,
        policies,
        set: slice.set.clone(),
        kept: None,
    }
}

fn request(slice: &Slice, question: &Question<'_>) -> Result<Request, PolicyError> {
    let unfit = |error: String| PolicyError::Text(error);
    let facts = slice
        .attributes
        .iter()
        .filter_map(|attribute| Some((attribute.name().to_owned(), attribute.of(question)?)));
    let context = Context::from_pairs(facts).map_err(|error| unfit(error.to_string()))?;
    let (principal, action, resource) = (slice.principal.clone(), slice.action.clone(), slice.resource.clone());
    Request::new(principal, action, resource, context, None).map_err(|error| unfit(error.to_string()))
}
