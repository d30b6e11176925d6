//! One decision.

use super::part::Verdict;
use super::slice::Slice;
use super::{Decision, Ruling};
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

/// Cedar's own rule over both parts: nothing is allowed that one forbids, and only what a grant permits. What an operator
/// asks a person about is still to be granted.
pub(super) fn judge(slice: &Slice<'_>, question: &Question<'_>) -> Decision {
    let verdicts = [slice.granted, slice.operator].map(|part| part.verdict(slice.scope, question));
    let (ruling, policies, kept) = match verdicts {
        [Verdict::Broken { kept }, _] | [_, Verdict::Broken { kept }] => (Ruling::Broken, Vec::new(), Some(kept)),
        [Verdict::Forbidden { by }, _] | [_, Verdict::Forbidden { by }] => (Ruling::Forbidden, by, None),
        [
            Verdict::Permitted { by: grants, ask },
            Verdict::Permitted {
                by: operators,
                ask: asked,
            },
        ] => {
            let ruling = match grants.is_empty() {
                true => Ruling::NotGranted,
                false => Ruling::Allowed { ask: ask || asked },
            };
            (ruling, [grants, operators].concat(), None)
        }
    };
    Decision {
        ruling,
        policies,
        set: slice.scope.set.clone(),
        kept,
    }
}
