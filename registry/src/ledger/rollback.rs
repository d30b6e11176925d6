//! The way back to an artifact that a tenant approved before.

#[cfg(test)]
mod tests;

use super::check::invalid;
use super::{Approval, Entry, Recorded, Scope, State};
use crate::digest::Digest;
use crate::error::Error;
use crate::name::{SkillName, Tenant};

impl State {
    /// The approvals to which a tenant can go back, from the newest to the oldest: each artifact once, without the one
    /// that it runs now and without those that hold no more.
    pub fn earlier<'a>(&'a self, tenant: &'a Tenant, skill: &'a SkillName) -> impl Iterator<Item = &'a Approval> {
        let current = self.current(tenant, skill).ok().map(|approval| approval.seq);
        let approvals = self.approvals_of(tenant, skill).iter().rev();
        approvals.filter(move |approval| {
            let newest = self.approval(tenant, skill, approval.digest).ok();
            newest.is_some_and(|newest| newest.seq == approval.seq && Some(newest.seq) != current)
        })
    }

    /// # Errors
    /// Those of [`State::approval`]; `entry-invalid` where it runs already.
    pub(super) fn check_rolled_back(&self, tenant: &Tenant, skill: &SkillName, digest: Digest) -> Result<(), Error> {
        let approval = self.approval(tenant, skill, digest)?;
        match self.current(tenant, skill) {
            Ok(current) if current.seq == approval.seq => Err(invalid("that is what runs now")),
            _ => Ok(()),
        }
    }

    pub(super) fn roll_back(&mut self, recorded: &Recorded) {
        let Recorded {
            scope: Scope::Tenant(tenant),
            entry: Entry::RolledBack { skill, digest, reason },
            ..
        } = recorded
        else {
            return;
        };
        let Some(approvals) = self.approvals.get_mut(&(tenant.clone(), skill.clone())) else {
            return;
        };
        let Some(earlier) = approvals.iter().rev().find(|approval| approval.digest == *digest) else {
            return;
        };
        approvals.push(Approval {
            seq: recorded.seq,
            at: recorded.at,
            by: recorded.by.clone(),
            reason: reason.clone(),
            ..earlier.clone()
        });
    }
}
