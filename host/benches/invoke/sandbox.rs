//! The sandbox alone: typed JSON in and out of a warm skill, without HTTP and records.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use host::engine::{Engine, Settings, Skill};
use host::run::{Outcome, RunId, Start};
use jiff::Timestamp;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::artifact::{Shop, Source};
use crate::report::median;

/// An engine whose compiled code is kept beside these artifacts.
pub(crate) fn engine(shop: &Shop, scan: bool) -> Result<Engine> {
    let mut settings = Settings::new(shop.cache(), [7; 32]);
    settings.scan = scan;
    Ok(Engine::new(settings)?)
}

/// What one run takes, one after the other on one thread: the middle of many rounds.
pub(crate) async fn measure(shop: &mut Shop, hello: &Source, scan: bool) -> Result<Duration> {
    const RUNS: u32 = 500;
    let artifact = shop.publish(hello, "hello", 0)?;
    let engine = engine(shop, scan)?;
    let skill = engine.load(&shop.approved(&artifact)?).await?;
    let mut rounds = Vec::new();
    for _ in 0..21 {
        let begin = Instant::now();
        for _ in 0..RUNS {
            greet(&skill).await?;
        }
        rounds.push(begin.elapsed() / RUNS);
    }
    Ok(median(rounds))
}

/// Runs the tool `greet` once, on this thread.
pub(crate) async fn greet(skill: &Arc<Skill>) -> Result<()> {
    let finished = skill
        .run_here(start("greet", json!({ "name": "Ada Lovelace" })), None)
        .await;
    match finished.outcome {
        Outcome::Value(value) if value.get("characters") == Some(&12.into()) => Ok(()),
        outcome => bail!("greet answered {outcome:?}"),
    }
}

/// The start of a run of this tool.
pub(crate) fn start(tool: &str, arguments: serde_json::Value) -> Start {
    Start {
        id: RunId(Uuid::now_v7()),
        tool: tool.to_owned(),
        arguments,
        files: BTreeMap::new(),
        at: Timestamp::now(),
        bindings: Arc::default(),
        used: Duration::ZERO,
        configuration: None,
        seed: [0; 32],
        cancel: CancellationToken::new(),
    }
}
