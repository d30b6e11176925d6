//! Policies that are evaluated together, and what they say of a call.

use std::collections::BTreeSet;
use std::sync::{LazyLock, OnceLock};

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, Policy, PolicyId, PolicySet, Request};

use super::attributes::{Attribute, named};
use super::judge::Question;
use super::sieve::sieve;
use super::{PolicyError, compile};
use crate::call::Binding;

/// Whom and what the calls of a slice have in common.
pub(super) struct Scope {
    pub(super) principal: EntityUid,
    pub(super) resource: EntityUid,
    pub(super) action: EntityUid,
    pub(super) set: String,
}

/// Policies that are evaluated together, all of grants or all of the operator.
pub(super) struct Part {
    policies: PolicySet,
    /// Where it does not hold, none of them says anything.
    sieve: Option<PolicySet>,
    asking: BTreeSet<PolicyId>,
    /// What they name of a call.
    attributes: Vec<Attribute>,
    /// Whether they name only what all calls have in common that are put before them.
    alike: bool,
    /// What they say of every call, where all are alike.
    always: OnceLock<Verdict>,
}

/// What a part says of a call.
#[derive(Clone)]
pub(super) enum Verdict {
    /// These permit it, perhaps none.
    Permitted { by: Vec<String>, ask: bool },
    /// These forbid it.
    Forbidden { by: Vec<String> },
    /// One cannot be evaluated: what only the operator's log may hold.
    Broken { kept: String },
}

static AUTHORIZER: LazyLock<Authorizer> = LazyLock::new(Authorizer::new);
static NO_ENTITIES: LazyLock<Entities> = LazyLock::new(Entities::empty);

impl Scope {
    pub(super) fn new(skill: &str, binding: &Binding, set: &str) -> Result<Self, PolicyError> {
        Ok(Self {
            principal: compile::entity("Skill", skill)?,
            resource: compile::entity("Binding", &format!("{}/{}", binding.kind, binding.name))?,
            action: compile::entity("Action", &binding.kind)?,
            set: set.to_owned(),
        })
    }
}

impl Part {
    /// `settled` are the facts in which the calls do not differ that will be put before these policies.
    pub(super) fn of<'a>(
        policies: impl IntoIterator<Item = &'a Policy>,
        settled: &[Attribute],
    ) -> Result<Self, PolicyError> {
        let policies: Vec<&Policy> = policies.into_iter().collect();
        let attributes = named(policies.iter().copied());
        let alike = attributes.iter().all(|attribute| settled.contains(attribute));
        let asking = policies.iter().filter(|policy| compile::asks(policy));
        Ok(Self {
            asking: asking.map(|policy| policy.id().clone()).collect(),
            alike,
            attributes,
            sieve: if alike { None } else { sieve(&policies)? },
            policies: PolicySet::from_policies(policies.into_iter().cloned())
                .map_err(|error| PolicyError::Text(error.to_string()))?,
            always: OnceLock::new(),
        })
    }

    pub(super) fn verdict(&self, scope: &Scope, question: &Question<'_>) -> Verdict {
        match self.alike {
            true => self.always.get_or_init(|| self.evaluate(scope, question)).clone(),
            false => self.evaluate(scope, question),
        }
    }

    fn evaluate(&self, scope: &Scope, question: &Question<'_>) -> Verdict {
        let request = match self.request(scope, question) {
            Ok(request) => request,
            Err(error) => {
                return Verdict::Broken {
                    kept: error.to_string(),
                };
            }
        };
        if self
            .sieve
            .as_ref()
            .is_some_and(|sieve| lets_nothing_pass(sieve, &request))
        {
            return Verdict::Permitted {
                by: Vec::new(),
                ask: false,
            };
        }
        let response = AUTHORIZER.is_authorized(&request, &self.policies, &NO_ENTITIES);
        // Cedar leaves a policy out that fails; one left out may be the one that forbids.
        if let Some(error) = response.diagnostics().errors().next() {
            return Verdict::Broken {
                kept: error.to_string(),
            };
        }
        let reasons: Vec<&PolicyId> = response.diagnostics().reason().collect();
        let mut by: Vec<String> = reasons
            .iter()
            .map(|policy| AsRef::<str>::as_ref(*policy).to_owned())
            .collect();
        by.sort_unstable();
        match response.decision() {
            Decision::Deny if !by.is_empty() => Verdict::Forbidden { by },
            _ => Verdict::Permitted {
                by,
                ask: reasons.iter().any(|policy| self.asking.contains(policy)),
            },
        }
    }

    fn request(&self, scope: &Scope, question: &Question<'_>) -> Result<Request, PolicyError> {
        let unfit = |error: String| PolicyError::Text(error);
        let facts = self
            .attributes
            .iter()
            .filter_map(|attribute| Some((attribute.name().to_owned(), attribute.of(question)?)));
        let context = Context::from_pairs(facts).map_err(|error| unfit(error.to_string()))?;
        let (principal, action, resource) = (scope.principal.clone(), scope.action.clone(), scope.resource.clone());
        Request::new(principal, action, resource, context, None).map_err(|error| unfit(error.to_string()))
    }
}

fn lets_nothing_pass(sieve: &PolicySet, request: &Request) -> bool {
    let response = AUTHORIZER.is_authorized(request, sieve, &NO_ENTITIES);
    response.decision() == Decision::Deny && response.diagnostics().errors().next().is_none()
}
