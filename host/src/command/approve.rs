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
  skillhost approve acme/greeter@sha256:… --limit memory-mib=128 --reason 'large decks'")]
pub(super) struct Args {
    /// `namespace/name:version` in this host's registry, or a full reference
    reference: String,
    /// Leave to use a binding, as `kind:name`; may be given several times
    #[arg(long = "grant", value_name = "KIND:NAME", value_parser = grant)]
    grants: Vec<Grant>,
    /// A setting that the skill reads, as `key=value`; may be given several times
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    settings: Vec<(String, String)>,
    /// A limit that differs from the host's default, as `name=number`; may be given several times
    #[arg(long = "limit", value_name = "NAME=NUMBER", value_parser = limit)]
    limits: Vec<(String, u32)>,
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
    let request = json!({"reference": args.reference, "grants": grants, "reason": args.reason});
    let approval = args.connection.open()?.post("v1/approvals", &request).await?;
    output::data(global, &approval, |approval| {
        format!(
            "approved {} {} for tenant {}\n{}\n",
            output::text(approval, &["skill"]),
            output::text(approval, &["version"]),
            output::text(approval, &["tenant"]),
            output::text(approval, &["digest"]),
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

fn limits(given: Vec<(String, u32)>) -> Result<Limits> {
    let object: BTreeMap<String, u32> = given.into_iter().collect();
    serde_json::from_value(Value::from_iter(object)).context("no such limit")
}

fn grant(text: &str) -> Result<Grant> {
    let (kind, name) = text
        .split_once(':')
        .context("write it as kind:name, such as http:jira")?;
    Ok(Grant {
        kind: kind.parse()?,
        name: name.parse()?,
    })
}

fn pair(text: &str) -> Result<(String, String)> {
    let (key, value) = text.split_once('=').context("write it as key=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

fn limit(text: &str) -> Result<(String, u32)> {
    let (name, number) = pair(text)?;
    Ok((name, number.parse().context("a limit is a whole number")?))
}
