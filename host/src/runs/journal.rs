//! The journal of each run, sealed by the run's own key: the store and its backups never see what a run asked and was
//! answered.

mod live;
mod sealing;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use gate::journal::{Claimed, Ending, Entry, EntryError, Event, Fence};
use gate::{Journal, JournalError, Record, RunKey};
use jiff::Timestamp;
use serde::de::Error as _;

use super::{Audience, record};
use crate::run::RunId;
use crate::seal::{DataKey, OpenError};
use crate::store::{Added, Batch, JournalId, JournalRow, RunRow, Store};
use crate::tenant::Tenants;
use live::{Live, Lives};
use sealing::Sealing;

pub use live::LiveRun;

/// Keeps what runs ask and are answered in the store, each payload sealed by its run's key for its place.
pub struct SealedJournal {
    store: Store,
    tenants: Arc<Tenants>,
    lives: Arc<Lives>,
    audience: Arc<Audience>,
}

impl SealedJournal {
    /// Journals kept in this store, of runs whose keys these tenants wrap. Who follows a run is told what is added.
    pub fn new(store: Store, tenants: Arc<Tenants>, audience: Arc<Audience>) -> Self {
        Self {
            store,
            tenants,
            lives: Arc::default(),
            audience,
        }
    }

    /// Takes in a new run with its key. The transaction that begins its journal records the run too, unless
    /// [`LiveRun::recorded`] is said before. Without this, a run that is not on record has no journal.
    pub fn begin(&self, row: RunRow, key: Arc<DataKey>) -> LiveRun {
        let id = JournalId {
            tenant: row.title.tenant.clone(),
            run: row.title.id,
        };
        self.lives.add(id, Live::new(key, 0, Some(row)))
    }

    /// Takes in a run on record, so that its key is not opened anew for each call.
    ///
    /// # Errors
    /// [`JournalError::Unknown`] where the tenant has no such run.
    pub async fn resume(&self, run: &RunKey) -> Result<LiveRun, JournalError> {
        let id = id(run)?;
        let (key, length) = self.stored_key(&id).await?;
        Ok(self.lives.add(id, Live::new(key, length, None)))
    }

    /// The entries of a run in order, for whoever may not see what was asked and answered.
    ///
    /// # Errors
    /// As [`Journal::read`].
    pub async fn entries(&self, run: &RunKey) -> Result<Vec<Entry>, JournalError> {
        self.store
            .journal_entries(&id(run)?)
            .await?
            .ok_or(JournalError::Unknown)
    }

    /// What is recorded from this place on.
    ///
    /// # Errors
    /// As [`Journal::read`].
    pub async fn read_from(&self, run: &RunKey, from: u64) -> Result<Vec<Record>, JournalError> {
        let (id, live) = self.find(run).await?;
        let rows = self.store.journal(&id, from).await?;
        if rows.is_empty() && live.unrecorded().is_some() {
            return Err(JournalError::Unknown);
        }
        self.open(&Sealing::new(live.key(), &id), from, rows).await
    }

    /// Ends the journal of a run that goes on no more, where it has one: what it left open is settled by that.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub async fn close(&self, run: &RunKey, ending: Ending) -> Result<(), JournalError> {
        let id = id(run)?;
        let Some((_, mut from @ 1..)) = self.store.journal_key(&id).await? else {
            return Ok(());
        };
        let now = Timestamp::now();
        let entry = Entry {
            at: Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now),
            number: 0,
            event: Event::Ended { ending, fuel: 0 },
        };
        let (fence, _) = self.store.claim_journal(id.clone(), None, NOWHERE).await?;
        loop {
            match self.store.append_journal(id.clone(), fence, from, bare(&entry)).await {
                Ok(Added::Moved(length)) => from = length,
                Ok(Added::Kept) => break,
                Err(JournalError::Ended) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.audience.changed(run);
        Ok(())
    }

    /// The run as this process holds it, or as it is on record.
    async fn find(&self, run: &RunKey) -> Result<(JournalId, Arc<Live>), JournalError> {
        let id = id(run)?;
        let live = match self.lives.find(&id) {
            Some(live) => live,
            None => {
                let (key, length) = self.stored_key(&id).await?;
                Arc::new(Live::new(key, length, None))
            }
        };
        Ok((id, live))
    }

    async fn stored_key(&self, id: &JournalId) -> Result<(Arc<DataKey>, u64), JournalError> {
        let (wrapped, length) = self.store.journal_key(id).await?.ok_or(JournalError::Unknown)?;
        let tenant_key = self.tenants.key(&id.tenant).ok_or(JournalError::Unknown)?;
        let key = record::unwrap(&tenant_key, &id.tenant, id.run, &wrapped).map_err(unopened)?;
        Ok((Arc::new(key), length))
    }

    async fn open(&self, sealing: &Sealing<'_>, from: u64, rows: Vec<JournalRow>) -> Result<Vec<Record>, JournalError> {
        let framed = sealing.open_rows(from, rows)?;
        let bodies = if framed.iter().any(sealing::names_bodies) {
            self.store.journal_bodies(sealing.id).await?
        } else {
            Vec::new()
        };
        sealing.join(framed, bodies)
    }
}

