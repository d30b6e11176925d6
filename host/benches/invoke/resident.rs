//! The memory of a process that keeps a thousand approved skills, each of which ran.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use crate::artifact::{Shop, Source};
use crate::sandbox::{engine, greet};

/// The argument that makes this program such a process.
pub(crate) const ROLE: &str = "be-resident";

/// Skills that are approved.
pub(crate) const SKILLS: usize = 1000;

/// Publishes and compiles the skills, so that the process that is measured finds them on disk.
pub(crate) async fn prepare(folder: &Path, hello: &Source) -> Result<()> {
    let mut shop = Shop::open(folder)?;
    for number in 0..SKILLS {
        shop.publish(hello, &format!("hello-{number}"), 0)?;
    }
    let engine = engine(&shop, true)?;
    let loads = stream::iter(shop.artifacts()).map(|artifact| {
        let approved = shop.approved(&artifact);
        let engine = &engine;
        async move {
            engine.load(&approved?).await?;
            anyhow::Ok(())
        }
    });
    loads.buffer_unordered(4).try_collect().await
}

/// Resident memory of a fresh process, in bytes.
pub(crate) fn measure(folder: &Path, scan: bool) -> Result<u64> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(ROLE).arg(folder).args((!scan).then_some("zero"));
    let out = command.stderr(Stdio::inherit()).output()?;
    ensure!(out.status.success(), "the process ended early");
    Ok(String::from_utf8(out.stdout)?.trim().parse()?)
}

/// The process itself: it runs each skill once and says what is resident then.
pub(crate) async fn role(folder: &Path, scan: bool) -> Result<u64> {
    let shop = Shop::open(folder)?;
    let engine = engine(&shop, scan)?;
    for artifact in shop.artifacts() {
        let skill = engine.load(&shop.approved(&artifact)?).await?;
        greet(&skill).await?;
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line
        .and_then(|line| line.trim().strip_suffix(" kB"))
        .context("Linux says what is resident")?;
    Ok(kib.parse::<u64>()? * 1024)
}
