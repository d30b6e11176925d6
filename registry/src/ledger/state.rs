//! What the ledger amounts to now: the fold of its entries.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use semver::Version;

use super::{Entry, Grants, Proposal, Recorded, Scope, Signed};
use crate::digest::Digest;
use crate::name::{Namespace, PublisherName, SkillName, Tenant};
use crate::policy::Policy;
use crate::signature::PublicKey;

/// Who is trusted with what, and what is approved. Folding refuses nothing: entries are checked before they are
/// appended, by [`State::check`]. It is read under a trust policy, which stands beside the ledger and only narrows it.
#[derive(Clone, Debug, Default)]
pub struct State {
    seq: u64,
    policy: Policy,
    publishers: BTreeMap<PublisherName, Publisher>,
    keys: BTreeMap<Digest, Key>,
    owners: BTreeMap<Namespace, PublisherName>,
    revoked: BTreeMap<Digest, Revocation>,
    pub(super) approvals: BTreeMap<(Tenant, SkillName), Vec<Approval>>,
    pub(super) proposals: Vec<Proposal>,
}

/// Someone who signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    /// The name.
    pub name: PublisherName,
    /// The first parts of the names of its skills.
    pub namespaces: BTreeSet<Namespace>,
    /// Since when.
    pub added: Timestamp,
    /// Set when nothing of it is trusted any more.
    pub revoked: Option<Revocation>,
}

/// A key of a publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name: the SHA-256 of its SPKI in DER.
    pub id: Digest,
    /// Whom it signs for.
    pub publisher: PublisherName,
    /// The key.
    pub public: PublicKey,
    /// Since when.
    pub added: Timestamp,
    /// Set when it signs for nobody any more.
    pub revoked: Option<Revocation>,
}

/// Leave of a tenant to run an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Its place in the ledger.
    pub seq: u64,
    /// Who runs it.
    pub tenant: Tenant,
    /// The skill's name.
    pub skill: SkillName,
    /// The skill's version.
    pub version: Version,
    /// The manifest of the artifact.
    pub digest: Digest,
    /// Who signed it.
    pub publisher: PublisherName,
    /// The key that signed it: the first of `signed`.
    pub key: Digest,
    /// Every statement that it rests on.
    pub signed: Vec<Signed>,
    /// What it may do.
    pub grants: Grants,
    /// Since when.
    pub at: Timestamp,
    /// Who approved it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Set when the tenant took it back.
    pub revoked: Option<Revocation>,
}

