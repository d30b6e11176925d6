//! `skillhost rollback`: runs an artifact again that was approved before.

use std::process::ExitCode;

use anyhow::Result;
use registry::SkillName;
use serde_json::json;

use super::client::Connection;
use super::{Global, approve, output};

/// What to go back to, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It gets the grants that it had then. Runs that began stay with the artifact that they began with.

Examples:
  skillhost rollback acme/jira --reason 'the new one is slow'
  skillhost rollback acme/jira --to 1.4.0 --reason 'ticket OPS-14'
  skillhost rollback acme/jira --to sha256:… --reason 'ticket OPS-14'")]
pub(super) struct Args {
    /// `namespace/name`
    skill: SkillName,
    /// The version or the digest; where it is not given, what ran before
    #[arg(long, value_name = "VERSION|DIGEST")]
    to: Option<String>,
    /// Why, for whoever reads the ledger
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    connection: Connection,
}

/// Goes back, and prints the approval that holds now.
///
/// # Errors
/// The host refused: there is nothing to go back to, or it is not trusted any more.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let path = format!("v1/skills/{}/rollback", args.skill);
    let request = json!({"to": args.to, "reason": args.reason});
    let approval = args.connection.open()?.post(&path, &request).await?;
    output::data(global, &approval, approve::told)?;
    Ok(ExitCode::SUCCESS)
}
