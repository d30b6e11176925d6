//! `skillhost revoke`: takes back an approval, a key, a publisher or a digest.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use registry::{Digest, Label};
use serde_json::json;

use super::client::Connection;
use super::{Global, output};

/// What to take back, and why.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost revoke approval sha256:… --reason 'replaced by 0.2.0'
  skillhost revoke key sha256:… --reason 'laptop stolen'")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
    /// Why, for whoever reads the ledger
    #[arg(long, global = true, default_value = "")]
    reason: String,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Your tenant no longer runs this digest
    Approval { digest: Digest },
    /// A key no longer signs for anybody; its identifier is the SHA-256 of its SPKI
    Key { publisher: Label, key: Digest },
    /// Nothing that a publisher signed is trusted any more
    Publisher { publisher: Label },
    /// This artifact is not trusted any more, whoever signed it
    Digest { digest: Digest },
}

/// Revokes, and prints the ledger's entry.
///
/// # Errors
/// The host refused, or no reason was given.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    anyhow::ensure!(
        !args.reason.trim().is_empty(),
        "say why with --reason: the ledger keeps it"
    );
    let path = match &args.what {
        What::Approval { digest } => format!("v1/approvals/{digest}/revoke"),
        What::Key { publisher, key } => format!("v1/publishers/{publisher}/keys/{key}/revoke"),
        What::Publisher { publisher } => format!("v1/publishers/{publisher}/revoke"),
        What::Digest { digest } => format!("v1/digests/{digest}/revoke"),
    };
    let entry = args
        .connection
        .open()?
        .post(&path, &json!({"reason": args.reason}))
        .await?;
    output::data(global, &entry, output::facts)?;
    Ok(ExitCode::SUCCESS)
}
