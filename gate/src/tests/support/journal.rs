//! A journal that says what is asked of it, and whose every method begins and ends at a boundary.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Fuse, Trace};
use crate::journal::{Claimed, Entry, Event, Fence, Journal, JournalError, Record};
use crate::{MemoryJournal, RunKey};

pub(crate) struct WatchedJournal {
    pub(crate) inner: MemoryJournal,
    trace: Trace,
    fuse: Arc<Fuse>,
}

impl WatchedJournal {
    pub(crate) fn new(inner: MemoryJournal, trace: &Trace, fuse: &Arc<Fuse>) -> Self {
        Self {
            inner,
            trace: Arc::clone(trace),
            fuse: Arc::clone(fuse),
        }
    }

    fn say(&self, step: String) {
        self.trace.lock().unwrap().push(step);
    }
}

#[async_trait]
impl Journal for WatchedJournal {
    async fn start(&self, run: &RunKey, records: Vec<Record>) -> Result<(), JournalError> {
        self.fuse.pass("before start").await;
        self.say(format!("start {}", words(&records)));
        let started = self.inner.start(run, records).await;
        self.fuse.pass("after start").await;
        started
    }

    async fn claim(&self, run: &RunKey) -> Result<Claimed, JournalError> {
        self.fuse.pass("before claim").await;
        self.say("claim".to_owned());
        let claimed = self.inner.claim(run).await;
        self.fuse.pass("after claim").await;
        claimed
    }

    async fn read(&self, run: &RunKey) -> Result<Vec<Record>, JournalError> {
        self.say("read".to_owned());
        self.inner.read(run).await
    }

    async fn append(&self, run: &RunKey, fence: Fence, records: Vec<Record>) -> Result<(), JournalError> {
        self.fuse.pass("before append").await;
        self.say(format!("append {}", words(&records)));
        let appended = self.inner.append(run, fence, records).await;
        self.fuse.pass("after append").await;
        appended
    }

    async fn decide(&self, run: &RunKey, decision: Entry) -> Result<(), JournalError> {
        self.say(format!("decide {}", word(&decision.event)));
        self.inner.decide(run, decision).await
    }
}

fn words(records: &[Record]) -> String {
    let words: Vec<&str> = records.iter().map(|record| word(&record.entry.event)).collect();
    words.join("+")
}

pub(crate) const fn word(event: &Event) -> &'static str {
    match event {
        Event::Begun { .. } => "begun",
        Event::Judged { allowed: true, .. } => "allowed",
        Event::Judged { allowed: false, .. } => "denied",
        Event::Refused { .. } => "refused",
        Event::Asked { .. } => "asked",
        Event::Answered { .. } => "answered",
        Event::Sent { .. } => "sent",
        Event::Lost { .. } => "lost",
        Event::Finished { .. } => "finished",
        Event::Resolved { .. } => "resolved",
        Event::Set { .. } => "set",
        Event::Fired { .. } => "fired",
        Event::Ended { .. } => "ended",
    }
}
