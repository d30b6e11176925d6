//! A verified artifact that is tried on what runs recorded: it has no way out.

use std::sync::Arc;

use registry::Digest;
use serde_json::Value;

use crate::engine::skill::Skill;
use crate::run::calls::Recorded;
use crate::run::limits::RunLimits;
use crate::run::{Finished, Start, Stop};

/// A verified artifact, approved or not, that runs on recorded replies and on nothing else.
pub struct Rehearsal(Arc<Skill>);

impl Rehearsal {
    pub(super) fn new(skill: Skill) -> Self {
        Self(Arc::new(skill))
    }

    /// Runs a tool as a recorded run began. What it asks is answered from the record; what is not recorded stops it.
    pub async fn run(&self, start: Start, recorded: Option<Recorded>) -> Finished {
        self.0.run(start, recorded.map(Recorded::into_calls)).await
    }

    /// The files that the arguments of a tool name.
    ///
    /// # Errors
    /// What [`Self::run`] would refuse.
    pub fn files_needed(&self, tool: &str, arguments: &Value) -> Result<Vec<Digest>, Stop> {
        self.0.files_needed(tool, arguments)
    }

    /// What a run may use.
    pub fn limits(&self) -> &RunLimits {
        self.0.limits()
    }
}
