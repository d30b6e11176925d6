//! A run as it is followed: its journal as it grows, what comes of an answer before it is whole, and where the run stands.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use gate::journal::{Entry, Event};
use gate::{JournalError, Provisional, RunKey};
use registry::Tenant;
use tokio::time::{Instant, Interval, interval_at};

use super::attend::key_of;
use super::audience::{Place, Told};
use super::decide::Recorded;
use super::{RunError, Runs};
use crate::run::RunId;
use crate::store::{RunState, RunTitle};

/// Something that happened in a run.
#[derive(Clone, Debug)]
pub enum Happened {
    /// A piece of an answer came. What holds is the journal.
    Provisional(Provisional),
    /// The journal has this at this place.
    Entry(u64, Box<Recorded>),
    /// The run stands here; after it has ended, this is the last.
    State(Box<RunTitle>),
}

/// Somebody follows a run.
pub struct Follow {
    runs: Arc<Runs>,
    run: RunKey,
    id: RunId,
    tenant: Tenant,
    place: Place,
    /// The next place of the journal.
    next: u64,
    /// The last call that has ended: whatever comes of it is late.
    ended: u32,
    stood: Option<(RunState, Option<String>)>,
    waiting: VecDeque<Happened>,
    stale: Interval,
    over: bool,
}

/// A run that is said not to change is looked at all the same, so often.
const LOOK: Duration = Duration::from_secs(15);

impl Runs {
    /// Follows a run of the tenant from this place of its journal on; nothing where there is no such run.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn follow(self: &Arc<Self>, tenant: &Tenant, id: RunId, from: u64) -> Result<Option<Follow>, RunError> {
        let run = key_of(tenant, id);
        let (place, so_far) = self.audience.follow(&run);
        let mut follow = Follow {
            runs: Arc::clone(self),
            run,
            id,
            tenant: tenant.clone(),
            place,
            next: from,
            ended: 0,
            stood: None,
            waiting: VecDeque::new(),
            stale: interval_at(Instant::now() + LOOK, LOOK),
            over: false,
        };
        if !follow.look().await? {
            return Ok(None);
        }
        let coming = so_far.into_iter().filter(|shown| shown.number > follow.ended);
        follow.waiting.extend(coming.map(Happened::Provisional));
        Ok(Some(follow))
    }
}

impl Follow {
    /// What happens next; nothing once the run is over, or the host ends.
    ///
    /// # Errors
    /// Where the run cannot be read.
    pub async fn next(&mut self) -> Result<Option<Happened>, RunError> {
        loop {
            if let Some(happened) = self.waiting.pop_front() {
                return Ok(Some(happened));
            }
            if self.over {
                return Ok(None);
            }
            let told = tokio::select! {
                biased;
                told = self.place.told() => told,
                _ = self.stale.tick() => Some(Told::Changed),
            };
            match told {
                Some(Told::Provisional(shown)) if shown.number > self.ended => {
                    return Ok(Some(Happened::Provisional(shown)));
                }
                Some(Told::Provisional(_)) => {}
                Some(Told::Changed) if self.look().await? => {}
                Some(Told::Changed) | None => self.over = true,
            }
        }
    }

    /// Reads what is new, where there is such a run. Where it stands is read first, so that the journal of one that has ended
    /// is whole.
    async fn look(&mut self) -> Result<bool, RunError> {
        let Some(row) = self.runs.store.run(&self.tenant, self.id).await? else {
            return Ok(false);
        };
        let title = row.title;
        let records = match self.runs.journal.read_from(&self.run, self.next).await {
            // A run that asked for nothing has none.
            Err(JournalError::Unknown) => Vec::new(),
            records => records?,
        };
        for record in records {
            self.ended = self.ended.max(ended(&record.entry));
            let recorded = Recorded::of(record)?;
            self.waiting.push_back(Happened::Entry(self.next, Box::new(recorded)));
            self.next += 1;
        }
        let stands = (title.state, title.code.clone());
        self.over = !matches!(title.state, RunState::Running | RunState::Suspended);
        if self.stood.as_ref() != Some(&stands) {
            self.stood = Some(stands);
            self.waiting.push_back(Happened::State(Box::new(title)));
        }
        Ok(true)
    }
}

/// The call that ended with this entry.
const fn ended(entry: &Entry) -> u32 {
    match entry.event {
        Event::Finished { .. } | Event::Refused { .. } => entry.number,
        _ => 0,
    }
}