#[async_trait]
impl Journal for SealedJournal {
    async fn start(&self, run: &RunKey, records: Vec<Record>) -> Result<(), JournalError> {
        let (id, live) = self.find(run).await?;
        let sealing = Sealing::new(live.key(), &id);
        let batch = Batch {
            rows: sealing.rows(0, &records),
            bodies: sealing.bodies(&records),
        };
        self.store.start_journal(id, live.unrecorded(), batch).await?;
        live.recorded();
        live.has(records.len() as u64);
        self.audience.changed(run);
        Ok(())
    }

    async fn claim(&self, run: &RunKey) -> Result<Claimed, JournalError> {
        let (id, live) = self.find(run).await?;
        let sealing = Sealing::new(live.key(), &id);
        // Most is read before, so that the writer is not kept from others by a long journal.
        let rows = self.store.journal(&id, 0).await?;
        let from = rows.len() as u64;
        let mut records = self.open(&sealing, 0, rows).await?;
        let (fence, rest) = self.store.claim_journal(id.clone(), live.unrecorded(), from).await?;
        live.recorded();
        records.extend(self.open(&sealing, from, rest).await?);
        live.has(records.len() as u64);
        Ok(Claimed { fence, records })
    }

    async fn read(&self, run: &RunKey) -> Result<Vec<Record>, JournalError> {
        self.read_from(run, 0).await
    }

    async fn append(&self, run: &RunKey, fence: Fence, records: Vec<Record>) -> Result<(), JournalError> {
        let (id, live) = self.find(run).await?;
        let sealing = Sealing::new(live.key(), &id);
        let bodies = sealing.bodies(&records);
        let mut from = live.length();
        loop {
            let batch = Batch {
                rows: sealing.rows(from, &records),
                bodies: Arc::clone(&bodies),
            };
            match self.store.append_journal(id.clone(), fence, from, batch).await? {
                Added::Kept => break,
                // A payload opens at its own place only, so all are sealed again for the places that are free now.
                Added::Moved(length) => from = length,
            }
        }
        live.has(from + records.len() as u64);
        self.audience.changed(run);
        Ok(())
    }

    async fn decide(&self, run: &RunKey, decision: Entry) -> Result<(), JournalError> {
        self.store.decide_journal(id(run)?, decision).await?;
        self.audience.changed(run);
        Ok(())
    }
}

/// A place that no entry has.
const NOWHERE: u64 = i64::MAX.cast_unsigned();

/// An entry without content.
fn bare(entry: &Entry) -> Batch {
    let row = JournalRow {
        entry: entry.clone(),
        call: None,
        outcome: None,
    };
    Batch {
        rows: vec![row],
        bodies: Arc::default(),
    }
}

/// What is no name of a tenant is the name of none.
fn id(run: &RunKey) -> Result<JournalId, JournalError> {
    Ok(JournalId {
        tenant: run.tenant.parse().map_err(|_| JournalError::Unknown)?,
        run: RunId(run.run),
    })
}

/// Not to be tried again: what does not open now never will.
fn unopened(error: OpenError) -> JournalError {
    JournalError::Entry(EntryError::Damaged(serde_json::Error::custom(error)))
}
