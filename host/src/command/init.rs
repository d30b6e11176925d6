//! `skillhost init`: makes a fresh host.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;

use super::{Global, output};
use crate::serve;

/// Nothing to say but where.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  export SKILLHOST_TOKEN=$(skillhost init)
  skillhost init --data /var/lib/skillhost --keys /etc/skillhost/keys")]
pub(super) struct Args {}

/// Makes the folders, the keys and tenant `default`, and prints its first admin token.
///
/// # Errors
/// There is a host already, or a folder cannot be written.
pub(super) async fn run(global: &Global, _: Args) -> Result<ExitCode> {
    let issued = serve::init(&global.data, &global.keys).await?;
    let token = issued.secret.reveal();
    output::data(global, &json!({"tenant": "default", "token": token}), |made| {
        output::text(made, &["token"])
    })?;
    output::say("This is the admin token of tenant `default`. It is not shown again.");
    Ok(ExitCode::SUCCESS)
}
