//! The decision that a tenant runs an artifact.

use std::sync::{Arc, PoisonError};

use registry::ledger::{Approval, Entry, Grants, Proposal, Scope};
use registry::{Reference, SkillName, Verified};

use super::rules::Ruled;
use super::{Skills, blocking, not_approved};
use crate::binding;
use crate::token::Caller;
use crate::trust::DecideError;

/// What became of a yes.
#[derive(Clone, Debug)]
pub enum Decision {
    /// The tenant runs the artifact.
    Approved(Approval),
    /// Nothing runs before a second person says the same.
    Proposed(Proposal),
}

impl Skills {
    /// Pulls an artifact, verifies it, keeps it, and records that the caller's tenant runs it with these grants; or that
    /// the caller spoke for it, where a rule of the tenant needs two people. Only a downgrade may be of a lower version than
    /// one that was approved before. All of it is durable when this returns.
    ///
    /// # Errors
    /// Where nothing is approved.
    pub async fn approve(
        &self,
        caller: &Caller,
        reference: &Reference,
        grants: Grants,
        downgrade: bool,
        reason: String,
    ) -> Result<Decision, DecideError> {
        let verified = self.verify(reference).await?;
        let name = verified.pulled().asked().clone();
        self.check_not_own(caller, &name)?;
        binding::check_grants(&grants)?;
        let (grants, needs_two) = match self.rules.judge(caller.tenant(), &grants) {
            Ruled::Holds => (grants, false),
            Ruled::Asks(asking) => (asking, false),
            Ruled::NeedsTwo => (grants, true),
        };
        let mut entry = verified.approve(grants.clone(), reason.clone())?;
        if downgrade {
            entry = entry.as_downgrade();
        }
        let (scope, state) = (Scope::Tenant(caller.tenant().clone()), self.trust.state());
        let digest = verified.pulled().digest();
        if needs_two && !state.seconds(caller.tenant(), digest, &grants, caller.name()) {
            // What could not be approved is not proposed either.
            state.check(&entry, &scope)?;
            let proposed = Entry::Proposed {
                skill: name,
                digest,
                grants,
                reason,
            };
            return self.propose(caller, proposed).await;
        }
        self.record(caller, &name, verified, entry)
            .await
            .map(Decision::Approved)
    }

    fn check_not_own(&self, caller: &Caller, name: &SkillName) -> Result<(), DecideError> {
        if self.rules.is_own(&self.trust.state(), caller, name) {
            let told = format!("this token publishes `{name}`, so it may not approve it: let somebody else do so");
            return Err(DecideError::Ruled {
                code: "own-skill",
                told,
            });
        }
        Ok(())
    }

    async fn record(
        &self,
        caller: &Caller,
        name: &SkillName,
        verified: Arc<Verified>,
        entry: Entry,
    ) -> Result<Approval, DecideError> {
        let shelf = self.shelf.clone();
        let digest = verified.pulled().digest();
        blocking(move || shelf.put(verified.pulled())).await?;
        // It may be signed anew.
        self.described
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&digest);
        let scope = Scope::Tenant(caller.tenant().clone());
        let recorded = self.trust.decide(scope, caller.name(), entry).await?;
        let state = self.trust.state();
        let approvals = state.approvals_of(caller.tenant(), name);
        let approval = approvals.iter().find(|approval| approval.seq == recorded.seq);
        approval.cloned().ok_or_else(|| not_approved(name).into())
    }

    async fn propose(&self, caller: &Caller, entry: Entry) -> Result<Decision, DecideError> {
        let scope = Scope::Tenant(caller.tenant().clone());
        let recorded = self.trust.decide(scope, caller.name(), entry).await?;
        let state = self.trust.state();
        let mut proposals = state.proposals(caller.tenant());
        let proposal = proposals.find(|proposal| proposal.seq == recorded.seq);
        // Another may have settled it already.
        proposal
            .cloned()
            .map(Decision::Proposed)
            .ok_or_else(|| DecideError::Ruled {
                code: "settled",
                told: "somebody else decided about it meanwhile: look at it again".to_owned(),
            })
    }
}
