//! The skills whose code is in memory: those used last, up to so many bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use registry::ledger::Grants;
use registry::{Digest, Tenant};
use tokio::sync::OnceCell;

use crate::engine::code::Code;
use crate::engine::skill::Skill;

/// Where the code of one artifact is, or is going to be once whoever came first has compiled it.
pub(crate) type Place = Arc<OnceCell<Arc<Code>>>;

/// Skills in memory. Without a bound, every skill that was ever run would stay.
pub(crate) struct Resident {
    held: Mutex<Held>,
    /// Bytes of code that may stay.
    room: usize,
}

/// Skills that may stay, however small: each also holds a few file descriptors and mappings.
const MOST: usize = 256;

#[derive(Default)]
struct Held {
    artifacts: HashMap<Digest, Artifact>,
    /// Counts uses, to tell the oldest.
    uses: u64,
}

#[derive(Default)]
struct Artifact {
    place: Place,
    /// The skill as each tenant approved it.
    skills: HashMap<Tenant, Arc<Skill>>,
    used: u64,
}

impl Resident {
    pub(crate) fn new(room: usize) -> Self {
        Self {
            held: Mutex::default(),
            room,
        }
    }

    /// Where the code of an artifact belongs. All who ask at the same time are given the same place.
    pub(crate) fn place(&self, digest: Digest) -> Place {
        let mut held = self.lock();
        Arc::clone(&held.touch(digest).place)
    }

    /// Whether the code of an artifact is in memory.
    pub(crate) fn holds(&self, digest: Digest) -> bool {
        let held = self.lock();
        held.artifacts
            .get(&digest)
            .is_some_and(|artifact| artifact.place.initialized())
    }

    /// The skill as this tenant approved it with these grants, where it is in memory.
    pub(crate) fn get(&self, tenant: &Tenant, digest: Digest, grants: &Grants) -> Option<Arc<Skill>> {
        let mut held = self.lock();
        if !held.artifacts.contains_key(&digest) {
            return None;
        }
        let skill = held.touch(digest).skills.get(tenant)?;
        (skill.grants() == grants).then(|| Arc::clone(skill))
    }

    /// Keeps a skill, and lets go of those that were not used for longest until all fit.
    pub(crate) fn keep(&self, tenant: Tenant, digest: Digest, skill: Arc<Skill>) {
        let mut held = self.lock();
        held.touch(digest).skills.insert(tenant, skill);
        while held.artifacts.len() > 1 && (held.artifacts.len() > MOST || held.size() > self.room) {
            held.let_go();
        }
    }

    /// Lets go of an artifact. Runs that are under way go on.
    pub(crate) fn forget(&self, digest: Digest) {
        self.lock().artifacts.remove(&digest);
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn touch(&mut self, digest: Digest) -> &mut Artifact {
        self.uses += 1;
        let artifact = self.artifacts.entry(digest).or_default();
        artifact.used = self.uses;
        artifact
    }

    fn size(&self) -> usize {
        let codes = self.artifacts.values().filter_map(|artifact| artifact.place.get());
        codes.map(|code| code.size).sum()
    }

    fn let_go(&mut self) {
        let oldest = self.artifacts.iter().min_by_key(|(_, artifact)| artifact.used);
        if let Some(digest) = oldest.map(|(digest, _)| *digest) {
            self.artifacts.remove(&digest);
        }
    }
}
