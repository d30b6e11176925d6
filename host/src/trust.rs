//! The ledger folded in memory: whom and what this host trusts now.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use registry::ledger::{Entry, Ledger, LedgerError, Recorded, Scope, State};
use tokio::sync::Mutex;

/// The ledger of a host and what it amounts to.
pub struct Trust {
    ledger: Arc<dyn Ledger>,
    state: RwLock<Arc<State>>,
    /// Held from the check of an entry to its record, so that no two decisions contradict each other.
    turn: Mutex<()>,
    follower: OnceLock<Follower>,
}

/// Told of what holds now, and whom the decision before concerned.
type Follower = Box<dyn Fn(&State, &Scope) + Send + Sync>;

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
            follower: OnceLock::new(),
        })
    }

    /// What holds now.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells of what holds, now and after each decision before whoever decided is answered. There is one follower; a
    /// second is not told.
    pub fn follow(&self, follower: impl Fn(&State, &Scope) + Send + Sync + 'static) {
        follower(&self.state(), &Scope::Host);
        let _first = self.follower.set(Box::new(follower));
    }

    /// Decides something; it is durable, and holds, when this returns.
    ///
    /// # Errors
    /// Where it contradicts what was decided before, or is not recorded.
    pub async fn decide(&self, scope: Scope, by: &str, entry: Entry) -> Result<Recorded, DecideError> {
        let _turn = self.turn.lock().await;
        self.state().check(&entry, &scope)?;
        let recorded = self.ledger.append(&scope, by, &entry).await?;
        Arc::make_mut(&mut self.state.write().unwrap_or_else(PoisonError::into_inner)).apply(&recorded);
        if let Some(follower) = self.follower.get() {
            follower(&self.state(), &recorded.scope);
        }
        Ok(recorded)
    }
}
