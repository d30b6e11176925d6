//! `skillhost demo`: the whole path in one command, on a host of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use registry::Digest;
use serde_json::Value;

use super::build::{Parts, Source};
use super::{Global, invoke, output};
use stage::Stage;

mod refusals;
mod stage;

/// Where to play.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost demo             writes demo/deck.pptx
  skillhost demo --serve     leaves the host up, with the lines to paste for curl")]
pub(super) struct Args {
    /// A folder for the host's state and the deck; what an earlier demo left there is removed
    #[arg(long, value_name = "DIR", default_value = "demo")]
    folder: PathBuf,
    /// The project of the skill
    #[arg(long, value_name = "DIR", default_value = "skills/powerpoint")]
    skill: PathBuf,
    /// Leave the host up until it is stopped
    #[arg(long)]
    serve: bool,
    /// Where the host listens; a free port where nothing is said
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

/// Plays the path, then four refusals, then prints the run.
///
/// # Errors
/// A step failed, or what must be refused was not.
pub(super) async fn run(global: &Global, args: Args) -> Result<ExitCode> {
    if !args.skill.is_dir() {
        bail!(
            "{} is not here: run the demo in a checkout, or name the project with --skill",
            args.skill.display()
        );
    }
    fresh(&args.folder)?;
    let parts = Source::project(args.skill.clone()).parts().await?;
    let stage = Stage::start(&args.folder, args.listen).await?;
    let (approved, answer) = path(&stage, &parts, &args.folder).await?;
    refusals::show(&stage, &parts, &approved).await?;
    let run = stage
        .admin
        .get(&format!("v1/runs/{}", output::text(&answer, &["run"])))
        .await?;
    output::say("\nThe run, as the host keeps it:");
    output::data(global, &run, output::facts)?;
    if args.serve {
        output::say(&stage.invitation());
        return stage.serve().await;
    }
    stage.stop().await?;
    Ok(ExitCode::SUCCESS)
}

/// Removes what an earlier demo left, and nothing that it did not make.
fn fresh(folder: &Path) -> Result<()> {
    let marker = folder.join(".skillhost-demo");
    if folder.exists() {
        let ours = marker.is_file() || std::fs::read_dir(folder)?.next().is_none();
        ensure!(
            ours,
            "{} was not made by a demo: choose another with --folder",
            folder.display()
        );
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    std::fs::write(marker, "").context("cannot write to the demo's folder")
}

/// Publish, be refused, approve, invoke.
async fn path(stage: &Stage, parts: &Parts, folder: &Path) -> Result<(Digest, Value)> {
    output::say("1. A publisher and its key");
    let key = stage.publisher("skillhost").await?;
    output::say("2. Publish: pack, sign, push, attach");
    let published = stage.publish(&parts.embed()?, Some(&key)).await?;
    output::say(&format!("   {} {}", published.reference, published.digest));
    output::say("3. Before an administrator approves it, it does not run");
    stage.refused("invoke", stage.try_make_deck().await?)?;
    output::say("4. Approve the digest");
    stage.approve(&published.reference, "the demo's own skill").await?;
    output::say("5. Invoke it over HTTP");
    let answer = stage.make_deck().await?;
    invoke::download(&stage.agent, &answer, folder).await?;
    Ok((published.digest, answer))
}
