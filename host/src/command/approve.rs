//! `skillhost approve`: lets a tenant run one digest of a skill.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context, Result};
use registry::Limits;
use registry::ledger::{Grant, Grants};
use serde_json::{Value, json};

use super::client::Connection;
use super::{Global, output};

/// What to approve, and what it may do.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost approve acme/greeter:0.1.0 --reason 'read it, tried it'
  skillhost approve ghcr.io/acme/jira:2.0.0 --grant http:jira --set project=OPS --reason 'ticket OPS-12'
  skillhost approve acme/jira:2.0.0 --grant 'http:jira GET' --grant 'http:jira ask POST /rest/api/3' --reason 'reads'
  skillhost approve acme/greeter@sha256:… --limit memory-mib=128 --reason 'large decks'")]
pub(super) struct Args {
    /// `namespace/name:version` in this host's registry, or a full reference
    reference: String,
    /// Leave to use a binding, as `kind:name`; may be given several times. What narrows it stands behind, each after a
    /// space: `ask` (a person allows each call), methods in capitals, paths (each with everything below it)
    #[arg(long = "grant", value_name = "KIND:NAME [ask] [METHOD]... [/PATH]...")]
    grants: Vec<Grant>,
    /// A setting that the skill reads, as `key=value`; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    settings: Vec<(String, String)>,
    /// A limit that differs from the host's default, as `name=number`; may be given several times
    #[arg(long = "limit", value_name = "NAME=NUMBER", value_parser = limit)]
    limits: Vec<(String, u32)>,
    /// Accept a version that is lower than one that was approved before
    #[arg(long)]
    downgrade: bool,
    /// Why, for whoever reads the ledger
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    connection: Connection,
}

/// Approves, and prints the approval.
///
/// # Errors
/// The host refused: the artifact cannot be pulled or verified, or the token may not approve.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let grants = Grants {
        bindings: args.grants,
        limits: limits(args.limits)?,
        configuration: args.settings.into_iter().collect(),
    };
    let request = json!({
        "reference": args.reference, "grants": grants, "downgrade": args.downgrade, "reason": args.reason,
    });
    let approval = args.connection.open()?.post("v1/approvals", &request).await?;
    output::data(global, &approval, |approval| {
        format!(
            "approved {} {} for tenant {}\n{}\n{}",
            output::text(approval, &["skill"]),
            output::text(approval, &["version"]),
            output::text(approval, &["tenant"]),
            output::text(approval, &["digest"]),
            granted(approval),
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A line for each grant, as it is written on the command line.
fn granted(approval: &Value) -> String {
    let grants = approval.pointer("/grants/bindings").and_then(Value::as_array);
    let grants = grants.into_iter().flatten().cloned();
    let grants = grants.filter_map(|grant| serde_json::from_value::<Grant>(grant).ok());
    grants.map(|grant| format!("may use {grant}\n")).collect()
}

fn limits(given: Vec<(String, u32)>) -> Result<Limits> {
    let object: BTreeMap<String, u32> = given.into_iter().collect();
    serde_json::from_value(Value::from_iter(object)).context("no such limit")
}

fn pair(text: &str) -> Result<(String, String)> {
    let (key, value) = text.split_once('=').context("write it as key=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn limit(text: &str) -> Result<(String, u32)> {
    let (name, number) = pair(text)?;
    Ok((name, number.parse().context("a limit is a whole number")?))
}
