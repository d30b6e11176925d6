//! Who follows runs while they go on, and what they are told at once. What holds is in the journal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gate::{Audience as Shown, Delta, Provisional, RunKey};
use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

/// Who follows which run.
#[derive(Default)]
pub struct Audience {
    runs: Mutex<HashMap<RunKey, Stage>>,
    closed: CancellationToken,
}

/// What those who follow a run are told.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// A piece of an answer came.
    Provisional(Provisional),
    /// The journal is longer, or the run stands elsewhere.
    Changed,
}

/// One run that is followed, or of which an answer is coming.
#[derive(Default)]
struct Stage {
    followers: Option<Sender<Told>>,
    /// What came of the answer so far, for whoever comes later.
    so_far: Vec<Provisional>,
}

/// A place among those who follow a run.
pub(super) struct Place {
    audience: Arc<Audience>,
    run: RunKey,
    told: Receiver<Told>,
}

/// Messages that wait for a slow follower; beyond, it misses pieces of answers and nothing that holds.
const WAITING: usize = 1024;

impl Audience {
    /// Takes a place. Returns what came so far of an answer that is coming.
    pub(super) fn follow(self: &Arc<Self>, run: &RunKey) -> (Place, Vec<Provisional>) {
        let mut runs = self.runs();
        let stage = runs.entry(run.clone()).or_default();
        let told = match &stage.followers {
            Some(sender) => sender.subscribe(),
            None => {
                let (sender, told) = broadcast::channel(WAITING);
                stage.followers = Some(sender);
                told
            }
        };
        let so_far = stage.so_far.clone();
        drop(runs);
        let place = Place {
            audience: Arc::clone(self),
            run: run.clone(),
            told,
        };
        (place, so_far)
    }

    /// Says that there is something new to be read of this run.
    pub(super) fn changed(&self, run: &RunKey) {
        if let Some(followers) = self.runs().get(run).and_then(|stage| stage.followers.as_ref()) {
            // Without followers there is nobody to miss it.
            let _ = followers.send(Told::Changed);
        }
    }

    /// The same where the run has left memory, so that nothing of it is coming.
    pub(super) fn left(&self, run: &RunKey) {
        self.changed(run);
        let mut runs = self.runs();
        if let Some(stage) = runs.get_mut(run) {
            stage.so_far.clear();
            stage.tidy().then(|| runs.remove(run));
        }
    }

    /// Sends everybody away: the host ends. They come again to whoever follows it.
    pub fn close(&self) {
        self.closed.cancel();
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<RunKey, Stage>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown for Audience {
    fn show(&self, run: &RunKey, shown: Provisional) {
        let mut runs = self.runs();
        let stage = match runs.get_mut(run) {
            Some(stage) => stage,
            None => runs.entry(run.clone()).or_default(),
        };
        stage.add(&shown);
        if let Some(followers) = &stage.followers {
            let _ = followers.send(Told::Provisional(shown));
        }
    }
}

impl Stage {
    fn add(&mut self, shown: &Provisional) {
        let of = |shown: &Provisional| (shown.number, shown.attempt);
        if self.so_far.last().is_some_and(|last| of(last) != of(shown)) {
            self.so_far.clear();
        }
        match (self.so_far.last_mut(), &shown.delta) {
            (
                Some(Provisional {
                    delta: Delta::Text(text),
                    ..
                }),
                Delta::Text(more),
            ) => text.push_str(more),
            _ => self.so_far.push(shown.clone()),
        }
    }

    /// Whether nothing is left of it.
    fn tidy(&mut self) -> bool {
        if self
            .followers
            .as_ref()
            .is_some_and(|sender| sender.receiver_count() == 0)
        {
            self.followers = None;
        }
        self.followers.is_none() && self.so_far.is_empty()
    }
}

impl Place {
    /// What is told next; nothing where everybody is sent away. Whoever was too slow is told to look for themselves.
    pub(super) async fn told(&mut self) -> Option<Told> {
        tokio::select! {
            biased;
            () = self.audience.closed.cancelled() => None,
            told = self.told.recv() => Some(told.unwrap_or(Told::Changed)),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut runs = self.audience.runs();
        // Its own receiver is still there.
        self.told = broadcast::channel(1).1;
        if runs.get_mut(&self.run).is_some_and(Stage::tidy) {
            runs.remove(&self.run);
        }
    }
}
