//! Which entries may be appended: each must make sense after those before it.

use std::collections::BTreeSet;

use semver::Version;

use super::{Entry, Scope, Signed, State};
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::name::{Label, Namespace, PublisherName, SkillName, Tenant};
use crate::signature::PublicKey;
use crate::words;

/// The most characters of a reason.
const LONGEST_REASON: usize = 512;

/// The most namespaces that one entry gives.
const MOST_NAMESPACES: usize = 64;

impl State {
    /// Checks that an entry may be appended after everything that this state holds.
    ///
    /// # Errors
    /// `entry-invalid` where it is not for this scope, has no reason or says what holds already; `namespace-taken`, `name-confusable`,
    /// `publisher-unknown`, `publisher-revoked`, `key-invalid`, `key-known`, `key-unknown`, `key-revoked`,
    /// `namespace-not-owned`, `digest-revoked`, `version-lower`, `not-approved`.
    pub fn check(&self, entry: &Entry, scope: &Scope) -> Result<(), Error> {
        match (entry, scope) {
            (Entry::PublisherAdded { publisher, namespaces }, Scope::Host) => {
                self.check_publisher(publisher, namespaces)
            }
            (
                Entry::KeyAdded {
                    publisher,
                    key,
                    public_key,
                },
                Scope::Host,
            ) => self.check_key(publisher, key, public_key),
            (Entry::KeyRevoked { key, reason }, Scope::Host) => {
                let key = self.key(key).ok_or_else(|| key_unknown(key))?;
                check_revocation(reason, key.revoked.is_some(), "the key")
            }
            (Entry::PublisherRevoked { publisher, reason }, Scope::Host) => {
                let publisher = self.publisher(publisher).ok_or_else(|| publisher_unknown(publisher))?;
                check_revocation(reason, publisher.revoked.is_some(), "the publisher")
            }
            (Entry::DigestRevoked { digest, reason }, Scope::Host) => {
                check_revocation(reason, self.revoked(digest).is_some(), "the artifact")
            }
            (
                Entry::Approved {
                    skill,
                    version,
                    digest,
                    publisher,
                    key,
                    signed,
                    downgrade,
                    reason,
                    ..
                },
                Scope::Tenant(tenant),
            ) => {
                check_reason(reason)?;
                check_signed(*key, signed)?;
                self.check_trust(skill, *digest, publisher, *key)?;
                if *downgrade {
                    Ok(())
                } else {
                    self.check_version(tenant, skill, version)
                }
            }
            (Entry::ApprovalRevoked { digest, reason }, Scope::Tenant(tenant)) => {
                self.check_approval_revoked(tenant, digest, reason)
            }
            (Entry::Proposed { reason, .. }, Scope::Tenant(_)) => check_reason(reason),
            (Entry::RolledBack { skill, digest, reason }, Scope::Tenant(tenant)) => {
                check_reason(reason)?;
                self.check_rolled_back(tenant, skill, *digest)
            }
            (
                Entry::Approved { .. }
                | Entry::Proposed { .. }
                | Entry::RolledBack { .. }
                | Entry::ApprovalRevoked { .. },
                Scope::Host,
            ) => Err(invalid("an approval is of one tenant: say which")),
            (_, Scope::Tenant(_)) => Err(invalid("publishers, keys and revoked artifacts are of the whole host")),
        }
    }

    /// Whether an artifact that this key signed for this publisher is trusted under this name.
    pub(crate) fn check_trust(
        &self,
        skill: &SkillName,
        digest: Digest,
        publisher: &PublisherName,
        key: Digest,
    ) -> Result<(), Error> {
        if let Some(revocation) = self.revoked(&digest) {
            let told = format!("the artifact {digest} was revoked: {}", revocation.reason);
            return Err(Error::new(Code::DigestRevoked, told));
        }
        let key = self.key(&key).ok_or_else(|| key_unknown(&key))?;
        if key.publisher != *publisher {
            return Err(key_unknown(&key.id));
        }
        if let Some(revocation) = &key.revoked {
            return Err(Error::new(
                Code::KeyRevoked,
                format!(
                    "the key {} was revoked: {}; sign with another",
                    key.id, revocation.reason
                ),
            ));
        }
        self.check_not_revoked(publisher)?;
        let namespace = skill.namespace();
        if self.owner(namespace).is_none_or(|owner| owner.name != *publisher) {
            return Err(Error::new(
                Code::NamespaceNotOwned,
                format!("the publisher `{publisher}` does not own `{namespace}`: only its owner signs `{skill}`"),
            ));
        }
        Ok(())
    }

    /// Whether a statement still counts: its key is known and neither it nor its publisher was revoked.
    pub(crate) fn counts(&self, signed: &Signed) -> bool {
        self.key(&signed.key)
            .is_some_and(|key| key.revoked.is_none() && self.check_not_revoked(&key.publisher).is_ok())
    }

