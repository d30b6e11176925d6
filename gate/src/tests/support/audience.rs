//! Whoever follows runs, and writes down what is shown.

use std::sync::Mutex;

use crate::{Audience, Delta, Provisional, RunKey};

/// What was shown, a line a piece.
#[derive(Default)]
pub(crate) struct FakeAudience(Mutex<Vec<String>>);

impl FakeAudience {
    /// What was shown since the last time.
    pub(crate) fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Audience for FakeAudience {
    fn show(&self, _run: &RunKey, shown: Provisional) {
        let Provisional { number, attempt, delta } = shown;
        let delta = match delta {
            Delta::Text(text) => format!("{text:?}"),
            Delta::Tool(name) => format!("tool {name}"),
        };
        self.0.lock().unwrap().push(format!("{number}.{attempt} {delta}"));
    }
}
