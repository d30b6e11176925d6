//! Whether an artifact is trusted: who signed it, for which name, and what was revoked since.

#[cfg(test)]
mod tests;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::artifact::{Approved, Pulled, Verified};
use crate::component::check_declared;
use crate::declaration::Declaration;
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::layout::MANIFEST;
use crate::ledger::{Approval, Entry, Grants, State};
use crate::manifest::Manifest;
use crate::name::{SkillName, Tenant};
use crate::signature::{Bundle, Claim, PURPOSE, Statement};

/// How far the clocks of publisher and host may differ.
const CLOCKS: SignedDuration = SignedDuration::from_mins(10);

/// What a bundle says, once a trusted key is known to have signed it for the skill's namespace.
struct Vouched {
    bundle: Bytes,
    claim: Claim,
    key: Digest,
}

impl Pulled {
    /// Checks, for a new approval, who signed the artifact, for which name, what the component is and declares.
    ///
    /// Bundles that are no signatures of ours, or by nobody known, are passed over: anyone can put them there. One good
    /// signature is needed.
    ///
    /// # Errors
    /// `digest-revoked`; `unsigned`, `signed-by-stranger`, `signature-invalid`, `key-revoked`, `publisher-revoked`,
    /// `namespace-not-owned`, `statement-mismatch`, `statement-expired`; whatever [`Declaration::read`] refuses.
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
        let vouched = match best(self.bundles().iter().map(|bundle| self.judge(bundle, state, now))) {
            // Whoever pushed it with another tool has more to do than to sign it.
            Err(error) if error.code() == Code::Unsigned => {
                check_declared(self.component())?;
                return Err(error);
            }
            judged => judged?,
        };
        // Only now, because reading a component is work that strangers should not be able to ask for.
        let declaration = Declaration::read(self.component())?;
        check_manifest(&vouched.claim, declaration.manifest())?;
        let pulled = self.with_bundle(vouched.bundle);
        Ok(Verified::new(pulled, declaration, vouched.claim.publisher, vouched.key))
    }

    /// What one bundle is worth.
    fn judge(&self, bytes: &Bytes, state: &State, now: Option<Timestamp>) -> Result<Vouched, Error> {
        let bundle = Bundle::read(bytes)
            .filter(|bundle| Statement::is_ours(bundle.payload()))
            .ok_or_else(unsigned)?;
        // The hint only says which key to try; the signature says whether it is the one.
        let key = state.key(&bundle.hint()).ok_or_else(|| stranger(&bundle.hint()))?;
        if !bundle.is_signed_by(&key.public) {
            return Err(Error::new(
                Code::SignatureInvalid,
                format!(
                    "the signature is not one of the key {} that it names: sign the artifact again",
                    key.id
                ),
            ));
        }
        let claim =
            Claim::read(bundle.payload()).ok_or_else(|| mismatch("its statement is not of the form of version 1"))?;
        if claim.publisher != key.publisher {
            return Err(mismatch(&format!(
                "it speaks for the publisher `{}` and the key is one of `{}`",
                claim.publisher, key.publisher
            )));
        }
        state.check_trust(self.asked(), self.digest(), &claim.publisher, key.id)?;
        check_claim(&claim, self.asked(), self.digest())?;
        if let Some(now) = now {
            check_time(&claim, now)?;
        }
        Ok(Vouched {
            bundle: bytes.clone(),
            claim,
            key: key.id,
        })
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
            grants,
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
    /// `namespace-not-owned`.
    pub fn current(&self, tenant: &Tenant, skill: &SkillName) -> Result<&Approval, Error> {
        let approvals = self.approvals_of(tenant, skill);
        let current = approvals.iter().rev().find(|approval| approval.revoked.is_none());
        self.stand(
            current.or(approvals.last()),
            &format!("no version of `{skill}` is approved"),
        )
    }

    /// The newest approval of one artifact, as long as it stands. Runs stay with the artifact that they began with, so
    /// one that is not current any more may still be loaded.
    ///
    /// # Errors
    /// Those of [`State::current`].
    pub fn approval(&self, tenant: &Tenant, skill: &SkillName, digest: Digest) -> Result<&Approval, Error> {
        let of_digest = |approval: &&Approval| approval.digest == digest;
        let newest = self.approvals_of(tenant, skill).iter().rev().find(of_digest);
        self.stand(newest, &format!("{digest} is not approved as `{skill}`"))
    }

    /// Checks that an approval stands, and what it rests on.
    fn stand<'a>(&self, approval: Option<&'a Approval>, otherwise: &str) -> Result<&'a Approval, Error> {
        let approval = approval.ok_or_else(|| not_approved(otherwise))?;
        if let Some(revocation) = &approval.revoked {
            return Err(Error::new(
                Code::ApprovalRevoked,
                format!(
                    "the approval of `{}` was taken back: {}",
                    approval.skill, revocation.reason
                ),
            ));
        }
        self.check_trust(&approval.skill, approval.digest, &approval.publisher, approval.key)?;
        Ok(approval)
    }
}

