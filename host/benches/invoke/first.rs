//! From an artifact on disk to the first reply: hashed, verified, its compiled code taken from the cache.
//! Neither this nor a function of it is called `cold`: BOLT takes what has `.cold.` in its name for half of another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use host::engine::{Engine, Skill};
use host::run::Outcome;
use serde_json::json;

use crate::artifact::{Artifact, Shop, Source};
use crate::report::median;
use crate::sandbox::{engine, start};

/// The first reply of the real skill, of some 300 KiB, and what each further MiB in the artifact adds.
pub(crate) struct First {
    /// Bytes of its component.
    pub(crate) size: usize,
    /// To the first reply.
    pub(crate) reply: Duration,
    /// What the same run takes once all is there: the skill's own work, and the host's for any run.
    pub(crate) warm: Duration,
    /// For each MiB more.
    pub(crate) per_mib: Duration,
}

/// Measures both, the middle of many.
pub(crate) async fn measure(shop: &mut Shop, powerpoint: &Source) -> Result<First> {
    // With a file of the first size it has the 300 KiB that the figure is for; the second is the largest that may be.
    const FILES: [usize; 2] = [30 << 10, 1 << 20];
    let small = shop.publish(powerpoint, "powerpoint", FILES[0])?;
    let large = shop.publish(powerpoint, "powerpoint-large", FILES[1])?;
    let engine = engine(shop, true)?;
    let (reply, warm) = first_reply(shop, &engine, &small).await?;
    let (larger, _) = first_reply(shop, &engine, &large).await?;
    Ok(First {
        size: small.size,
        reply,
        warm,
        per_mib: larger
            .saturating_sub(reply)
            .mul_f64((1 << 20) as f64 / (FILES[1] - FILES[0]) as f64),
    })
}

/// How long the first reply takes, and the second.
async fn first_reply(shop: &Shop, engine: &Engine, artifact: &Artifact) -> Result<(Duration, Duration)> {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for round in 0..22 {
        engine.forget(artifact.digest);
        let begin = Instant::now();
        let fetch = engine.fetch(artifact.digest);
        let skill = engine.load_fetched(&shop.approved(artifact)?, fetch).await?;
        deck(&skill).await?;
        let loaded = begin.elapsed();
        deck(&skill).await?;
        // The first one compiles.
        if round > 0 {
            first.push(loaded);
            second.push(begin.elapsed() - loaded);
        }
    }
    Ok((median(first), median(second)))
}

/// A run that makes a deck of one slide.
async fn deck(skill: &Arc<Skill>) -> Result<()> {
    let outline = json!({ "title": "A deck", "sections": [{ "slides": [{ "title": "A slide" }] }] });
    let finished = skill
        .run(start("create-deck", json!({ "outline": outline })), None)
        .await;
    match finished.outcome {
        Outcome::Value(_) => Ok(()),
        outcome => bail!("create-deck answered {outcome:?}"),
    }
}
