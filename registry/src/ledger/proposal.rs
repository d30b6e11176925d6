//! Approvals for which one person spoke, where two are needed.

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::{Entry, Grants, Recorded, Scope, State};
use crate::digest::Digest;
use crate::name::{SkillName, Tenant};

/// Somebody would let a tenant run an artifact, and a second person must agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its place in the ledger.
    pub seq: u64,
    /// Who would run it.
    pub tenant: Tenant,
    /// The skill's name.
    pub skill: SkillName,
    /// The manifest of the artifact.
    pub digest: Digest,
    /// What it may do.
    pub grants: Grants,
    /// Since when.
    pub at: Timestamp,
    /// Who spoke for it.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl State {
    /// What a tenant's approvers proposed and nobody decided about, from the oldest to the newest.
    pub fn proposals<'a>(&'a self, tenant: &'a Tenant) -> impl Iterator<Item = &'a Proposal> {
        self.proposals.iter().filter(move |proposal| proposal.tenant == *tenant)
    }

    /// Whether somebody else proposed exactly this.
    pub fn seconds(&self, tenant: &Tenant, digest: Digest, grants: &Grants, by: &str) -> bool {
        let mut proposals = self.proposals(tenant);
        proposals.any(|proposal| proposal.digest == digest && proposal.grants == *grants && proposal.by != by)
    }

    pub(super) fn propose(&mut self, recorded: &Recorded) {
        let Recorded {
            seq,
            scope: Scope::Tenant(tenant),
            at,
            by,
            entry:
                Entry::Proposed {
                    skill,
                    digest,
                    grants,
                    reason,
                },
        } = recorded
        else {
            return;
        };
        // Whoever proposes again thought better of it.
        self.proposals
            .retain(|other| (&other.tenant, &other.by, other.digest) != (tenant, by, *digest));
        self.proposals.push(Proposal {
            seq: *seq,
            tenant: tenant.clone(),
            skill: skill.clone(),
            digest: *digest,
            grants: grants.clone(),
            at: *at,
            by: by.clone(),
            reason: reason.clone(),
        });
    }

    /// What is decided is proposed no more.
    pub(super) fn settle(&mut self, scope: &Scope, digest: Digest) {
        self.proposals
            .retain(|proposal| *scope != Scope::Tenant(proposal.tenant.clone()) || proposal.digest != digest);
    }
}
