//! May this run make this call on this binding? Cedar decides; what nothing allows is refused.

mod attributes;
mod compile;
mod judge;
mod part;
mod sieve;
mod slice;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::backend::{Bound, Routes};
use crate::call::{Binding, Call, Effect};
use crate::code::Code;
use crate::journal::Event;
use crate::open::{Open, Stay};
use crate::refusal::{Refusal, Step};
use crate::run::{About, Run};
use crate::trace::step;

use judge::Question;
use slice::Slices;

/// Leave to use one binding, as an approval gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Names the approval; it stands in the journal as part of the policy's name.
    pub approval: String,
    /// The name of the skill, such as `acme/jira`.
    pub skill: String,
    /// The digest that was approved: no other has this grant.
    pub digest: String,
    /// What may be used.
    pub binding: Binding,
    /// Whether a person allows each call.
    pub ask: bool,
    /// The methods that may be used; any where none is named.
    pub methods: Vec<String>,
    /// The paths that may be used, each with everything below it; any where none is named.
    pub paths: Vec<String>,
}

/// The policies of every tenant, sliced so that a decision evaluates only what can concern it.
#[derive(Default)]
pub struct Policies(RwLock<Arc<BTreeMap<String, Slices>>>);

/// Policies that cannot come into force. Those before stay.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A grant names a method or a path that no call can have.
    #[error("the grant on {binding} of approval {approval} names `{part}`, which no call can have")]
    Grant {
        /// Of which approval.
        approval: String,
        /// On what.
        binding: Binding,
        /// What is wrong.
        part: String,
    },
    /// The operator's text does not parse, or names what does not exist.
    #[error("the policies cannot be read: {0}")]
    Text(String),
    /// The operator's text allows something.
    #[error(
        "the policy `{0}` permits; an operator's policies forbid, or permit with `@ask(\"always\")` where a person is to be asked, and approvals grant"
    )]
    Permits(String),
    /// Two of the operator's policies carry one `@id`.
    #[error("two policies are called `{0}`; give each `@id` once")]
    Repeated(String),
}

/// Proof that the policies in force allow a call.
pub(crate) struct Allowed {
    pub(crate) ask: bool,
    pub(crate) bound: Arc<Bound>,
    /// Who may carry it.
    pub(crate) routes: Routes,
}

/// What was decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What.
    pub ruling: Ruling,
    /// The policies that decided, sorted.
    pub policies: Vec<String>,
    /// Which set of policies was in force.
    pub set: String,
    /// What only the operator's log may hold.
    pub kept: Option<String>,
}

/// What policies say of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// It may be made.
    Allowed {
        /// After a person allowed it.
        ask: bool,
    },
    /// No grant covers it.
    NotGranted,
    /// A policy of the operator is against it.
    Forbidden,
    /// A policy could not be evaluated, so nothing is allowed.
    Broken,
}

impl Policies {
    /// Puts these in place of all that the tenant had: what its approvals grant, and what its operator wrote. Decisions
    /// under way keep what they found. Returns the name of the set, which stands in the journal with each decision.
    ///
    /// # Errors
    /// [`PolicyError`], and then nothing has changed.
    pub fn replace(&self, tenant: &str, grants: &[Grant], operator: &str) -> Result<String, PolicyError> {
        let slices = Slices::compile(grants, operator)?;
        let set = slices.set.clone();
        let mut tenants = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut tenants).insert(tenant.to_owned(), slices);
        Ok(set)
    }

    /// What the policies in force say of a call: for whoever wants to know before it is made. Nothing is recorded.
    pub fn explain(&self, about: &About, effect: Effect, call: &Call) -> Decision {
        self.decide(&Question::new(about, &call.binding(), effect, &call.action))
    }

    /// Judges a call, and records what was decided.
    pub(crate) fn judge(&self, run: &mut Run, open: &Open) -> Result<Allowed, Stay> {
        step("policy");
        let decision = self.decide(&Question::new(
            run.about(),
            &open.binding,
            open.effect,
            &open.call.action,
        ));
        let ruling = decision.ruling;
        let named = decision.policies.join(", ");
        let event = Event::Judged {
            allowed: matches!(ruling, Ruling::Allowed { .. }),
            ask: ruling == Ruling::Allowed { ask: true },
            policies: decision.policies,
            set: decision.set,
        };
        run.note(open.call.number, event);
        match ruling {
            Ruling::Allowed { ask } => {
                let (bound, routes) = usable(open)?;
                Ok(Allowed { ask, bound, routes })
            }
            _ => Err(refused(ruling, open, &named).keep(decision.kept).into()),
        }
    }

    pub(crate) fn decide(&self, question: &Question<'_>) -> Decision {
        let tenants = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        let slices = tenants.get(question.tenant);
        let Some(slice) = slices.and_then(|slices| slices.of(question)) else {
            return Decision {
                ruling: Ruling::NotGranted,
                policies: Vec::new(),
                set: slices.map(|slices| slices.set.clone()).unwrap_or_default(),
                kept: None,
            };
        };
        judge::judge(&slice, question)
    }
}

/// The binding itself says who may set its headers and who may carry its calls; that is asked of a call that is granted
/// only.
fn usable(open: &Open) -> Result<(Arc<Bound>, Routes), Refusal> {
    let refuse = |code, told: String| Refusal::new(Step::Policy, code, told);
    let Some(bound) = &open.bound else {
        let told = format!(
            "{} is granted and not configured; ask the operator to configure it",
            open.binding
        );
        return Err(refuse(Code::BINDING_UNKNOWN, told));
    };
    if let Some(header) = bound.owned(&open.call.action) {
        let told = format!("the header {header} is set by {}; leave it out", open.binding);
        return Err(refuse(Code::HEADER_OWNED, told));
    }
    let routes = bound.carriers.routes(&open.call.action);
    let routes = routes.map_err(|unroutable| refuse(unroutable.code, unroutable.told))?;
    Ok((Arc::clone(bound), routes))
}

fn refused(ruling: Ruling, open: &Open, named: &str) -> Refusal {
    let binding = &open.binding;
    let (code, told) = match ruling {
        Ruling::Forbidden => {
            let told = format!("the operator's policies forbid this call on {binding} ({named}); ask the operator");
            (Code::FORBIDDEN, told)
        }
        Ruling::Broken => {
            let told = format!("a policy that concerns {binding} cannot be evaluated; ask the operator to correct it");
            (Code::POLICY_BROKEN, told)
        }
        Ruling::NotGranted | Ruling::Allowed { .. } => {
            let told = format!(
                "the approval of this skill grants no such call on {binding}; ask an administrator to approve it with a grant that does"
            );
            (Code::NOT_GRANTED, told)
        }
    };
    Refusal::new(Step::Policy, code, told)
}

impl std::fmt::Debug for Allowed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Allowed")
            .field("ask", &self.ask)
            .finish_non_exhaustive()
    }
}
