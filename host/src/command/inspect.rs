//! `skillhost inspect`: what a published skill is and asks for, rendered from verified bytes.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};

use super::client::Connection;
use super::{Global, output};

/// What to look at.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost inspect acme/greeter:0.1.0
  skillhost inspect ghcr.io/acme/jira:2.0.0 --json")]
pub(super) struct Args {
    /// `namespace/name:version` in this host's registry, or a full reference
    reference: String,
    #[command(flatten)]
    connection: Connection,
}

/// Prints what the artifact is.
///
/// # Errors
/// The host refused: the artifact cannot be pulled or verified.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let request = json!({"reference": args.reference});
    let seen = args.connection.open()?.post("v1/inspections", &request).await?;
    output::data(global, &seen, page)?;
    Ok(ExitCode::SUCCESS)
}

fn page(seen: &Value) -> String {
    let mut out = String::new();
    for fact in [
        "skill",
        "version",
        "digest",
        "publisher",
        "key",
        "summary",
        "license",
        "source",
    ] {
        out.push_str(&format!("{fact:<10} {}\n", output::text(seen, &[fact])));
    }
    out.push_str("\nTools\n");
    for tool in seen.get("tools").and_then(Value::as_array).into_iter().flatten() {
        out.push_str(&format!("  {}\n", output::text(tool, &["name"])));
        for line in output::text(tool, &["description"]).lines() {
            out.push_str(&format!("      {line}\n"));
        }
    }
    out.push_str("\nAsks for\n");
    let bindings = seen
        .get("bindings")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if bindings.is_empty() {
        out.push_str("  nothing outside\n");
    }
    for binding in &bindings {
        let [kind, name, reason] = ["kind", "name", "reason"].map(|fact| output::text(binding, &[fact]));
        out.push_str(&format!("  {kind}:{name}  {reason}\n"));
    }
    out
}
