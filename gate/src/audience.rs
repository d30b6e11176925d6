//! What is shown of an answer while it comes: to people, and never to the skill or to the journal.

use std::sync::{Arc, Mutex, PoisonError};

use crate::dlp::{Dlp, Held};
use crate::journal::RunKey;

/// Whoever follows runs while they go on. What it is shown has no known secret in it.
pub trait Audience: Send + Sync {
    /// Takes a piece. It must return at once: the call waits for it.
    fn show(&self, run: &RunKey, shown: Provisional);
}

/// A piece of an answer that is not there yet. The attempt may still fail, and then this was never said: a piece of a
/// later attempt takes back those of the earlier ones, and what holds is the outcome in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provisional {
    /// The number of the call.
    pub number: u32,
    /// Which attempt of it, from 1.
    pub attempt: u32,
    /// What came.
    pub delta: Delta,
}

/// A piece of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// More text.
    Text(String),
    /// A tool by this name is asked for.
    Tool(String),
}

/// Nobody follows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Audience for Nobody {
    fn show(&self, _: &RunKey, _: Provisional) {}
}

/// Where the pieces of one call are shown.
pub(crate) struct Stage {
    audience: Arc<dyn Audience>,
    dlp: Arc<Dlp>,
    /// The attempt that it is of, and what may be the beginning of a secret.
    held: Mutex<(u32, Held)>,
}

impl Stage {
    pub(crate) fn new(audience: Arc<dyn Audience>, dlp: Arc<Dlp>) -> Self {
        Self {
            audience,
            dlp,
            held: Mutex::default(),
        }
    }

    /// Shows a piece, as far as it can hold no secret.
    pub(crate) fn show(&self, run: &RunKey, (number, attempt): (u32, u32), delta: Delta) {
        let delta = match delta {
            Delta::Text(text) => self.text(attempt, &text).map(Delta::Text),
            Delta::Tool(name) => Some(Delta::Tool(self.dlp.redact_text(&name))),
        };
        let Some(delta) = delta else { return };
        let shown = Provisional { number, attempt, delta };
        self.audience.show(run, shown);
    }

    fn text(&self, attempt: u32, text: &str) -> Option<String> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, held) = &mut *held;
        if *of != attempt {
            (*of, *held) = (attempt, Held::default());
        }
        self.dlp.redact_piece(held, text)
    }
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stage")
    }
}
