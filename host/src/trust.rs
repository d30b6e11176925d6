//! The ledger folded in memory: whom and what this host trusts now.

use std::sync::{Arc, PoisonError, RwLock};

use registry::ledger::{Entry, Ledger, LedgerError, Recorded, Scope, State};
use tokio::sync::Mutex;

/// The ledger of a host and what it amounts to.
pub struct Trust {
    ledger: Arc<dyn Ledger>,
    state: RwLock<Arc<State>>,
    /// Held from the check of an entry to its record, so that no two decisions contradict each other.
    turn: Mutex<()>,
}

/// Why a decision is not recorded.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// It contradicts what was decided before.
    #[error(transparent)]
    Refused(#[from] registry::Error),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Trust {
    /// Reads the ledger.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub async fn load(ledger: Arc<dyn Ledger>) -> Result<Self, LedgerError> {
        let entries = ledger.entries(0).await?;
        Ok(Self {
            ledger,
            state: RwLock::new(Arc::new(State::fold(&entries))),
            turn: Mutex::new(()),
        })
    }

    /// What holds now.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Decides something; it is durable, and holds, when this returns.
    ///
    /// # Errors
    /// Where it contradicts what was decided before, or is not recorded.
    pub async fn decide(&self, scope: Scope, by: &str, entry: Entry) -> Result<Recorded, DecideError> {
        let _turn = self.turn.lock().await;
        self.state().check(&entry, &scope)?;
        let recorded = self.ledger.append(&scope, by, &entry).await?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut state).apply(&recorded);
        Ok(recorded)
    }
}
