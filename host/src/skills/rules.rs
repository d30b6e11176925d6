//! Who may approve what, beyond the role: what an operator may ask of the approvers of a tenant.

mod settings;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use registry::ledger::{Grant, Grants, State};
use registry::{SkillName, Tenant};

use super::inspection::Warning;
use crate::binding::TenantSettings;
use crate::token::Caller;

pub use settings::{ApprovalSettings, BindingName, Danger, RuleOfTwo};

/// The rules of every tenant. Where nothing is said, whoever has the role approves.
#[derive(Clone, Debug, Default)]
pub struct Rules(BTreeMap<Tenant, ApprovalSettings>);

/// What a rule makes of grants that somebody chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruled {
    /// They hold as they are.
    Holds,
    /// They hold when a second person agrees.
    NeedsTwo,
    /// They hold like this: a person is asked before each call that changes something.
    Asks(Grants),
}

/// Methods that change nothing (RFC 9110, 9.2.1).
const SAFE: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

impl Rules {
    /// What is configured.
    pub fn new(settings: &BTreeMap<Tenant, TenantSettings>) -> Self {
        let rules = settings.iter();
        Self(
            rules
                .map(|(tenant, settings)| (tenant.clone(), settings.approval.clone()))
                .collect(),
        )
    }

    /// Whether the caller would approve what it publishes itself, where that is not allowed.
    pub fn is_own(&self, state: &State, caller: &Caller, name: &SkillName) -> bool {
        let forbidden = self
            .0
            .get(caller.tenant())
            .is_some_and(|rules| rules.publisher_may_not_approve);
        let owner = state.owner(name.namespace()).map(|owner| &owner.name);
        forbidden && owner.is_some() && owner == caller.publisher()
    }

    /// What the rule of two makes of grants.
    pub fn judge(&self, tenant: &Tenant, grants: &Grants) -> Ruled {
        let Some(rules) = self.0.get(tenant) else {
            return Ruled::Holds;
        };
        let Some(rule) = rules.rule_of_two else {
            return Ruled::Holds;
        };
        let dangers: BTreeSet<_> = grants.bindings.iter().flat_map(|grant| dangers(rules, grant)).collect();
        match rule {
            _ if dangers.len() < Danger::ALL.len() => Ruled::Holds,
            RuleOfTwo::TwoPeople => Ruled::NeedsTwo,
            RuleOfTwo::Ask => {
                let mut asking = Grants {
                    bindings: Vec::new(),
                    ..grants.clone()
                };
                for grant in &grants.bindings {
                    let mut grant = grant.clone();
                    grant.ask |= dangers_of(rules, &grant).contains(&Danger::ExternalEffects);
                    // One that asked already may stand beside it.
                    if !asking.bindings.contains(&grant) {
                        asking.bindings.push(grant);
                    }
                }
                Ruled::Asks(asking)
            }
        }
    }

    /// The same in words, for whoever is about to approve.
    pub(super) fn warning(&self, tenant: &Tenant, grants: &Grants) -> Option<Warning> {
        let then = match self.judge(tenant, grants) {
            Ruled::Holds => return None,
            Ruled::NeedsTwo => "a second person must approve the same, or grant with `ask` what changes something",
            Ruled::Asks(_) => "a person will be asked before each call that changes something",
        };
        Some(Warning {
            code: "rule-of-two",
            words: format!("these grants combine untrusted input, private data and external effects: {then}"),
        })
    }
}

/// What a grant adds. Before each call of one that asks, a person looks: such effects are no danger of the combination.
fn dangers(rules: &ApprovalSettings, grant: &Grant) -> BTreeSet<Danger> {
    let mut dangers = dangers_of(rules, grant);
    if grant.ask {
        dangers.remove(&Danger::ExternalEffects);
    }
    dangers
}

/// What a grant's binding brings, as far as its methods go. A binding of which nothing is said brings all.
fn dangers_of(rules: &ApprovalSettings, grant: &Grant) -> BTreeSet<Danger> {
    let mut dangers = rules
        .bindings
        .get(&BindingName::of(grant))
        .cloned()
        .unwrap_or_else(|| Danger::ALL.into());
    let only_reads = !grant.methods.is_empty() && grant.methods.iter().all(|method| SAFE.contains(&method.as_str()));
    if only_reads {
        dangers.remove(&Danger::ExternalEffects);
    }
    dangers
}