    fn check_version(&self, tenant: &Tenant, skill: &SkillName, version: &Version) -> Result<(), Error> {
        match self.highest(tenant, skill) {
            Some(highest) if version.cmp_precedence(highest).is_lt() => Err(Error::new(
                Code::VersionLower,
                format!(
                    "version {version} of `{skill}` is lower than {highest}, which was approved before: whoever serves \
                     old versions brings back their faults; approve it as a downgrade where you want it"
                ),
            )),
            _ => Ok(()),
        }
    }

    fn check_publisher(&self, publisher: &PublisherName, namespaces: &[Namespace]) -> Result<(), Error> {
        if namespaces.is_empty() || namespaces.len() > MOST_NAMESPACES {
            return Err(invalid("a publisher is given 1 to 64 namespaces at a time"));
        }
        if namespaces.iter().collect::<BTreeSet<_>>().len() != namespaces.len() {
            return Err(invalid("a namespace is named twice"));
        }
        if self.publisher(publisher).is_some() {
            self.check_not_revoked(publisher)?;
        }
        let names = || namespaces.iter().chain([publisher]);
        if let Some(alike) = names().find_map(|name| self.alike(name, publisher)) {
            return Err(Error::new(
                Code::NameConfusable,
                format!(
                    "`{publisher}` or one of its namespaces reads like `{alike}`, which is another publisher's: choose another"
                ),
            ));
        }
        match namespaces
            .iter()
            .find_map(|namespace| Some((namespace, self.owner(namespace)?)))
        {
            Some((namespace, owner)) if owner.name == *publisher => {
                Err(invalid(&format!("`{publisher}` owns `{namespace}` already")))
            }
            Some((namespace, owner)) => Err(Error::new(
                Code::NamespaceTaken,
                format!("the namespace `{namespace}` belongs to the publisher `{}`", owner.name),
            )),
            None => Ok(()),
        }
    }

    /// A name of another publisher that reads like this one, and is not the same: that is told in other words.
    fn alike(&self, name: &Label, publisher: &PublisherName) -> Option<&Label> {
        let others = self.publishers().filter(|other| other.name != *publisher);
        let mut taken = others.flat_map(|other| other.namespaces.iter().chain([&other.name]));
        taken.find(|taken| *taken != name && taken.resembles(name))
    }

    fn check_key(&self, publisher: &PublisherName, id: &Digest, public_key: &str) -> Result<(), Error> {
        self.check_not_revoked(publisher)?;
        let key = PublicKey::from_pem(public_key)?;
        if key.id() != *id {
            let told = format!("the key cannot be used: its name is {}, not {id}", key.id());
            return Err(Error::new(Code::KeyInvalid, told));
        }
        match self.key(id) {
            None => Ok(()),
            Some(known) => Err(Error::new(
                Code::KeyKnown,
                format!(
                    "the key {id} is one of `{}` already, or was: make another",
                    known.publisher
                ),
            )),
        }
    }

    fn check_not_revoked(&self, publisher: &PublisherName) -> Result<(), Error> {
        match &self
            .publisher(publisher)
            .ok_or_else(|| publisher_unknown(publisher))?
            .revoked
        {
            None => Ok(()),
            Some(revocation) => Err(Error::new(
                Code::PublisherRevoked,
                format!("the publisher `{publisher}` was revoked: {}", revocation.reason),
            )),
        }
    }

    fn check_approval_revoked(&self, tenant: &Tenant, digest: &Digest, reason: &str) -> Result<(), Error> {
        check_reason(reason)?;
        let holds = |approval: &super::Approval| approval.digest == *digest && approval.revoked.is_none();
        if self.approvals(tenant).any(holds) {
            return Ok(());
        }
        Err(Error::new(
            Code::NotApproved,
            format!("{digest} is not approved, so there is nothing to revoke"),
        ))
    }
}

fn check_revocation(reason: &str, is_revoked: bool, what: &str) -> Result<(), Error> {
    if is_revoked {
        return Err(invalid(&format!("{what} was revoked before")));
    }
    check_reason(reason)
}

/// The key that an approval names must be one that signed our own statement.
fn check_signed(key: Digest, signed: &[Signed]) -> Result<(), Error> {
    let is_it = |signed: &Signed| signed.key == key && signed.is_ours();
    if signed.is_empty() || signed.iter().any(is_it) {
        return Ok(());
    }
    Err(invalid("the key that is named is not among those that signed"))
}

fn check_reason(reason: &str) -> Result<(), Error> {
    if words::is_line(reason, LONGEST_REASON) {
        return Ok(());
    }
    Err(invalid("say why, in 1 to 512 characters on one line"))
}

fn key_unknown(key: &Digest) -> Error {
    Error::new(
        Code::KeyUnknown,
        format!("the ledger has no such key {key} of this publisher: add it first"),
    )
}

fn publisher_unknown(publisher: &PublisherName) -> Error {
    Error::new(
        Code::PublisherUnknown,
        format!("the ledger has no publisher `{publisher}`: add it first"),
    )
}

pub(super) fn invalid(why: &str) -> Error {
    Error::new(Code::EntryInvalid, format!("this cannot be decided: {why}"))
}
