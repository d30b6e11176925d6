//! One run between its opening and its end: who it is, what its journal says, and what is still to be written.

mod begin;
mod timer;
mod write;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::budget::Limits;
use crate::clock::Clock;
use crate::halt::Stop;
use crate::history::{Ended, History};
use crate::journal::{Fence, Journal, JournalError, Record, RunKey};
use crate::secret::RunSecret;

pub(crate) use begin::Begun;
pub(crate) use write::Noted;

/// Who a run is. The same each time that it is opened.
#[derive(Clone, Debug)]
pub struct About {
    /// Whose, and which.
    pub key: RunKey,
    /// The name of the skill, such as `acme/jira`.
    pub skill: String,
    /// The digest that was approved and runs.
    pub digest: String,
    /// The tool that was invoked.
    pub tool: String,
    /// Who invoked it: the name of a token.
    pub by: String,
    /// What its commitments are made with.
    pub secret: RunSecret,
    /// What it may use.
    pub limits: Limits,
}

/// How a run uses its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A new run: its journal begins with its first call, and nothing is read or written before.
    Live,
    /// Recorded outcomes first, live calls after.
    Resume,
    /// Recorded outcomes only, and nothing is written.
    Replay,
}

/// A run that is open. Calls take it by `&mut`, so a run has one call under way at most; after a halt, or a call that
/// was dropped, it answers nothing more and has to be opened again.
#[derive(Debug)]
pub struct Run {
    about: Arc<About>,
    mode: Mode,
    fence: Option<Fence>,
    journal: Journaling,
    history: History,
    /// How much of the history was replayed.
    cursor: usize,
    numbers: BTreeSet<u32>,
    pending: Vec<Record>,
    calls: u32,
    timers: u32,
    under_way: bool,
    last: Timestamp,
}

/// What a run writes with.
struct Journaling {
    journal: Arc<dyn Journal>,
    clock: Arc<dyn Clock>,
}

impl Run {
    /// Whose, and which.
    pub fn key(&self) -> &RunKey {
        &self.about.key
    }

    /// Who it is.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// How it uses its journal.
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// How the run ended, where its journal says so: a stop of the guest is reproduced at this fuel.
    pub const fn ended(&self) -> Option<&Ended> {
        self.history.ended.as_ref()
    }

    /// How long it stood still until a person decided, or stands still: no part of its deadline.
    pub fn waited_for_people(&self) -> SignedDuration {
        self.history.for_people(self.wall())
    }

    /// Whether everything that is recorded was replayed: what comes next is live. Logs are muted before.
    pub fn is_live(&self) -> bool {
        self.mode != Mode::Replay && self.cursor == self.history.order.len()
    }

    pub(crate) async fn open(
        about: About,
        mode: Mode,
        journal: Arc<dyn Journal>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Stop> {
        let (fence, records) = match mode {
            Mode::Live => (None, Vec::new()),
            Mode::Replay => (None, journal.read(&about.key).await.map_err(|error| stop(&error))?),
            Mode::Resume => {
                let claimed = journal.claim(&about.key).await.map_err(|error| stop(&error))?;
                (Some(claimed.fence), claimed.records)
            }
        };
        let history = History::fold(records)?;
        Ok(Self {
            about: Arc::new(about),
            mode,
            fence,
            journal: Journaling { journal, clock },
            cursor: 0,
            numbers: BTreeSet::new(),
            pending: Vec::new(),
            calls: 0,
            timers: 0,
            under_way: false,
            last: history.last,
            history,
        })
    }

    pub(crate) fn limits(&self) -> Limits {
        self.about.limits
    }

    /// Calls that came to the gate so far, replayed ones included.
    pub(crate) const fn calls(&self) -> u32 {
        self.calls
    }

    /// The time in whole milliseconds, and never earlier than what is recorded.
    pub(crate) fn now(&self) -> Timestamp {
        self.wall().max(self.last)
    }

    fn wall(&self) -> Timestamp {
        whole_milliseconds(self.journal.clock.now())
    }

    fn until(&self, until: Timestamp) -> SignedDuration {
        until.duration_since(self.wall())
    }
}

impl std::fmt::Debug for Journaling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Journaling")
    }
}

/// The resolution of every time in a journal.
pub(crate) fn whole_milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// The stop that a failing journal means.
pub(crate) fn stop(error: &JournalError) -> Stop {
    let stop = Stop::new(error.code(), error.to_string());
    let stop = if error.retryable() { stop.retryable() } else { stop };
    match std::error::Error::source(error) {
        Some(kept) => stop.keep(kept),
        None => stop,
    }
}
