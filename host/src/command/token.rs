//! `skillhost token`: lists tokens, makes one, or takes one back.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use registry::PublisherName;
use serde_json::{Value, json};

use super::client::Connection;
use super::{Global, output};

/// What to do with tokens.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost token add ci --role publisher --publisher acme
  skillhost token add assistant --role agent --days 30
  skillhost token list
  skillhost token revoke 0193b7c2-0000-7000-8000-000000000000")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Subcommand)]
enum What {
    /// The tokens of your tenant, without their secrets
    List,
    /// A new token; it is shown once
    Add {
        /// A name for the ledger and for lists
        name: String,
        /// What it may do: publisher, agent, approver, admin or auditor; may be given several times
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// The publisher whose namespaces a publisher's token may push to
        #[arg(long)]
        publisher: Option<PublisherName>,
        /// Days until it expires
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
    /// Take a token back
    Revoke { id: String },
}

/// Lists, makes or revokes.
///
/// # Errors
/// The host refused.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let client = args.connection.open()?;
    match args.what {
        What::List => output::data(global, &client.get("v1/tokens").await?, list)?,
        What::Add {
            name,
            roles,
            publisher,
            days,
        } => {
            let request = json!({"name": name, "roles": roles, "publisher": publisher, "days": days});
            let token = client.post("v1/tokens", &request).await?;
            output::data(global, &token, |token| output::text(token, &["token"]))?;
            output::say("This token is not shown again.");
        }
        What::Revoke { id } => {
            let token = client.post(&format!("v1/tokens/{id}/revoke"), &json!({})).await?;
            output::data(global, &token, output::facts)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(answer: &Value) -> String {
    let tokens = answer
        .get("tokens")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let rows: Vec<Vec<String>> = tokens
        .iter()
        .map(|token| {
            ["id", "name", "roles", "expires"]
                .map(|fact| output::text(token, &[fact]))
                .to_vec()
        })
        .collect();
    output::table(&["ID", "NAME", "ROLES", "EXPIRES"], &rows)
}
