//! An approved skill, ready to run.

use std::collections::BTreeMap;
use std::sync::Arc;

use registry::Digest;
use registry::ledger::Grants;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::engine::code::{Code, ToolCode};
use crate::engine::ticker::Ticker;
use crate::json::Arguments;
use crate::run::attempt::{attempt, fits};
use crate::run::limits::RunLimits;
use crate::run::stop::Stopping;
use crate::run::{Finished, Outcome, Start, Stop};

/// An approved skill, ready to run. It keeps its code in memory: hold it for the length of a request, and ask the
/// engine again for the next.
pub struct Skill {
    code: Arc<Code>,
    grants: Grants,
    limits: RunLimits,
    configuration: Arc<BTreeMap<String, String>>,
    stage: Arc<Stage>,
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

    /// Runs one tool once. Dropping the future does not stop the run; cancelling the start does.
    pub async fn run(self: &Arc<Self>, start: Start) -> Finished {
        let (skill, id) = (Arc::clone(self), start.id);
        let run = self.stage.runtime.spawn(async move {
            let _place = tokio::select! {
                biased;
                place = skill.stage.places.acquire() => place,
                () = start.cancel.cancelled() => return skill.stopped(&Stopping::Cancelled),
            };
            let _ticking = skill.stage.ticker.run();
            attempt(&skill, start).await
        });
        match run.await {
            Ok(finished) => finished,
            Err(panic) => {
                // The last resort: the run's own task ended, and nothing else with it.
                tracing::error!(run = %id.0, %panic, "a run ended the wrong way");
                self.stopped(&Stopping::Internal)
            }
        }
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
