//! `skillhost export`: a published skill with its signatures, in a folder that travels where no registry can be reached.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use registry::Declaration;
use serde_json::json;

use super::client::Connection;
use super::{Global, output, publish};
use crate::config::Config;

/// What to export, and where to.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost export acme/greeter:0.1.0 greeter        a folder (OCI image layout)
  skillhost export ghcr.io/acme/jira:2.0.0 jira
  oras discover --oci-layout greeter:0.1.0           other tools read it")]
pub(super) struct Args {
    /// `namespace/name:version` in this host's registry, or a full reference
    reference: String,
    /// Where to write it: a folder that is empty or not there yet
    folder: PathBuf,
    #[command(flatten)]
    connection: Connection,
}

/// Writes the folder and prints what is in it.
///
/// # Errors
/// The artifact cannot be pulled, or the folder not written.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    let config = Config::load(global.config.as_deref())?;
    let client = publish::client(&config, &args.connection)?;
    let reference = publish::full(&publish::registry(None, &args.connection)?, &args.reference)?;
    let parcel = client.fetch(&reference).await?;
    let declaration = Declaration::read(parcel.package().component())?;
    let about = &declaration.manifest().skill;
    parcel.write(&args.folder, &about.version.to_string())?;
    let exported = json!({
        "skill": about.name, "version": about.version, "digest": parcel.digest(),
        "signatures": parcel.attachments().len(), "folder": args.folder,
    });
    output::data(global, &exported, output::facts)?;
    Ok(ExitCode::SUCCESS)
}
