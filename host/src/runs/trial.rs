//! A new version tried on what runs recorded, before anybody approves it: nothing leaves, nothing is kept.

use std::time::Duration;

use gate::Mode;
use jiff::Timestamp;
use registry::{Tenant, Verified};
use tokio_util::sync::CancellationToken;

use super::record::{self, ABI, Kept, Record};
use super::way_out::Passage;
use super::{RunError, Runs};
use crate::engine::Rehearsal;
use crate::run::{Finished, Outcome, RunId, Stop};
use crate::store::{MadeRow, RunFilter, RunRow, RunState};

/// What became of a trial.
#[derive(Debug, Default)]
pub struct Tried {
    /// Runs that were run again.
    pub tried: usize,
    /// Those of them that came to the same.
    pub identical: usize,
    /// Those that did not, newest first.
    pub differ: Vec<Differs>,
}

/// A run that comes to something else with the new version.
#[derive(Debug)]
pub struct Differs {
    /// Which.
    pub run: RunId,
    /// Its tool.
    pub tool: String,
    /// What to branch on: `value`, `tool-error` and `files` where it answers otherwise, else the code that stopped it.
    pub code: String,
    /// The same in words.
    pub told: String,
}

/// For one run: calls take no time, so that only a guest that waits by itself needs more.
const PATIENCE: Duration = Duration::from_secs(30);

impl Runs {
    /// Runs again what runs of the tenant recorded since then, at most so many and the newest first, with another version
    /// of their skill. Of a run that was stopped nothing can be compared, so it is left out.
    ///
    /// # Errors
    /// Where the version cannot be made ready, or what is recorded cannot be read.
    pub async fn try_out(
        &self,
        tenant: &Tenant,
        verified: &Verified,
        since: Timestamp,
        most: u32,
    ) -> Result<Tried, RunError> {
        let filter = RunFilter {
            skill: Some(verified.pulled().asked().clone()),
            ..RunFilter::default()
        };
        let rehearsal = self.skills.rehearsal(tenant, verified).await?;
        let mut tried = Tried::default();
        for title in self.store.runs(tenant, &filter, most).await? {
            let compared = matches!(title.state, RunState::Succeeded | RunState::ToolError);
            if !compared || title.started_at < since {
                continue;
            }
            let Some(row) = self.store.run(tenant, title.id).await? else {
                continue;
            };
            let made = self.store.made(tenant, title.id).await?;
            match self.try_run(tenant, &rehearsal, row, made).await? {
                Verdict::Same => tried.identical += 1,
                Verdict::Differs(code, told) => tried.differ.push(Differs {
                    run: title.id,
                    tool: title.tool,
                    code,
                    told,
                }),
                Verdict::Unknown => continue,
            }
            tried.tried += 1;
        }
        Ok(tried)
    }

    /// What one run comes to with the other version.
    async fn try_run(
        &self,
        tenant: &Tenant,
        rehearsal: &Rehearsal,
        row: RunRow,
        made: Vec<MadeRow>,
    ) -> Result<Verdict, RunError> {
        let tenant_key = self.tenants.key(tenant).ok_or(RunError::Keyless)?;
        let kept = record::open(&tenant_key, row.clone(), Vec::new())?.result;
        let (record, text, beginning) = Record::again(&tenant_key, row)?;
        let (Some(kept), ABI) = (kept, beginning.abi) else {
            return Ok(Verdict::Unknown);
        };
        let arguments = serde_json::from_slice(&text)?;
        let title = record.title();
        let needed = match rehearsal.files_needed(&title.tool, &arguments) {
            Ok(needed) => needed,
            Err(stop) => return Ok(Verdict::Differs(stop.code, stop.message)),
        };
        let files = self.contents(tenant, needed).await?;
        let passage = self
            .passage(title, &beginning, (Mode::Replay, rehearsal.limits().of_calls()))
            .await?;
        let used = rehearsal.limits().deadline.saturating_sub(PATIENCE);
        let start = beginning.again(title, (arguments, files), used, CancellationToken::new());
        let recorded = passage.as_ref().and_then(Passage::recorded);
        let finished = rehearsal.run(start, recorded).await;
        let verdict = compare(&finished, &kept, &made);
        let (Verdict::Same, Some(passage)) = (&verdict, passage) else {
            return Ok(verdict);
        };
        // What it did not ask this time counts too.
        Ok(match passage.end(&finished).await {
            Ok(()) => Verdict::Same,
            Err(stop) => Verdict::differs(stop.code.as_str(), "it asks for less than was recorded"),
        })
    }
}

/// What one run comes to with another version.
enum Verdict {
    /// The same.
    Same,
    /// Something else: a code, and the same in words.
    Differs(String, String),
    /// It cannot be begun again by this host.
    Unknown,
}

impl Verdict {
    fn differs(code: &str, told: &str) -> Self {
        Self::Differs(code.to_owned(), told.to_owned())
    }
}

fn compare(finished: &Finished, kept: &Kept, made: &[MadeRow]) -> Verdict {
    let differs = Verdict::differs;
    match (&finished.outcome, kept) {
        (Outcome::Value(now), Kept::Value(then)) if now != then => differs("value", "it answers another value"),
        (Outcome::ToolError(now), Kept::ToolError(then)) if now != then => {
            differs("tool-error", "it answers another error of its own")
        }
        (Outcome::Value(_), Kept::Value(_)) | (Outcome::ToolError(_), Kept::ToolError(_)) => {
            let now = finished
                .files
                .iter()
                .map(|file| (&file.name, &file.media_type, &file.sha256));
            let then = made.iter().map(|file| (&file.name, &file.media_type, &file.sha256));
            if now.eq(then) {
                Verdict::Same
            } else {
                differs("files", "it makes other files")
            }
        }
        (Outcome::Value(_), _) => differs("value", "it answers a value, and answered an error of its own"),
        (Outcome::ToolError(_), _) => differs("tool-error", "it answers an error of its own, and answered a value"),
        (Outcome::Refused(stop) | Outcome::Stopped(stop), _) => Verdict::Differs(stop.code.clone(), told(stop)),
    }
}

/// The gate's own sentence is for whoever goes on with a run.
fn told(stop: &Stop) -> String {
    let known = [
        (gate::Code::DIVERGED, "it asks for something else than was recorded"),
        (gate::Code::NOT_RECORDED, "it asks for more than was recorded"),
    ];
    let own = known.iter().find(|(code, _)| code.as_str() == stop.code);
    own.map_or_else(|| stop.message.clone(), |(_, told)| (*told).to_owned())
}
