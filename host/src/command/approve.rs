//! `skillhost approve`: lets a tenant run one digest of a skill.

use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;

use anyhow::{Result, ensure};
use http::StatusCode;
use registry::ledger::Grant;
use serde_json::{Value, json};

use super::chosen::Chosen;
use super::client::{Connection, refusal};
use super::{Global, inspect, output};

/// What to approve, and what it may do.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Shows first what would run, and what is new about it. On a terminal it asks before it approves.

Examples:
  skillhost approve acme/greeter:0.1.0 --reason 'read it, tried it'
  skillhost approve ghcr.io/acme/jira:2.0.0 --grant http:jira --set project=OPS --reason 'ticket OPS-12'
  skillhost approve acme/jira:2.0.0 --grant 'http:jira GET' --grant 'http:jira ask POST /rest/api/3' --reason 'reads'
  skillhost approve acme/greeter@sha256:… --limit memory-mib=128 --reason 'large decks'")]
pub(super) struct Args {
    /// `namespace/name:version` in this host's registry, or a full reference
    reference: String,
    #[command(flatten)]
    chosen: Chosen,
    /// Accept a version that is lower than one that was approved before
    #[arg(long)]
    downgrade: bool,
    /// Why, for whoever reads the ledger
    #[arg(long)]
    reason: String,
    /// Do not ask on a terminal
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Shows what would run, approves exactly that, and prints the approval.
///
/// # Errors
/// The host refused: the artifact cannot be pulled or verified, or the token may not approve.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let client = args.connection.open()?;
    let grants = args.chosen.grants()?;
    let request = json!({"reference": args.reference, "grants": grants});
    let seen = client.post("v1/inspections", &request).await?;
    output::say(&inspect::page(&seen));
    if !args.yes && !confirmed()? {
        output::say("nothing was approved");
        return Ok(ExitCode::FAILURE);
    }
    // By its digest: what was seen is what is approved, wherever the tag points by now.
    let reference = pinned(&args.reference, &output::text(&seen, &["digest"]));
    let request = json!({
        "reference": reference, "grants": grants, "downgrade": args.downgrade, "reason": args.reason,
    });
    let (status, answer) = client.try_post("v1/approvals", &request).await?;
    ensure!(status.is_success(), "{}", refusal(status, &answer));
    if status == StatusCode::ACCEPTED {
        output::say("nothing runs yet: these grants need two people, so let somebody else approve the same");
        output::data(global, &answer, proposed)?;
    } else {
        output::data(global, &answer, told)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// An approval in lines.
pub(super) fn told(approval: &Value) -> String {
    format!(
        "approved {} {} for tenant {}\n{}\n{}",
        output::text(approval, &["skill"]),
        output::text(approval, &["version"]),
        output::text(approval, &["tenant"]),
        output::text(approval, &["digest"]),
        granted(approval),
    )
}

/// A proposal in lines.
pub(super) fn proposed(proposal: &Value) -> String {
    format!(
        "proposed {} by {}\n{}\n{}",
        output::text(proposal, &["skill"]),
        output::text(proposal, &["by"]),
        output::text(proposal, &["digest"]),
        granted(proposal),
    )
}

/// A line for each grant, as it is written on the command line.
fn granted(approval: &Value) -> String {
    let grants = approval.pointer("/grants/bindings").and_then(Value::as_array);
    let grants = grants.into_iter().flatten().cloned();
    let grants = grants.filter_map(|grant| serde_json::from_value::<Grant>(grant).ok());
    grants.map(|grant| format!("may use {grant}\n")).collect()
}

fn pinned(reference: &str, digest: &str) -> String {
    if reference.contains('@') {
        reference.to_owned()
    } else {
        format!("{reference}@{digest}")
    }
}

/// Whether whoever sits at the terminal says yes; a script that names everything has said it.
fn confirmed() -> Result<bool> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Ok(true);
    }
    output::say("Approve this? [y/N]");
    let mut answer = String::new();
    input.lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
