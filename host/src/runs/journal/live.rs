//! Runs that this process holds: their keys, and the records of those that are not in the store yet.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::seal::DataKey;
use crate::store::{JournalId, RunRow};

/// The journal knows the run's key for as long as this lives.
#[must_use = "the journal forgets the run's key when this is dropped"]
pub struct LiveRun {
    lives: Arc<Lives>,
    id: JournalId,
    live: Arc<Live>,
}

impl LiveRun {
    /// Whether the run is on record, as far as the journal knows.
    pub fn is_recorded(&self) -> bool {
        self.live.unrecorded().is_none()
    }

    /// Says that the run is on record: its journal need not see to it.
    pub fn recorded(&self) {
        self.live.recorded();
    }
}

impl Drop for LiveRun {
    fn drop(&mut self) {
        let mut lives = self.lives.lock();
        // Somebody else may have taken the run in since.
        if lives.get(&self.id).is_some_and(|live| Arc::ptr_eq(live, &self.live)) {
            lives.remove(&self.id);
        }
    }
}

#[derive(Default)]
pub(super) struct Lives(Mutex<HashMap<JournalId, Arc<Live>>>);

impl Lives {
    pub(super) fn add(self: &Arc<Self>, id: JournalId, live: Live) -> LiveRun {
        let live = Arc::new(live);
        self.lock().insert(id.clone(), Arc::clone(&live));
        LiveRun {
            lives: Arc::clone(self),
            id,
            live,
        }
    }

    pub(super) fn find(&self, id: &JournalId) -> Option<Arc<Live>> {
        self.lock().get(id).map(Arc::clone)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<JournalId, Arc<Live>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of one run.
pub(super) struct Live {
    key: Arc<DataKey>,
    /// How long the journal is, but for decisions since: a guess, which the store checks.
    length: AtomicU64,
    unrecorded: Mutex<Option<Arc<RunRow>>>,
}

impl Live {
    pub(super) fn new(key: Arc<DataKey>, length: u64, unrecorded: Option<RunRow>) -> Self {
        Self {
            key,
            length: AtomicU64::new(length),
            unrecorded: Mutex::new(unrecorded.map(Arc::new)),
        }
    }

    pub(super) fn key(&self) -> &DataKey {
        &self.key
    }

    pub(super) fn length(&self) -> u64 {
        self.length.load(Ordering::Relaxed)
    }

    pub(super) fn has(&self, length: u64) {
        self.length.store(length, Ordering::Relaxed);
    }

    /// The record of the run, while it is in no store.
    pub(super) fn unrecorded(&self) -> Option<Arc<RunRow>> {
        self.row().clone()
    }

    pub(super) fn recorded(&self) {
        *self.row() = None;
    }

    fn row(&self) -> MutexGuard<'_, Option<Arc<RunRow>>> {
        self.unrecorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
