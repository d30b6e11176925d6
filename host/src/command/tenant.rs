//! `skillhost tenant`: lists tenants, or adds one.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use registry::Tenant;
use serde_json::{Value, json};

use super::client::Connection;
use super::{Global, output};

/// What to do with tenants.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost tenant list
  skillhost tenant add research      prints the tenant's first admin token, once")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Subcommand)]
enum What {
    /// All tenants
    List,
    /// A new tenant, with its first admin token
    Add { name: Tenant },
}

/// Lists or adds.
///
/// # Errors
/// The host refused: only an admin of tenant `default` may do this.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let client = args.connection.open()?;
    match args.what {
        What::List => output::data(global, &client.get("v1/tenants").await?, list)?,
        What::Add { name } => {
            let tenant = client.post("v1/tenants", &json!({"name": name})).await?;
            output::data(global, &tenant, |tenant| output::text(tenant, &["token"]))?;
            output::say("This token is not shown again.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(answer: &Value) -> String {
    let tenants = answer
        .get("tenants")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let rows: Vec<Vec<String>> = tenants
        .iter()
        .map(|tenant| ["name", "created"].map(|fact| output::text(tenant, &[fact])).to_vec())
        .collect();
    output::table(&["TENANT", "CREATED"], &rows)
}
