//! Skills on this host: inspected before they are approved, kept on the shelf, described and made ready to run.

mod approve;
mod coverage;
mod described;
mod difference;
mod inspection;
mod lookalike;
mod offered;
mod rollback;
mod rules;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use registry::ledger::Approval;
use registry::{Approved, Client, Digest, Error, Pulled, Reference, Shelf, SkillName, Tenant, Verified};
use semver::Version;

use crate::engine::{self, Engine, Rehearsal, Skill};
use crate::trust::Trust;

pub use approve::Decision;
pub use described::{Described, DescribedTool};
pub use difference::Change;
pub use inspection::{Difference, Inspection, Warning};
pub use offered::{Named, Offer};
pub use rollback::Target;
pub use rules::{ApprovalSettings, BindingName, Danger, RuleOfTwo, Ruled, Rules};

/// Why a skill cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum ReadyError {
    /// It is not approved, or not trusted any more.
    #[error(transparent)]
    Refused(#[from] registry::Error),
    /// It cannot be compiled or linked.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

impl ReadyError {
    /// What to branch on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(error) => error.code().as_str(),
            Self::Engine(error) => error.code().as_str(),
        }
    }
}

/// What a tenant runs under a name now.
pub struct Ready {
    /// The version.
    pub version: Version,
    /// The artifact.
    pub digest: Digest,
    /// The same, ready to run.
    pub skill: Arc<Skill>,
}

/// The skills of a host.
pub struct Skills {
    trust: Arc<Trust>,
    rules: Rules,
    shelf: Shelf,
    client: Client,
    engine: Engine,
    described: RwLock<HashMap<Digest, Arc<Described>>>,
}

impl Skills {
    /// Skills that are pulled by this client, kept on this shelf and run by this engine.
    pub fn new(trust: Arc<Trust>, rules: Rules, shelf: Shelf, client: Client, engine: Engine) -> Self {
        Self {
            trust,
            rules,
            shelf,
            client,
            engine,
            described: RwLock::default(),
        }
    }

    /// Pulls an artifact and verifies it. What is told of it later is read from these bytes.
    ///
    /// # Errors
    /// Those of pulling and verifying.
    pub async fn verify(&self, reference: &Reference) -> Result<Arc<Verified>, Error> {
        let pulled = self.client.pull(reference).await?;
        let state = self.trust.state();
        blocking(move || pulled.verify(&state, Timestamp::now()).map(Arc::new)).await
    }

    /// What a tenant runs under a name now.
    ///
    /// # Errors
    /// Where it is not approved, or not trusted any more.
    pub fn current(&self, tenant: &Tenant, name: &SkillName) -> Result<Approval, Error> {
        self.trust.state().current(tenant, name).cloned()
    }

    /// What a tenant runs under a name now, ready to run. The ledger is asked each time, because what is in memory may
    /// have been revoked since.
    ///
    /// # Errors
    /// Where it is not approved, not trusted any more, or cannot be compiled.
    pub async fn ready(&self, tenant: &Tenant, name: &SkillName) -> Result<Ready, ReadyError> {
        let state = self.trust.state();
        let approval = state.current(tenant, name)?;
        Ok(Ready {
            version: approval.version.clone(),
            digest: approval.digest,
            skill: self.load(approval).await?,
        })
    }

    /// The artifact that a run of a tenant began with, ready to run, whatever was approved since.
    ///
    /// # Errors
    /// Where it is not approved or not trusted any more, or cannot be compiled.
    pub async fn pinned(&self, tenant: &Tenant, name: &SkillName, digest: Digest) -> Result<Arc<Skill>, ReadyError> {
        let state = self.trust.state();
        self.load(state.approval(tenant, name, digest)?).await
    }

    /// What an approval that stands is of, ready to run.
    async fn load(&self, approval: &Approval) -> Result<Arc<Skill>, ReadyError> {
        let Approval {
            tenant, digest, grants, ..
        } = approval;
        if let Some(skill) = self.engine.loaded(tenant, *digest, grants) {
            return Ok(skill);
        }
        let fetch = self.engine.fetch(*digest);
        Ok(self.engine.load_fetched(&self.take(approval).await?, fetch).await?)
    }

    /// A verified artifact, ready to be tried on what runs of a tenant recorded, within the limits of what runs now.
    ///
    /// # Errors
    /// Where it cannot be compiled.
    pub async fn rehearsal(&self, tenant: &Tenant, verified: &Verified) -> Result<Rehearsal, ReadyError> {
        let current = self.current(tenant, verified.pulled().asked());
        let grants = current.map(|approval| approval.grants).unwrap_or_default();
        Ok(self.engine.rehearse(verified, &grants).await?)
    }

    /// Lets go of the code of an artifact that is revoked.
    pub fn forget(&self, digest: Digest) {
        self.engine.forget(digest);
    }

    /// Lets go of all code, so that every artifact is looked at again before it runs.
    pub fn forget_all(&self) {
        let state = self.trust.state();
        for tenant in state.tenants() {
            for approval in state.approvals(tenant) {
                self.engine.forget(approval.digest);
            }
        }
    }

    /// How memory is made clean between runs.
    pub fn reset(&self) -> engine::Reset {
        self.engine.reset()
    }

    /// The skills that a tenant may run now, in the order of their names.
    pub fn all(&self, tenant: &Tenant) -> Vec<Approval> {
        let state = self.trust.state();
        let mut names: Vec<_> = state.approvals(tenant).map(|approval| approval.skill.clone()).collect();
        names.sort();
        names.dedup();
        names
            .iter()
            .filter_map(|name| state.current(tenant, name).ok().cloned())
            .collect()
    }

    /// What an approved skill says of itself.
    ///
    /// # Errors
    /// Where it is not kept as it was, or not trusted any more.
    pub async fn describe(&self, approval: &Approval) -> Result<Arc<Described>, Error> {
        if let Some(described) = self.known(&approval.digest) {
            return Ok(described);
        }
        let approved = self.take(approval).await?;
        let described = Arc::new(Described::read(approved.verified())?);
        let mut all = self.described.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(approval.digest, Arc::clone(&described));
        Ok(described)
    }

    /// The artifact from the shelf, with everything about it checked again.
    async fn take(&self, approval: &Approval) -> Result<Approved, Error> {
        let (shelf, state) = (self.shelf.clone(), self.trust.state());
        let (digest, name, tenant) = (approval.digest, approval.skill.clone(), approval.tenant.clone());
        blocking(move || {
            let pulled: Pulled = shelf.get(&digest, name)?;
            pulled.approved(&state, &tenant)
        })
        .await
    }

    fn known(&self, digest: &Digest) -> Option<Arc<Described>> {
        let all = self.described.read().unwrap_or_else(PoisonError::into_inner);
        all.get(digest).map(Arc::clone)
    }
}

fn not_approved(name: &SkillName) -> Error {
    Error::new(
        registry::Code::NotApproved,
        format!("no version of `{name}` is approved"),
    )
}

/// Reads and hashes on a thread that may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|cause| {
        Error::new(
            registry::Code::ShelfUnusable,
            "the host failed while it read the artifact: try again",
        )
        .keep(cause)
    })?
}
