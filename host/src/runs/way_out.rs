//! The way of a run to the gate. Whatever a call waits for comes to the server's threads: on the guests' own somebody may be
//! computing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use gate::journal::Ending;
use gate::{Call, Gate, Halt, Returned, Stop};
use jiff::SignedDuration;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::Handover;
use crate::run::calls::Recorded;
use crate::run::{Calls, Finished, Outcome, Timer};

/// A run's place at the gate. Its owner keeps one end, and the guest the other.
#[derive(Clone)]
pub(super) struct Passage {
    gate: Arc<Gate>,
    run: Arc<Mutex<gate::Run>>,
    /// Whether anything came to the gate, so that there is a journal to be ended.
    used: Arc<AtomicBool>,
    server: Handle,
    for_people: SignedDuration,
    replays: bool,
}

impl Passage {
    /// For a run that was opened at this gate. Calls are carried on the runtime that this is called on.
    pub(super) fn new(gate: Arc<Gate>, run: gate::Run) -> Self {
        Self {
            gate,
            used: Arc::new(AtomicBool::new(run.mode() != gate::Mode::Live)),
            replays: run.mode() == gate::Mode::Replay,
            for_people: run.waited_for_people(),
            run: Arc::new(Mutex::new(run)),
            server: Handle::current(),
        }
    }

    /// How long the run had stood still for people when it was opened.
    pub(super) const fn waited_for_people(&self) -> SignedDuration {
        self.for_people
    }

    /// What the guest calls by.
    pub(super) fn calls(&self) -> Box<dyn Calls> {
        Box::new(self.clone())
    }

    /// The same where the gate answers from the journal only; nothing where calls may leave.
    pub(super) fn recorded(&self) -> Option<Recorded> {
        self.replays.then(|| Recorded::new(self.calls()))
    }

    /// Records in the journal how the run ended, where it has one.
    ///
    /// # Errors
    /// Where the journal cannot be written, or the run ended otherwise before.
    pub(super) async fn end(&self, finished: &Finished) -> Result<(), Stop> {
        if !self.used.load(Ordering::Relaxed) {
            return Ok(());
        }
        let ending = match &finished.outcome {
            Outcome::Value(_) | Outcome::ToolError(_) => Ending::Returned,
            Outcome::Refused(stop) | Outcome::Stopped(stop) => Ending::Stopped {
                code: stop.code.clone().into(),
                told: stop.message.clone(),
            },
        };
        let mut run = self.run.lock().await;
        self.gate.end(&mut run, ending, finished.fuel).await
    }
}

#[async_trait]
impl Calls for Passage {
    async fn call(&mut self, call: Call) -> Result<Returned, Halt> {
        self.used.store(true, Ordering::Relaxed);
        let passage = self.clone();
        // A guest that is stopped takes its call along: what was sent stays sent, and the journal knows of it.
        let carried = Handover::new(self.server.clone(), async move {
            let mut run = passage.run.lock().await;
            passage.gate.call(&mut run, call).await
        });
        carried.await.unwrap_or_else(|_| Err(broken()))
    }

    async fn wait(&mut self, timer: Timer) -> Result<(), Halt> {
        let passage = self.clone();
        let waited = Handover::new(self.server.clone(), async move {
            let mut run = passage.run.lock().await;
            passage.gate.timer(&mut run, timer.number, timer.until).await
        });
        let waited = waited.await.unwrap_or_else(|_| Err(broken()));
        if let Err(Halt::Suspend(_)) = &waited {
            self.used.store(true, Ordering::Relaxed);
        }
        waited
    }
}

fn broken() -> Halt {
    let told = "the host failed while it carried a call; its log says why";
    Stop::new(gate::Code::RUN_INTERRUPTED, told).retryable().into()
}