/// That something holds no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Since when.
    pub at: Timestamp,
    /// Who decided it.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl State {
    /// The state after these entries.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut state = Self::default();
        for entry in entries {
            state.apply(entry);
        }
        state
    }

    /// Takes one more entry in. An entry that was taken in before changes nothing.
    pub fn apply(&mut self, recorded: &Recorded) {
        if recorded.seq <= self.seq {
            return;
        }
        self.seq = recorded.seq;
        let revocation = |reason: &String| Revocation {
            at: recorded.at,
            by: recorded.by.clone(),
            reason: reason.clone(),
        };
        match &recorded.entry {
            Entry::PublisherAdded { publisher, namespaces } => self.add_publisher(publisher, namespaces, recorded.at),
            Entry::KeyAdded {
                publisher, public_key, ..
            } => self.add_key(publisher, public_key, recorded.at),
            Entry::KeyRevoked { key, reason } => {
                if let Some(key) = self.keys.get_mut(key) {
                    key.revoked.get_or_insert_with(|| revocation(reason));
                }
            }
            Entry::PublisherRevoked { publisher, reason } => {
                if let Some(publisher) = self.publishers.get_mut(publisher) {
                    publisher.revoked.get_or_insert_with(|| revocation(reason));
                }
            }
            Entry::DigestRevoked { digest, reason } => {
                self.revoked.entry(*digest).or_insert_with(|| revocation(reason));
            }
            Entry::Approved { digest, .. } => {
                self.add_approval(recorded);
                self.settle(&recorded.scope, *digest);
            }
            Entry::Proposed { .. } => self.propose(recorded),
            Entry::RolledBack { .. } => self.roll_back(recorded),
            Entry::ApprovalRevoked { digest, reason } => {
                let revoked = |approval: &&mut Approval| {
                    approval.digest == *digest && recorded.scope == Scope::Tenant(approval.tenant.clone())
                };
                for approval in self.approvals.values_mut().flatten().filter(revoked) {
                    approval.revoked.get_or_insert_with(|| revocation(reason));
                }
            }
        }
    }

    fn add_publisher(&mut self, name: &PublisherName, namespaces: &[Namespace], at: Timestamp) {
        let publisher = self.publishers.entry(name.clone()).or_insert_with(|| Publisher {
            name: name.clone(),
            namespaces: BTreeSet::new(),
            added: at,
            revoked: None,
        });
        for namespace in namespaces {
            // The first owner stays the owner.
            if self.owners.entry(namespace.clone()).or_insert_with(|| name.clone()) == name {
                publisher.namespaces.insert(namespace.clone());
            }
        }
    }

    fn add_key(&mut self, publisher: &PublisherName, public_key: &str, at: Timestamp) {
        // A key that does not parse can sign nothing.
        let Ok(public) = PublicKey::from_pem(public_key) else {
            return;
        };
        let id = public.id();
        self.keys.entry(id).or_insert_with(|| Key {
            id,
            publisher: publisher.clone(),
            public,
            added: at,
            revoked: None,
        });
    }

    fn add_approval(&mut self, recorded: &Recorded) {
        let Recorded {
            seq,
            scope: Scope::Tenant(tenant),
            at,
            by,
            entry:
                Entry::Approved {
                    skill,
                    version,
                    digest,
                    publisher,
                    key,
                    signed,
                    grants,
                    reason,
                    ..
                },
        } = recorded
        else {
            return;
        };
        let mut signed = signed.clone();
        if signed.is_empty() {
            signed.push(Signed::ours(*key));
        }
        let approvals = self.approvals.entry((tenant.clone(), skill.clone())).or_default();
        approvals.push(Approval {
            seq: *seq,
            tenant: tenant.clone(),
            skill: skill.clone(),
            version: version.clone(),
            digest: *digest,
            publisher: publisher.clone(),
            key: *key,
            signed,
            grants: grants.clone(),
            at: *at,
            by: by.clone(),
            reason: reason.clone(),
            revoked: None,
        });
    }

    /// The same ledger, read under this trust policy.
    #[must_use]
    pub fn under(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// The trust policy under which it is read.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The place of the last entry that was taken in.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// All publishers, in the order of their names.
    pub fn publishers(&self) -> impl Iterator<Item = &Publisher> {
        self.publishers.values()
    }

    /// A publisher.
    pub fn publisher(&self, name: &PublisherName) -> Option<&Publisher> {
        self.publishers.get(name)
    }

    /// Who owns a namespace; also where the publisher was revoked, so that nobody else takes its names.
    pub fn owner(&self, namespace: &Namespace) -> Option<&Publisher> {
        self.publishers.get(self.owners.get(namespace)?)
    }

    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.values()
    }

    /// A key by its name.
    pub fn key(&self, id: &Digest) -> Option<&Key> {
        self.keys.get(id)
    }

    /// Why an artifact is not trusted any more, where it was revoked for everyone.
    pub fn revoked(&self, digest: &Digest) -> Option<&Revocation> {
        self.revoked.get(digest)
    }

    /// All artifacts that were revoked for everyone.
    pub fn revoked_digests(&self) -> impl Iterator<Item = (&Digest, &Revocation)> {
        self.revoked.iter()
    }

    /// The tenants that ever approved anything, in the order of their names.
    pub fn tenants(&self) -> impl Iterator<Item = &Tenant> {
        let mut last = None;
        self.approvals
            .keys()
            .map(|(tenant, _)| tenant)
            .filter(move |tenant| last.replace(*tenant) != Some(*tenant))
    }

    /// Every approval that a tenant ever gave, by skill and from the oldest to the newest.
    pub fn approvals<'a>(&'a self, tenant: &'a Tenant) -> impl Iterator<Item = &'a Approval> {
        let of_tenant = move |((owner, _), _): &(&(Tenant, SkillName), &Vec<Approval>)| owner == tenant;
        self.approvals
            .iter()
            .filter(of_tenant)
            .flat_map(|(_, approvals)| approvals)
    }

    /// The highest version of a skill that a tenant ever approved; also where it was taken back since, because that is
    /// when an old version with a hole would be offered.
    pub fn highest(&self, tenant: &Tenant, skill: &SkillName) -> Option<&Version> {
        let versions = self
            .approvals_of(tenant, skill)
            .iter()
            .map(|approval| &approval.version);
        versions.max_by(|one, other| one.cmp_precedence(other))
    }

    /// Every approval that a tenant ever gave to one skill, from the oldest to the newest.
    pub fn approvals_of(&self, tenant: &Tenant, skill: &SkillName) -> &[Approval] {
        let key = (tenant.clone(), skill.clone());
        self.approvals.get(&key).map_or(&[], Vec::as_slice)
    }
}
