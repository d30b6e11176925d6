//! The record of a run's calls: what is kept, and where.

mod charge;
pub mod conformance;
pub mod entry;
mod memory;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::Code;
use crate::payload::Payload;

pub use charge::{Charge, Meter, Spent};
pub use entry::{Bill, Chosen, Ending, Entry, EntryError, Event, Resolution, VERSION};
pub use memory::MemoryJournal;

/// Which run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RunKey {
    /// Whose.
    pub tenant: String,
    /// Its name in the tenant.
    pub run: Uuid,
}

/// Who may write: the number of the latest claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fence(pub u64);

impl Fence {
    /// Of a new run, until it is claimed for the first time.
    pub const FIRST: Self = Self(1);
}

/// An entry with the content that belongs to it. The entry itself holds none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What happened.
    pub entry: Entry,
    /// What was asked, as it passed the gate; with the first of `asked`, `sent`, `finished` that a call has.
    pub call: Option<Payload>,
    /// How the call ended, as the guest saw it; with `refused` and `finished`.
    pub outcome: Option<Payload>,
}

/// A run taken over: everything recorded so far, and the right to add to it until the next claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The right.
    pub fence: Fence,
    /// In the order in which they were added.
    pub records: Vec<Record>,
}

/// Where records are kept. Each method is one transaction: all of it is durable when it returns `Ok`, none of it
/// happened when it returns an error, except that either may be true for [`JournalError::Unavailable`].
#[async_trait]
pub trait Journal: Send + Sync {
    /// Begins the journal of a new run with its first records, held under [`Fence::FIRST`]. A run that calls nothing
    /// costs no transaction, and one that does costs no other.
    ///
    /// # Errors
    /// [`JournalError::Exists`] when the run has a journal, or was claimed.
    async fn start(&self, run: &RunKey, records: Vec<Record>) -> Result<(), JournalError>;

    /// Takes a run over: raises its fence, so that whoever held it can add nothing more.
    ///
    /// # Errors
    /// See [`JournalError`].
    async fn claim(&self, run: &RunKey) -> Result<Claimed, JournalError>;

    /// Everything recorded so far, taking nothing over.
    ///
    /// # Errors
    /// See [`JournalError`].
    async fn read(&self, run: &RunKey) -> Result<Vec<Record>, JournalError>;

    /// Adds records in order: all, or none.
    ///
    /// # Errors
    /// [`JournalError::Superseded`] when the run was claimed since, [`JournalError::Ended`] after an `ended` entry.
    async fn append(&self, run: &RunKey, fence: Fence, records: Vec<Record>) -> Result<(), JournalError>;

    /// Adds what a person decided, whoever holds the run; [`Entry::fits`] judges it in the same transaction.
    ///
    /// # Errors
    /// [`JournalError::Decision`] when it does not fit, [`JournalError::Ended`] after an `ended` entry.
    async fn decide(&self, run: &RunKey, decision: Entry) -> Result<(), JournalError>;
}

/// Why a journal did not do it.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another holder claimed the run.
    #[error("another holder took the run over")]
    Superseded,
    /// The run has ended.
    #[error("the run has ended; nothing can be added to it")]
    Ended,
    /// A new run has a journal already.
    #[error("this run has begun before; resume it, or give the new run a name of its own")]
    Exists,
    /// There is no such run.
    #[error("there is no such run")]
    Unknown,
    /// A decision that does not fit what is recorded.
    #[error(transparent)]
    Decision(#[from] DecisionError),
    /// An entry that cannot be read.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The store failed. What was to be added may be there or not.
    #[error("the journal cannot be used")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a person's decision was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// Nobody asked.
    #[error("this call asks for no decision; look at the run again")]
    NotAsked,
    /// Somebody was faster.
    #[error("this question was answered before; the first answer holds")]
    AlreadyAnswered,
    /// The question has expired.
    #[error("this question has expired and the call is refused; invoke the tool again")]
    Expired,
}

impl DecisionError {
    /// What to branch on.
    pub const fn code(self) -> Code {
        match self {
            Self::NotAsked => Code::NOT_ASKED,
            Self::AlreadyAnswered => Code::ALREADY_ANSWERED,
            Self::Expired => Code::ANSWER_EXPIRED,
        }
    }
}

impl JournalError {
    /// What to branch on.
    pub const fn code(&self) -> Code {
        match self {
            Self::Superseded => Code::SUPERSEDED,
            Self::Ended => Code::RUN_ENDED,
            Self::Exists => Code::RUN_EXISTS,
            Self::Unknown => Code::RUN_UNKNOWN,
            Self::Decision(error) => error.code(),
            Self::Entry(EntryError::Newer { .. }) => Code::JOURNAL_NEWER,
            Self::Entry(EntryError::Damaged(_)) => Code::JOURNAL_DAMAGED,
            Self::Unavailable(_) => Code::JOURNAL_UNAVAILABLE,
        }
    }

    /// Whether the same may succeed later, unchanged.
    pub const fn retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl Record {
    /// An entry without content.
    pub const fn bare(entry: Entry) -> Self {
        Self {
            entry,
            call: None,
            outcome: None,
        }
    }
}
