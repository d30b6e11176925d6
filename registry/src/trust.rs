//! Whether an artifact is trusted: who signed it, for which name, and what was revoked since.

mod judge;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::artifact::{Approved, Pulled, Verified};
use crate::component::check_declared;
use crate::declaration::Declaration;
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::ledger::{Approval, Entry, Grants, Signed, State};
use crate::name::{SkillName, Tenant};

use judge::Found;

impl Pulled {
    /// Checks, for a new approval, who signed the artifact, for which name, what the component is and declares.
    ///
    /// Bundles that are no signatures of ours, or by nobody known, are passed over: anyone can put them there. One good
    /// signature is needed, or what the trust policy asks for.
    ///
    /// # Errors
    /// `digest-revoked`; `unsigned`, `signed-by-stranger`, `signature-invalid`, `key-revoked`, `publisher-revoked`,
    /// `namespace-not-owned`, `statement-mismatch`, `statement-expired`, `key-not-valid`; `namespace-not-trusted`,
    /// `signatures-missing`, `statement-missing`; whatever [`Declaration::read`] refuses.
    pub fn verify(self, state: &State, now: Timestamp) -> Result<Verified, Error> {
        self.vouch(state, Some(now))
    }

    /// Checks an artifact that a tenant approved before, to run it. The same as [`Pulled::verify`], but for the age of
    /// the signature: that ends new approvals, not those that stand.
    ///
    /// # Errors
    /// `not-approved`, `approval-revoked`; those of [`Pulled::verify`] without `statement-expired`.
    pub fn approved(self, state: &State, tenant: &Tenant) -> Result<Approved, Error> {
        // First what is cheap: an artifact that may not run is not looked into.
        state.approval(tenant, self.asked(), self.digest())?;
        self.vouch(state, None)?.approved(state, tenant)
    }

    fn vouch(self, state: &State, now: Option<Timestamp>) -> Result<Verified, Error> {
        let judged = self.bundles().iter().map(|bundle| self.judge(bundle, state, now));
        let found = match Found::of(judged) {
            // Whoever pushed it with another tool has more to do than to sign it.
            Err(error) if error.code() == Code::Unsigned => {
                check_declared(self.component())?;
                return Err(error);
            }
            found => found?,
        };
        // Asked before the component is read, because that is work that strangers should not be able to ask for.
        found.check(state.policy(), self.asked())?;
        let declaration = Declaration::read(self.component())?;
        let found = found.fitting(declaration.manifest())?;
        found.check(state.policy(), self.asked())?;
        let (publisher, key) = found.signer()?;
        let (bundles, signed) = found.into_parts();
        let pulled = self.with_bundles(bundles);
        Ok(Verified::new(pulled, declaration, publisher, (key, signed)))
    }
}

impl Verified {
    /// The entry that approves this artifact for whoever appends it.
    ///
    /// # Errors
    /// `grant-invalid` where a binding is granted that the skill does not ask for, or twice in the same words, or for
    /// methods or paths that no call can have.
    pub fn approve(&self, grants: Grants, reason: String) -> Result<Entry, Error> {
        let manifest = self.declaration().manifest();
        for (place, grant) in grants.bindings.iter().enumerate() {
            let is_asked = |asked: &crate::Binding| asked.kind == grant.kind && asked.name == grant.name;
            if !manifest.bindings.iter().any(is_asked) || grants.bindings.iter().take(place).any(|other| other == grant)
            {
                return Err(Error::new(
                    Code::GrantInvalid,
                    format!(
                        "the skill does not ask for {} `{}`, or it is granted twice: grant what `skillhost inspect` lists",
                        grant.kind, grant.name
                    ),
                ));
            }
            grant.check()?;
        }
        Ok(Entry::Approved {
            skill: manifest.skill.name.clone(),
            version: manifest.skill.version.clone(),
            digest: self.pulled().digest(),
            publisher: self.publisher().clone(),
            key: self.key(),
            signed: self.signed().to_vec(),
            grants,
            downgrade: false,
            reason,
        })
    }

    /// Takes the artifact as one that the tenant approved.
    ///
    /// # Errors
    /// Those of [`State::approval`].
    pub fn approved(self, state: &State, tenant: &Tenant) -> Result<Approved, Error> {
        let approval = state.approval(tenant, self.pulled().asked(), self.pulled().digest())?;
        let grants = approval.grants.clone();
        Ok(Approved::new(self, tenant.clone(), grants))
    }
}

impl State {
    /// The artifact that a tenant runs under a name: the newest approval that was not taken back, as long as its key,
    /// publisher and digest are trusted. To be asked before every run: what is loaded may be revoked since.
    ///
    /// # Errors
    /// `not-approved`, `approval-revoked`; `digest-revoked`, `key-revoked`, `publisher-revoked`,
    /// `namespace-not-owned`; `namespace-not-trusted`, `signatures-missing`, `statement-missing`.
    pub fn current(&self, tenant: &Tenant, skill: &SkillName) -> Result<&Approval, Error> {
        let approvals = self.approvals_of(tenant, skill);
        let current = approvals.iter().rev().find(|approval| approval.revoked.is_none());
        let approval = current
            .or(approvals.last())
            .ok_or_else(|| not_approved(&format!("no version of `{skill}` is approved")))?;
        self.stand(approval)
    }

    /// The newest approval of one artifact, as long as it stands. Runs stay with the artifact that they began with, so
    /// one that is not current any more may still be loaded.
    ///
    /// # Errors
    /// Those of [`State::current`].
    pub fn approval(&self, tenant: &Tenant, skill: &SkillName, digest: Digest) -> Result<&Approval, Error> {
        let of_digest = |approval: &&Approval| approval.digest == digest;
        let newest = self.approvals_of(tenant, skill).iter().rev().find(of_digest);
        self.stand(newest.ok_or_else(|| not_approved(&format!("{digest} is not approved as `{skill}`")))?)
    }

    /// Checks that an approval stands, and what it rests on.
    fn stand<'a>(&self, approval: &'a Approval) -> Result<&'a Approval, Error> {
        if let Some(revocation) = &approval.revoked {
            return Err(Error::new(
                Code::ApprovalRevoked,
                format!(
                    "the approval of `{}` was taken back: {}",
                    approval.skill, revocation.reason
                ),
            ));
        }
        self.check_signers(approval)?;
        Ok(approval)
    }

    /// Checks that enough of what an approval rests on still counts. A key that was revoked takes nothing with it that
    /// the others carry, so that keys can be exchanged.
    fn check_signers(&self, approval: &Approval) -> Result<(), Error> {
        let trusted = |key| self.check_trust(&approval.skill, approval.digest, &approval.publisher, key);
        let ours = approval.signed.iter().filter(|signed| signed.is_ours());
        let first = trusted(approval.key);
        if first.is_err() && !ours.into_iter().any(|signed| trusted(signed.key).is_ok()) {
            return first;
        }
        let counted: Vec<&Signed> = approval.signed.iter().filter(|signed| self.counts(signed)).collect();
        self.policy().check(&approval.skill, &counted)
    }
}

fn not_approved(why: &str) -> Error {
    Error::new(
        Code::NotApproved,
        format!("{why}: an approver accepts it with `skillhost approve`"),
    )
}
