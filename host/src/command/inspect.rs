//! `skillhost inspect`: what a published skill is and asks for, rendered from verified bytes.

mod page;

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::chosen::Chosen;
use super::client::Connection;
use super::{Global, output};

pub(super) use page::{changes, page};

/// What to look at, and what it would be granted.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
With grants it says too what they do not cover.

Examples:
  skillhost inspect acme/greeter:0.1.0
  skillhost inspect acme/jira:2.0.0 --grant 'http:jira GET'
  skillhost inspect ghcr.io/acme/jira:2.0.0 --json")]
pub(super) struct Args {
    /// `namespace/name:version` in this host's registry, or a full reference
    reference: String,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    connection: Connection,
}

/// Prints what the artifact is.
///
/// # Errors
/// The host refused: the artifact cannot be pulled or verified.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let mut request = json!({"reference": args.reference});
    if !args.chosen.is_empty()
        && let Some(request) = request.as_object_mut()
    {
        request.insert("grants".to_owned(), serde_json::to_value(args.chosen.grants()?)?);
    }
    let seen = args.connection.open()?.post("v1/inspections", &request).await?;
    output::data(global, &seen, page)?;
    Ok(ExitCode::SUCCESS)
}
