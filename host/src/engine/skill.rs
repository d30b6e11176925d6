//! An approved skill, ready to run.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::Poll;
use std::thread;

use futures_util::FutureExt as _;
use registry::Digest;
use registry::ledger::Grants;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::engine::code::{Code, ToolCode};
use crate::engine::pace::Pace;
use crate::engine::ticker::Ticker;
use crate::json::Arguments;
use crate::outliving::Outliving;
use crate::run::attempt::{attempt, fits};
use crate::run::limits::RunLimits;
use crate::run::meter::Meter;
use crate::run::stop::Stopping;
use crate::run::{Calls, Finished, Outcome, Start, Stop};

/// An approved skill, ready to run. It keeps its code in memory: hold it for the length of a request, and ask the
/// engine again for the next.
pub struct Skill {
    code: Arc<Code>,
    grants: Grants,
    limits: RunLimits,
    configuration: Arc<BTreeMap<String, String>>,
    stage: Arc<Stage>,
    pace: Pace,
}

/// Where runs take place: threads of their own, so that guests that compute do not stop the server.
pub(crate) struct Stage {
    pub(crate) runtime: Handle,
    pub(crate) ticker: Ticker,
    /// One for each place in the pool.
    pub(crate) places: Semaphore,
}

impl Skill {
    /// The caller answers for the grants: they are those of an `Approved`.
    pub(super) fn new(code: Arc<Code>, grants: Grants, limits: RunLimits, stage: Arc<Stage>) -> Self {
        Self {
            code,
            limits,
            configuration: Arc::new(grants.configuration.clone()),
            grants,
            stage,
            pace: Pace::default(),
        }
    }

    /// The files that the arguments of a tool name: the run needs their content.
    ///
    /// # Errors
    /// What [`Self::run`] would refuse.
    pub fn files_needed(&self, tool: &str, arguments: &Value) -> Result<Vec<Digest>, Stop> {
        let tool = self.tool(tool)?;
        // Most tools take none: their arguments are read once, by the run.
        if !tool.signature.takes_files() {
            return Ok(Vec::new());
        }
        Ok(self.arguments(tool, arguments)?.files)
    }

    /// Checks what a run would check before its guest starts, for whoever puts the run on record before.
    ///
    /// # Errors
    /// What [`Self::run`] would refuse.
    pub fn takes(&self, tool: &str, arguments: &Value) -> Result<(), Stop> {
        self.arguments(self.tool(tool)?, arguments).map(drop)
    }

    /// Runs one tool once, with a way out or none. Dropping the future does not stop a run that takes time; cancelling the start does.
    ///
    /// A run takes place where it is waited for if the skill's last runs never computed for long, and moves to the guests'
    /// threads once it does: changing threads takes several times as long as a short run.
    pub async fn run(self: &Arc<Self>, start: Start, calls: Option<Box<dyn Calls>>) -> Finished {
        let (skill, id) = (Arc::clone(self), start.id);
        let meter = Arc::new(Meter::default());
        let metered = Arc::clone(&meter);
        let run = async move { skill.run_metered(start, calls, metered).await }.boxed();
        let mut run = Outliving::new(self.stage.runtime.clone(), AssertUnwindSafe(run).catch_unwind());
        let here = match self.pace.is_short() {
            true => while_short(&mut run, &meter).await,
            false => None,
        };
        let finished = match (here, run.leave()) {
            (Some(finished), _) => finished.ok(),
            (None, Some(task)) => task.await.ok().and_then(Result::ok),
            (None, None) => None,
        };
        self.pace.note(meter.longest());
        finished.unwrap_or_else(|| {
            // The last resort: the run's own task ended, and nothing else with it.
            tracing::error!(run = %id.0, "a run ended the wrong way");
            self.stopped(&Stopping::Internal)
        })
    }

    /// Runs one tool once, on the thread that polls this: for those who have no other work there.
    pub async fn run_here(&self, start: Start, calls: Option<Box<dyn Calls>>) -> Finished {
        self.run_metered(start, calls, Arc::default()).await
    }

    async fn run_metered(&self, start: Start, calls: Option<Box<dyn Calls>>, meter: Arc<Meter>) -> Finished {
        let _place = tokio::select! {
            biased;
            place = self.stage.places.acquire() => place,
            () = start.cancel.cancelled() => return self.stopped(&Stopping::Cancelled),
        };
        let _ticking = self.stage.ticker.run();
        attempt(self, start, calls, meter).await
    }

    fn stopped(&self, stopping: &Stopping) -> Finished {
        Finished::before_start(Outcome::Stopped(stopping.told(&self.limits)))
    }

    pub(crate) fn tool(&self, name: &str) -> Result<&ToolCode, Stop> {
        self.code.tools.get(name).ok_or_else(|| Stop {
            code: "tool-unknown".to_owned(),
            message: format!("the skill has no tool `{}`", name.escape_debug()),
        })
    }

    pub(crate) fn arguments(&self, tool: &ToolCode, arguments: &Value) -> Result<Arguments, Stop> {
        if !fits(arguments, RunLimits::INPUT) {
            return Err(Stop {
                code: "input-too-large".to_owned(),
                message: format!(
                    "the arguments have more than {} bytes: pass files instead",
                    RunLimits::INPUT
                ),
            });
        }
        tool.signature.arguments(arguments).map_err(|error| Stop {
            code: "input-invalid".to_owned(),
            message: error.to_string(),
        })
    }

    /// Whether its runs can make calls, and so need a way out.
    pub fn makes_calls(&self) -> bool {
        self.code.calls
    }

    pub(crate) fn code(&self) -> &Code {
        &self.code
    }

    pub(crate) const fn grants(&self) -> &Grants {
        &self.grants
    }

    /// What a run of it may use.
    pub const fn limits(&self) -> &RunLimits {
        &self.limits
    }

    pub(crate) const fn configuration(&self) -> &Arc<BTreeMap<String, String>> {
        &self.configuration
    }
}

/// Polls a run until it ends, or until its guest computed for long at a time.
async fn while_short(run: &mut Outliving<thread::Result<Finished>>, meter: &Meter) -> Option<thread::Result<Finished>> {
    poll_fn(|context| match run.poll_unpin(context) {
        Poll::Ready(finished) => Poll::Ready(Some(finished)),
        Poll::Pending if Pace::is_long(meter.longest()) => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}
