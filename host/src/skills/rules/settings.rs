//! What an operator writes of who may approve.

use std::collections::{BTreeMap, BTreeSet};

use registry::ledger::Grant;
use registry::{Code, Error};
use serde::Deserialize;

/// What is asked of the approvers of a tenant.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ApprovalSettings {
    /// Whether the token of a publisher may not approve skills of its own namespaces.
    #[serde(default)]
    pub publisher_may_not_approve: bool,
    /// What becomes of grants that combine all three dangers.
    #[serde(default)]
    pub rule_of_two: Option<RuleOfTwo>,
    /// What each binding brings, as `kind:name`; one that is not named brings all three.
    #[serde(default)]
    pub bindings: BTreeMap<BindingName, BTreeSet<Danger>>,
}

/// A binding as grants name it: `kind:name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct BindingName(String);

impl BindingName {
    /// The binding of a grant.
    pub(super) fn of(grant: &Grant) -> Self {
        Self(Grant::new(grant.kind.clone(), grant.name.clone()).to_string())
    }
}

impl TryFrom<String> for BindingName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        let grant: Grant = text.parse()?;
        if grant != Grant::new(grant.kind.clone(), grant.name.clone()) {
            let told = format!("`{text}` is a grant: name the binding alone, as kind:name");
            return Err(Error::new(Code::GrantInvalid, told));
        }
        Ok(Self::of(&grant))
    }
}

/// What becomes of grants that combine all three dangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleOfTwo {
    /// Two people approve them.
    TwoPeople,
    /// A person is asked before each call that changes something.
    Ask,
}

/// What a binding brings into a run that is harmless until all three meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Danger {
    /// Words that strangers may have written.
    UntrustedInput,
    /// What not everybody may read.
    PrivateData,
    /// Changes outside, and words to others.
    ExternalEffects,
}

impl Danger {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::UntrustedInput, Self::PrivateData, Self::ExternalEffects];
}
