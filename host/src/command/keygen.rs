//! `skillhost keygen`: makes a publisher's signing key.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use registry::PublisherName;
use registry::signature::SigningKey;
use serde_json::json;

use super::{Global, output};

/// For whom.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost keygen acme                              writes skillhost-keys/acme.pem and acme.pub
  skillhost keygen acme --out ~/keys/acme.pem")]
pub(super) struct Args {
    /// The publisher
    publisher: PublisherName,
    /// Where the private key goes; the public key goes beside it, with the ending `.pub`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Writes both keys and prints where they are and the key's identifier.
///
/// # Errors
/// The files exist already, or cannot be written.
pub(super) fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let private = args.out.clone().unwrap_or_else(|| path(&global.keys, &args.publisher));
    let made = make(&private)?;
    output::data(global, &made, output::facts)?;
    Ok(ExitCode::SUCCESS)
}

/// Where a publisher's private key lies by default.
pub(super) fn path(keys: &Path, publisher: &PublisherName) -> PathBuf {
    keys.join(format!("{publisher}.pem"))
}

/// Where a key lies that somebody names: in the keys folder, or else in a file.
pub(super) fn find(keys: &Path, key: &str) -> PathBuf {
    // A name first, so that a file which happens to be called like it is not taken for its key.
    let named = key.parse().ok().map(|name| path(keys, &name));
    named
        .filter(|path| path.is_file())
        .unwrap_or_else(|| PathBuf::from(key))
}

/// Makes a key, with its public half beside it.
///
/// # Errors
/// A file exists already, or cannot be written.
pub(super) fn make(private: &Path) -> Result<serde_json::Value> {
    if let Some(folder) = private.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let key = SigningKey::generate().context("cannot make a key")?;
    key.write(private)
        .with_context(|| format!("cannot write {}", private.display()))?;
    let public = private.with_extension("pub");
    std::fs::write(&public, key.public().to_pem()?).with_context(|| format!("cannot write {}", public.display()))?;
    Ok(json!({"private": private, "public": public, "key": key.public().id()}))
}
