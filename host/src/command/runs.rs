//! `skillhost runs`: lists runs, shows or follows one, cancels one, or decides about a call of one that is in doubt.

mod follow;

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::Connection;
use super::{Global, output};

/// Which runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost runs                                     the newest
  skillhost runs --state failed --skill acme/greeter
  skillhost runs 0193b7c2-0000-7000-8000-000000000000
  skillhost runs 0193b7c2-0000-7000-8000-000000000000 --follow
  skillhost runs 0193b7c2-0000-7000-8000-000000000000 --logs
  skillhost runs 0193b7c2-0000-7000-8000-000000000000 --journal
  skillhost runs 0193b7c2-0000-7000-8000-000000000000 --cancel
  skillhost runs 0193b7c2-0000-7000-8000-000000000000 --resolve tell")]
pub(super) struct Args {
    /// Show this run
    run: Option<Uuid>,
    /// Cancel it
    #[arg(long, requires = "run")]
    cancel: bool,
    /// Decide about its call of which nobody knows whether it was carried out, after a look at the service
    #[arg(long, requires = "run", conflicts_with = "cancel", value_name = "HOW")]
    resolve: Option<How>,
    /// Show what it logged
    #[arg(long, requires = "run", conflicts_with_all = ["cancel", "resolve"])]
    logs: bool,
    /// Show what it asked of the outside, and what became of it, as JSON
    #[arg(long, requires = "run", conflicts_with_all = ["cancel", "resolve", "logs"])]
    journal: bool,
    /// Show what happens in it until it has ended, and what models answer it while it comes
    #[arg(long, requires = "run", conflicts_with_all = ["cancel", "resolve", "logs", "journal"])]
    follow: bool,
    /// Only runs in this state
    #[arg(long)]
    state: Option<String>,
    /// Only runs of this skill
    #[arg(long, value_name = "NAMESPACE/NAME")]
    skill: Option<String>,
    /// Go on where an earlier list ended
    #[arg(long)]
    cursor: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

/// How a run with a call in doubt goes on.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum How {
    /// It was not carried out, or may be carried out twice: send it again
    Again,
    /// Tell the skill that nobody knows
    Tell,
}

/// Prints runs.
///
/// # Errors
/// The host refused.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let client = args.connection.open()?;
    match (args.run, args.cancel) {
        (Some(run), true) => {
            let answer = client.post(&format!("v1/runs/{run}/cancel"), &json!({})).await?;
            output::data(global, &answer, output::facts)?;
        }
        (Some(run), false) if args.resolve.is_some() => {
            let again = matches!(args.resolve, Some(How::Again));
            let how = if again { "again" } else { "tell" };
            client
                .post(&format!("v1/runs/{run}/resolve"), &json!({"how": how}))
                .await?;
            output::say(if again {
                "it is sent again; the run goes on"
            } else {
                "the skill is told; the run goes on"
            });
        }
        (Some(run), false) if args.follow => follow::follow(global, &client, run).await?,
        (Some(run), false) if args.logs => {
            output::data(global, &client.get(&format!("v1/runs/{run}/logs")).await?, logs)?;
        }
        (Some(run), false) if args.journal => {
            let journal = client.get(&format!("v1/runs/{run}/journal")).await?;
            output::data(global, &journal, |it| {
                serde_json::to_string_pretty(it).unwrap_or_default()
            })?;
        }
        (Some(run), false) => output::data(global, &client.get(&format!("v1/runs/{run}")).await?, output::facts)?,
        (None, _) => {
            let filters = [("state", &args.state), ("skill", &args.skill), ("cursor", &args.cursor)];
            let query: Vec<_> = filters
                .iter()
                .filter_map(|(name, value)| value.as_deref().map(|value| (*name, value)))
                .collect();
            let answer = client.find("v1/runs", &query).await?;
            output::data(global, &answer, list)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What a run logged, a line each.
fn logs(answer: &Value) -> String {
    let lines = answer.get("lines").and_then(Value::as_array).into_iter().flatten();
    lines
        .map(|line| {
            format!(
                "{:<5} {}\n",
                output::text(line, &["level"]),
                output::text(line, &["message"])
            )
        })
        .collect()
}

fn list(answer: &Value) -> String {
    let runs = answer
        .get("runs")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| {
            ["id", "state", "skill", "tool", "started"]
                .map(|name| output::text(run, &[name]))
                .to_vec()
        })
        .collect();
    let mut out = output::table(&["RUN", "STATE", "SKILL", "TOOL", "STARTED"], &rows);
    if let Some(cursor) = answer.get("cursor").and_then(Value::as_str) {
        out.push_str(&format!("more with --cursor {cursor}\n"));
    }
    out
}
