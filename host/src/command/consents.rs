//! `skillhost consents`: calls that wait for a person, and the answers to them.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};

use super::client::Connection;
use super::{Global, output};

/// What to do about calls that wait for a person.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost consents                                 the calls that wait
  skillhost consents --json                          the same with what each would send
  skillhost consents --allow 0193b7c2-0000-7000-8000-000000000000-1
  skillhost consents --refuse 0193b7c2-0000-7000-8000-000000000000-1")]
pub(super) struct Args {
    /// Allow this one call
    #[arg(long, value_name = "CONSENT", conflicts_with = "refuse")]
    allow: Option<String>,
    /// Refuse it
    #[arg(long, value_name = "CONSENT")]
    refuse: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

/// Lists, or answers.
///
/// # Errors
/// The host refused.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let client = args.connection.open()?;
    match (args.allow, args.refuse) {
        (Some(id), _) => {
            client
                .post(&format!("v1/consents/{id}"), &json!({"allow": true}))
                .await?;
            output::say("allowed; the run goes on");
        }
        (None, Some(id)) => {
            client
                .post(&format!("v1/consents/{id}"), &json!({"allow": false}))
                .await?;
            output::say("refused; the run goes on and is told");
        }
        (None, None) => output::data(global, &client.get("v1/consents").await?, list)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(answer: &Value) -> String {
    let consents = answer.get("consents").and_then(Value::as_array).into_iter().flatten();
    let rows: Vec<Vec<String>> = consents
        .map(|consent| {
            ["id", "skill", "tool", "by", "binding", "until"]
                .map(|name| output::text(consent, &[name]))
                .to_vec()
        })
        .collect();
    output::table(&["CONSENT", "SKILL", "TOOL", "BY", "BINDING", "UNTIL"], &rows)
}