/// The first bundle that holds, or else the refusal of the one that came furthest: junk beside it says nothing.
fn best(judged: impl Iterator<Item = Result<Vouched, Error>>) -> Result<Vouched, Error> {
    let mut refusal = unsigned();
    for one in judged {
        match one {
            Ok(vouched) => return Ok(vouched),
            Err(error) if rank(error.code()) > rank(refusal.code()) => refusal = error,
            Err(_) => {}
        }
    }
    Err(refusal)
}

/// How far a bundle came before it was refused.
const fn rank(code: Code) -> u8 {
    match code {
        Code::Unsigned => 0,
        Code::SignedByStranger => 1,
        Code::SignatureInvalid => 2,
        Code::StatementExpired => 4,
        _ => 3,
    }
}

fn check_claim(claim: &Claim, asked: &SkillName, digest: Digest) -> Result<(), Error> {
    if claim.skill != *asked {
        return Err(mismatch(&format!(
            "it was made for the skill `{}`, not `{asked}`",
            claim.skill
        )));
    }
    if claim.digest != digest {
        return Err(mismatch(&format!(
            "it was made for the artifact {}, not {digest}",
            claim.digest
        )));
    }
    if claim.media_type != MANIFEST {
        return Err(mismatch("it was made for another media type than an OCI manifest"));
    }
    if claim.purpose != PURPOSE {
        return Err(mismatch("it was made for another purpose than to run the skill"));
    }
    Ok(())
}

/// Compares what was signed with what the component itself declares.
fn check_manifest(claim: &Claim, manifest: &Manifest) -> Result<(), Error> {
    let about = &manifest.skill;
    if about.name != claim.skill {
        return Err(mismatch(&format!(
            "it was made for the skill `{}`, and the component says that it is `{}`",
            claim.skill, about.name
        )));
    }
    if about.version != claim.version {
        return Err(mismatch(&format!(
            "it was made for version {}, and the component says that it is {}",
            claim.version, about.version
        )));
    }
    Ok(())
}

fn check_time(claim: &Claim, now: Timestamp) -> Result<(), Error> {
    let expired = |told: String| Err(Error::new(Code::StatementExpired, told));
    if now >= claim.expires {
        return expired(format!(
            "the signature expired on {}: sign the artifact again",
            claim.expires
        ));
    }
    if now.saturating_add(CLOCKS).unwrap_or(Timestamp::MAX) < claim.issued {
        return expired(format!(
            "the signature is of {}, which is yet to come: set the clocks",
            claim.issued
        ));
    }
    Ok(())
}

fn unsigned() -> Error {
    Error::new(
        Code::Unsigned,
        "the artifact has no signature that a host can use: publish it with `skillhost publish`, which signs it \
         (signatures of cosign alone do not say for which skill they are)",
    )
}

fn stranger(key: &Digest) -> Error {
    Error::new(
        Code::SignedByStranger,
        format!(
            "the artifact is signed by the key {key}, which belongs to no known publisher: add its publisher first"
        ),
    )
}

fn mismatch(why: &str) -> Error {
    Error::new(
        Code::StatementMismatch,
        format!("the signature does not hold here: {why}"),
    )
}

fn not_approved(why: &str) -> Error {
    Error::new(
        Code::NotApproved,
        format!("{why}: an approver accepts it with `skillhost approve`"),
    )
}
