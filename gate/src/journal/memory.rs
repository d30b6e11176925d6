//! A journal in memory, for tests and for replaying a file.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Claimed, Entry, Event, Fence, Journal, JournalError, Record, RunKey};
use crate::payload::Payload;

/// Keeps everything until it is dropped. Entries are kept as they are written, so that reading them is tried too.
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<BTreeMap<RunKey, Kept>>);

#[derive(Debug, Default)]
struct Kept {
    fence: u64,
    ended: bool,
    records: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    entry: String,
    call: Option<Payload>,
    outcome: Option<Payload>,
}

impl MemoryJournal {
    /// Adds a line as it stands in a file, whatever it says.
    pub fn plant(&self, run: &RunKey, line: &str) {
        self.lock().entry(run.clone()).or_default().records.push(Line {
            entry: line.to_owned(),
            call: None,
            outcome: None,
        });
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<RunKey, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn read(&self) -> Result<Vec<Record>, JournalError> {
        self.records.iter().map(Line::read).collect()
    }

    fn add(&mut self, records: Vec<Record>) -> Result<(), JournalError> {
        if self.ended {
            return Err(JournalError::Ended);
        }
        let ended = records
            .iter()
            .any(|record| matches!(record.entry.event, Event::Ended { .. }));
        let lines: Vec<Line> = records.into_iter().map(Line::write).collect::<Result<_, _>>()?;
        self.records.extend(lines);
        self.ended = ended;
        Ok(())
    }
}

impl Line {
    fn write(record: Record) -> Result<Self, JournalError> {
        Ok(Self {
            entry: record.entry.encode()?,
            call: record.call,
            outcome: record.outcome,
        })
    }

    fn read(&self) -> Result<Record, JournalError> {
        Ok(Record {
            entry: Entry::decode(&self.entry)?,
            call: self.call.clone(),
            outcome: self.outcome.clone(),
        })
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn start(&self, run: &RunKey, records: Vec<Record>) -> Result<(), JournalError> {
        let mut runs = self.lock();
        let kept = runs.entry(run.clone()).or_default();
        if kept.fence > 0 || !kept.records.is_empty() {
            return Err(JournalError::Exists);
        }
        kept.add(records)?;
        kept.fence = Fence::FIRST.0;
        Ok(())
    }

    async fn claim(&self, run: &RunKey) -> Result<Claimed, JournalError> {
        let mut runs = self.lock();
        let kept = runs.entry(run.clone()).or_default();
        let records = kept.read()?;
        // Above the first even where there is no journal: whoever was about to start one must not write here.
        kept.fence = kept.fence.max(Fence::FIRST.0) + 1;
        Ok(Claimed {
            fence: Fence(kept.fence),
            records,
        })
    }

    async fn read(&self, run: &RunKey) -> Result<Vec<Record>, JournalError> {
        self.lock().get(run).ok_or(JournalError::Unknown)?.read()
    }

    async fn append(&self, run: &RunKey, fence: Fence, records: Vec<Record>) -> Result<(), JournalError> {
        let mut runs = self.lock();
        let kept = runs.get_mut(run).ok_or(JournalError::Unknown)?;
        if kept.fence != fence.0 {
            return Err(JournalError::Superseded);
        }
        kept.add(records)
    }

    async fn decide(&self, run: &RunKey, decision: Entry) -> Result<(), JournalError> {
        let mut runs = self.lock();
        let kept = runs.get_mut(run).ok_or(JournalError::Unknown)?;
        let recorded: Vec<Record> = kept.read()?;
        decision.fits(recorded.iter().map(|record| &record.entry))?;
        kept.add(vec![Record::bare(decision)])
    }
}
