//! What a policy asks of the skills of one namespace.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::ledger::Signed;
use crate::name::{Label, SkillName};
use crate::signature::PREDICATE;

/// Who must have signed the skills of a namespace, and what else must be said of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Each of these.
    pub(super) all_of: Vec<Named>,
    /// So many of these.
    pub(super) minimum: usize,
    pub(super) any_of: Vec<Named>,
    pub(super) statements: Vec<Required>,
}

/// A key by the name that the policy gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: Label,
    pub(super) key: Digest,
}

/// A statement that one of these keys must have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Required {
    pub(super) kind: Kind,
    pub(super) by: Vec<Named>,
}

/// The type of a statement, as a policy spells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind(String);

/// When a key signs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) not_before: Option<Timestamp>,
    pub(super) not_after: Option<Timestamp>,
}

/// Words for types that many make, and the types that each stands for (in-toto attestation, predicates; cosign writes
/// the same). A version may follow the first two after a slash.
const WORDS: [(&str, &[&str]); 3] = [
    ("cyclonedx", &["https://cyclonedx.org/bom"]),
    ("spdx", &["https://spdx.dev/Document"]),
    (
        "slsa-provenance",
        &["https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"],
    ),
];

impl Rule {
    pub(super) fn check(&self, skill: &SkillName, said: &[&Signed]) -> Result<(), Error> {
        // A set: who signs twice is one signer.
        let signers: BTreeSet<&Digest> = said
            .iter()
            .filter(|signed| signed.is_ours())
            .map(|signed| &signed.key)
            .collect();
        let missing: Vec<&Named> = self
            .all_of
            .iter()
            .filter(|named| !signers.contains(&named.key))
            .collect();
        if !missing.is_empty() {
            return Err(signatures(
                skill,
                &format!(
                    "by {}, and no such signature counts",
                    names(missing.into_iter(), " and ")
                ),
            ));
        }
        let found = self.any_of.iter().filter(|named| signers.contains(&named.key)).count();
        if found < self.minimum {
            let of = names(self.any_of.iter(), ", ");
            let told = format!("by {} of {of}, and {found} of these count", self.minimum);
            return Err(signatures(skill, &told));
        }
        self.statements
            .iter()
            .try_for_each(|required| required.check(skill, said))
    }
}

impl Required {
    fn check(&self, skill: &SkillName, said: &[&Signed]) -> Result<(), Error> {
        let is_it =
            |signed: &&Signed| self.kind.is(&signed.statement) && self.by.iter().any(|named| named.key == signed.key);
        if said.iter().any(is_it) {
            return Ok(());
        }
        Err(Error::new(
            Code::StatementMissing,
            format!(
                "the trust policy asks for `{}` about `{skill}`, signed by {}: attach one to this very artifact",
                self.kind.0,
                names(self.by.iter(), " or ")
            ),
        ))
    }
}

impl Kind {
    /// Reads a word, or the URI of a type; none for what is neither, and for our own, which is always asked for.
    pub(super) fn read(text: &str) -> Option<Self> {
        let is_word = WORDS.iter().any(|(word, _)| *word == text);
        let is_uri = url::Url::parse(text).is_ok_and(|_| text != PREDICATE);
        (is_word || is_uri).then(|| Self(text.to_owned()))
    }

    fn is(&self, statement: &str) -> bool {
        let Some((_, types)) = WORDS.iter().find(|(word, _)| *word == self.0) else {
            return self.0 == statement;
        };
        types.iter().any(|kind| {
            let rest = statement.strip_prefix(kind);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

impl Window {
    pub(super) fn check(&self, key: &Digest, at: Timestamp) -> Result<(), Error> {
        let refuse = |when: String| {
            let told =
                format!("the trust policy has the key {key} sign {when}, and this is of {at}: sign with another");
            Err(Error::new(Code::KeyNotValid, told))
        };
        match (self.not_before, self.not_after) {
            (Some(start), _) if at < start => refuse(format!("from {start} on")),
            (_, Some(end)) if at >= end => refuse(format!("until {end}")),
            _ => Ok(()),
        }
    }
}

fn signatures(skill: &SkillName, told: &str) -> Error {
    Error::new(
        Code::SignaturesMissing,
        format!("the trust policy asks that `{skill}` is signed {told}: have it signed with `skillhost publish`"),
    )
}

fn names<'a>(named: impl Iterator<Item = &'a Named>, between: &str) -> String {
    named
        .map(|named| format!("`{}`", named.name))
        .collect::<Vec<_>>()
        .join(between)
}
