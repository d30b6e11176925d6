//! The ledger folded in memory, read under the trust policy: whom and what this host trusts now.

mod policy;

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use registry::ledger::{Entry, Ledger, LedgerError, Recorded, Scope, State};
use tokio::sync::Mutex;

pub use policy::{Fault, InForce, PolicyFile};

/// The ledger of a host and what it amounts to.
pub struct Trust {
    ledger: Arc<dyn Ledger>,
    state: RwLock<Arc<State>>,
    policy: Option<PolicyFile>,
    in_force: RwLock<Option<InForce>>,
    /// Held from the check of an entry to its record, so that no two decisions contradict each other, and while another
    /// policy comes into force.
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
    /// A rule of the tenant forbids it.
    #[error("{told}")]
    Ruled {
        /// What to branch on.
        code: &'static str,
        /// What to change.
        told: String,
    },
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
            policy: None,
            in_force: RwLock::default(),
            turn: Mutex::new(()),
            follower: OnceLock::new(),
        })
    }

    /// The same, under the policy of this file, or of its last good text.
    #[must_use]
    pub fn under(mut self, file: PolicyFile) -> Self {
        let (in_force, policy) = file.start();
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        *state = Arc::new(State::clone(state).under(policy));
        Self {
            policy: Some(file),
            in_force: RwLock::new(Some(in_force)),
            ..self
        }
    }

    /// The policy in force; none where no file of one is configured, and the ledger alone decides.
    pub fn in_force(&self) -> Option<InForce> {
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at the policy's file, and takes it into force where it was changed and is good. Returns whether another
    /// policy holds now.
    pub async fn look(&self) -> bool {
        let (Some(file), Some(before)) = (self.policy.clone(), self.in_force()) else {
            return false;
        };
        let _turn = self.turn.lock().await;
        // A file may lie where reading it takes long.
        let looked = tokio::task::spawn_blocking(move || file.look(&before)).await;
        let Ok(Some((now, policy))) = looked else {
            return false;
        };
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = Some(now);
        let Some(policy) = policy else { return false };
        {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            *state = Arc::new(State::clone(&state).under(policy));
        }
        if let Some(follower) = self.follower.get() {
            follower(&self.state(), &Scope::Host);
        }
        true
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
