//! The trust policy: one file in which an administrator says whose signatures make an artifact trusted.
//!
//! A policy only narrows. It names keys that the ledger has, and it neither adds one nor lifts a revocation: what the
//! ledger does not trust, no policy trusts.

mod rule;
mod text;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::ledger::Signed;
use crate::name::{Namespace, SkillName};

use rule::{Rule, Window};

/// Which of the ledger's keys must have said what of an artifact before it is trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy(Option<Written>);

/// A policy that somebody wrote. What it does not name, it does not trust.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Written {
    rules: BTreeMap<Namespace, Rule>,
    windows: BTreeMap<Digest, Window>,
}

impl Policy {
    /// No policy: one key of the publisher that owns the namespace is enough, as the ledger has it.
    pub const fn of_the_ledger() -> Self {
        Self(None)
    }

    /// The empty policy, which trusts nothing.
    pub fn of_nothing() -> Self {
        Self(Some(Written::default()))
    }

    /// Reads a policy.
    ///
    /// # Errors
    /// `policy-invalid` with the line and what to change, also for rules that could never hold or that two readers could
    /// understand differently.
    pub fn parse(text: &str) -> Result<Self, Error> {
        text::read(text).map(|written| Self(Some(written)))
    }

    /// Whether it leaves everything to the ledger.
    pub const fn is_of_the_ledger(&self) -> bool {
        self.0.is_none()
    }

    /// The keys that it names and the ledger would have to have.
    pub fn keys(&self) -> impl Iterator<Item = &Digest> {
        self.0.iter().flat_map(|written| written.windows.keys())
    }

    /// Checks that a key signs at a time.
    ///
    /// # Errors
    /// `key-not-valid`.
    pub(crate) fn check_key(&self, key: &Digest, at: Timestamp) -> Result<(), Error> {
        match self.0.as_ref().and_then(|written| written.windows.get(key)) {
            Some(window) => window.check(key, at),
            None => Ok(()),
        }
    }

    /// Checks that enough was said of a skill, each by a key that the ledger trusts. What the policy does not name does
    /// not count, and does not harm.
    ///
    /// # Errors
    /// `namespace-not-trusted`, `signatures-missing`, `statement-missing`.
    pub(crate) fn check(&self, skill: &SkillName, said: &[&Signed]) -> Result<(), Error> {
        match &self.0 {
            None if said.iter().any(|signed| signed.is_ours()) => Ok(()),
            None => Err(Error::new(
                Code::SignaturesMissing,
                format!("no key that is trusted now has signed `{skill}`: sign it again, and approve it again"),
            )),
            Some(written) => match written.rules.get(skill.namespace()) {
                Some(rule) => rule.check(skill, said),
                None => Err(Error::new(
                    Code::NamespaceNotTrusted,
                    format!(
                        "the trust policy does not name the namespace `{}`, so nothing in it is trusted: its \
                         administrator names it, or not",
                        skill.namespace()
                    ),
                )),
            },
        }
    }
}
