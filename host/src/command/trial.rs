//! `skillhost try`: tries a version on what runs recorded.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use registry::visible;
use serde_json::{Value, json};

use super::client::Connection;
use super::{Global, output};

/// Which version, and on which runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What runs asked is answered from their journals: nothing leaves, and nothing is kept. The newest 200 runs are looked at;
those that were stopped are left out.

Examples:
  skillhost try acme/jira:2.0.0
  skillhost try acme/jira@sha256:… --days 30")]
pub(super) struct Args {
    /// `namespace/name:version` in this host's registry, or a full reference
    reference: String,
    /// How many days of runs
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=30))]
    days: u32,
    #[command(flatten)]
    connection: Connection,
}

/// Tries it, and prints what became of it.
///
/// # Errors
/// The host refused.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let request = json!({"reference": args.reference, "days": args.days});
    let answer = args.connection.open()?.post("v1/trials", &request).await?;
    output::data(global, &answer, told)?;
    Ok(ExitCode::SUCCESS)
}

fn told(answer: &Value) -> String {
    let [skill, version, tried, identical] =
        ["skill", "version", "tried", "identical"].map(|name| output::text(answer, &[name]));
    let mut out = format!("{skill} {version}: {identical} of {tried} runs come to the same\n");
    for differs in answer.get("differ").and_then(Value::as_array).into_iter().flatten() {
        let [run, tool, detail] = ["run", "tool", "detail"].map(|name| output::text(differs, &[name]));
        let _infallible = writeln!(out, "  {run} {tool}: {}", visible(&detail));
    }
    out
}
