//! `skillhost pending`: new versions in the repositories that are watched.

use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use registry::visible;
use serde_json::{Value, json};

use super::client::Connection;
use super::{Global, approve, inspect, output};

/// Whether to look first.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What ran before runs on until somebody approves another. The configuration says which repositories are watched.

Examples:
  skillhost pending
  skillhost pending --now                            look into the registries first
  skillhost approve acme/jira@sha256:… --grant http:jira --reason 'read the difference'")]
pub(super) struct Args {
    /// Look into the registries first
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    connection: Connection,
}

/// Lists what is pending.
///
/// # Errors
/// The host refused.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let client = args.connection.open()?;
    let answer = match args.now {
        true => client.post("v1/pending", &json!({})).await?,
        false => client.get("v1/pending").await?,
    };
    output::data(global, &answer, told)?;
    Ok(ExitCode::SUCCESS)
}

fn told(answer: &Value) -> String {
    let items = |name: &str| answer.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut out = String::new();
    for pending in items("pending") {
        out.push_str(&one(&pending));
    }
    for proposal in items("proposed") {
        out.push_str(&approve::proposed(&proposal));
    }
    if out.is_empty() {
        out.push_str("nothing is pending\n");
    }
    for watched in items("watched") {
        if let Some(detail) = watched.pointer("/refused/detail").and_then(Value::as_str) {
            let _infallible = writeln!(out, "{}: {detail}", output::text(&watched, &["watched"]));
        }
    }
    if items("watched").is_empty() {
        out.push_str("no repository is watched: name some under `tenants.<tenant>.watch` in the configuration\n");
    }
    out
}

fn one(pending: &Value) -> String {
    let [skill, version, digest, since, watched] =
        ["skill", "version", "digest", "since", "watched"].map(|name| output::text(pending, &[name]));
    let mut out = format!("{skill} {version}  found {since} in {watched}\n  {skill}@{digest}\n");
    for warning in pending.get("warnings").and_then(Value::as_array).into_iter().flatten() {
        let _infallible = writeln!(out, "  look twice: {}", visible(&output::text(warning, &["words"])));
    }
    if let Some(detail) = pending.pointer("/refused/detail").and_then(Value::as_str) {
        let _infallible = writeln!(out, "  cannot be approved: {detail}");
    }
    if let Some(difference) = pending.get("difference") {
        let _infallible = writeln!(out, "  new since {}", output::text(difference, &["version"]));
        out.push_str(&inspect::changes(difference));
    }
    out
}
