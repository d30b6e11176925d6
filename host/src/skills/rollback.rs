//! The way back to an artifact that a tenant approved before.

use std::str::FromStr;

use registry::ledger::{Approval, Entry, Scope};
use registry::{Code, Digest, Error, SkillName, Tenant};
use semver::Version;

use super::Skills;
use crate::token::Caller;
use crate::trust::DecideError;

/// How somebody names the artifact to go back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// By its digest.
    Digest(Digest),
    /// By its version.
    Version(Version),
}

impl FromStr for Target {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Ok(version) = text.parse() {
            return Ok(Self::Version(version));
        }
        text.parse().map(Self::Digest)
    }
}

impl Skills {
    /// Lets the caller's tenant run an artifact again that it approved before, with the grants that it had then: the one
    /// that is named, or else the one that ran before the present one. It is durable when this returns.
    ///
    /// # Errors
    /// `not-approved` where there is none, or two of one version; whatever [`registry::ledger::State::approval`]
    /// refuses; `artifact-not-found` where the host does not keep it any more.
    pub async fn roll_back(
        &self,
        caller: &Caller,
        name: &SkillName,
        to: Option<&Target>,
        reason: String,
    ) -> Result<Approval, DecideError> {
        let earlier = self.earlier(caller.tenant(), name, to)?;
        // Before anything is recorded, so that what runs now runs on where the other cannot.
        self.take(&earlier).await?;
        let entry = Entry::RolledBack {
            skill: name.clone(),
            digest: earlier.digest,
            reason,
        };
        let scope = Scope::Tenant(caller.tenant().clone());
        self.trust.decide(scope, caller.name(), entry).await?;
        Ok(self.current(caller.tenant(), name)?)
    }

    fn earlier(&self, tenant: &Tenant, name: &SkillName, to: Option<&Target>) -> Result<Approval, Error> {
        let state = self.trust.state();
        let mut earlier = state.earlier(tenant, name);
        let found = match to {
            None => earlier.next(),
            Some(Target::Digest(digest)) => return state.approval(tenant, name, *digest).cloned(),
            Some(Target::Version(version)) => {
                let mut of_it = earlier.filter(|approval| approval.version == *version);
                let found = of_it.next();
                if let Some(other) = of_it.next() {
                    let told = format!(
                        "two artifacts were approved as {version} of `{name}`: say which by its digest, such as {}",
                        other.digest
                    );
                    return Err(Error::new(Code::NotApproved, told));
                }
                found
            }
        };
        found.cloned().ok_or_else(|| {
            let told = format!("there is no other version of `{name}` to go back to that was approved and still holds");
            Error::new(Code::NotApproved, told)
        })
    }
}
