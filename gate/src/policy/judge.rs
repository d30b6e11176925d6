//! One decision.

use std::sync::LazyLock;

use cedar_policy::{Authorizer, Context, Decision, Entities, PolicyId, Request};

use super::compile::{GRANT, Slice, entity};
use super::{PolicyError, Ruling, Verdict, resource_id};
use crate::call::http::HttpCall;
use crate::call::{Action, Binding, Effect};
use crate::open::Open;
use crate::run::About;

/// What is asked of the policies.
pub(crate) struct Question<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) digest: &'a str,
    pub(crate) tool: &'a str,
    pub(crate) by: &'a str,
    pub(crate) binding: &'a Binding,
    pub(crate) effect: Effect,
    pub(crate) action: &'a Action,
}

static AUTHORIZER: LazyLock<Authorizer> = LazyLock::new(Authorizer::new);
static NO_ENTITIES: LazyLock<Entities> = LazyLock::new(Entities::empty);

impl<'a> Question<'a> {
    pub(crate) fn new(about: &'a About, open: &'a Open) -> Self {
        Self {
            tenant: &about.key.tenant,
            digest: &about.digest,
            tool: &about.tool,
            by: &about.by,
            binding: &open.binding,
            effect: open.effect,
            action: &open.call.action,
        }
    }

    pub(super) const fn http(&self) -> &HttpCall {
        let Action::Http(http) = self.action;
        http
    }
}

pub(super) fn judge(slice: &Slice, question: &Question<'_>) -> Verdict {
    let broken = |kept: String| Verdict {
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
    let mut policies: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    policies.sort_unstable();
    let granted = policies.iter().any(|policy| policy.starts_with(GRANT));
    let ruling = match response.decision() {
        Decision::Deny if policies.is_empty() => Ruling::NotGranted,
        Decision::Deny => Ruling::Forbidden,
        Decision::Allow if granted => Ruling::Allowed {
            ask: reasons.iter().any(|policy| slice.asking.contains(policy)),
        },
        // What an operator asks a person about is still to be granted.
        Decision::Allow => Ruling::NotGranted,
    };
    Verdict {
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
        .map(|attribute| (attribute.name().to_owned(), attribute.of(question)));
    let context = Context::from_pairs(facts).map_err(|error| unfit(error.to_string()))?;
    let action = entity("Action", question.action.kind())?;
    let resource = entity("Binding", &resource_id(question.binding))?;
    Request::new(slice.principal.clone(), action, resource, context, None).map_err(|error| unfit(error.to_string()))
}
