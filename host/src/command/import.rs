//! `skillhost import`: what was exported elsewhere, pushed to a registry as it is. Nothing is trusted by being imported.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use registry::{Declaration, Digest, Parcel, Reference};
use serde_json::json;

use super::client::Connection;
use super::{Global, output, publish};
use crate::config::Config;

/// What to import, and where to.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost import greeter                           to this host's own registry
  skillhost import greeter --to registry.corp:5000
  skillhost approve acme/greeter:0.1.0 --reason 'tried it'")]
pub(super) struct Args {
    /// The folder that was exported (OCI image layout)
    folder: PathBuf,
    /// The artifact, where the folder holds several
    #[arg(long)]
    digest: Option<Digest>,
    /// A registry outside with an optional prefix, such as `ghcr.io/acme-corp`
    #[arg(long, value_name = "REGISTRY")]
    to: Option<String>,
    #[command(flatten)]
    connection: Connection,
}

/// Pushes the artifact with its signatures, and prints the digest under which it can be approved.
///
/// # Errors
/// The folder holds no skill, or the registry does not take it.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let config = Config::load(global.config.as_deref())?;
    let client = publish::client(&config, &args.connection)?;
    let parcel =
        Parcel::read(&args.folder, args.digest).with_context(|| format!("cannot import {}", args.folder.display()))?;
    let declaration = Declaration::read(parcel.package().component())?;
    let about = &declaration.manifest().skill;
    let registry = publish::registry(args.to.as_deref(), &args.connection)?;
    let reference = format!("{registry}/{}:{}", about.name, about.version).parse::<Reference>()?;
    output::say(&format!("pushing {reference}"));
    let digest = client.push(&reference, parcel.package(), parcel.attachments()).await?;
    let imported = json!({
        "skill": about.name, "version": about.version, "reference": reference.to_string(), "digest": digest,
        "signatures": parcel.attachments().len(),
    });
    output::data(global, &imported, output::facts)?;
    Ok(ExitCode::SUCCESS)
}
