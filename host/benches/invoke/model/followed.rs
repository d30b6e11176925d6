//! How long after a word arrives at the host whoever follows the run has it.

use anyhow::{Context, Result, ensure};
use futures_util::StreamExt as _;
use serde_json::Value;
use sse_stream::SseByteStream;

use super::Served;
use super::double::{CLOCK, Double, now};

/// What was seen, in microseconds from the model's writing to the follower's reading, both networks included.
pub(crate) struct Followed {
    /// The middle.
    pub(crate) p50: i64,
    /// Of the slowest hundredth.
    pub(crate) p99: i64,
    /// Words.
    pub(crate) words: usize,
}

/// Runs that are followed, one after another.
const RUNS: usize = 5;

/// Follows runs of a model that says the time.
pub(crate) async fn measure() -> Result<Followed> {
    let double = Double::start()?;
    let served = Served::start(double.address, CLOCK).await?;
    let mut waits = Vec::new();
    for _ in 0..RUNS {
        waits.extend(run(&served).await?);
    }
    served.host.shutdown().await?;
    ensure!(!waits.is_empty(), "nothing was seen");
    waits.sort_unstable();
    let at = |part: usize| waits.get(waits.len() * part / 100).copied().unwrap_or_default();
    Ok(Followed {
        p50: at(50),
        p99: at(99),
        words: waits.len(),
    })
}

/// The waits of one run's words.
async fn run(served: &Served) -> Result<Vec<i64>> {
    let begun = served.post("wait=0").await?;
    let run = begun.get("run").and_then(Value::as_str).context("a run begins")?;
    let url = format!("http://{}/v1/runs/{run}/events", served.host.address());
    let events = served.http.get(url).bearer_auth(&served.token).send().await?;
    let mut events = SseByteStream::new(events.error_for_status()?.bytes_stream());
    let mut waits = Vec::new();
    while let Some(event) = events.next().await {
        let read = now();
        let event = event?;
        if event.event.as_deref() != Some("provisional") {
            continue;
        }
        let said: Value = serde_json::from_str(event.data.as_deref().unwrap_or_default())?;
        // What came before the follower did is one event of many words.
        let mut words = said
            .get("text")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .split_whitespace();
        if let (Some(word), None) = (words.next(), words.next()) {
            waits.push((read - word.parse::<i64>()?) / 1000);
        }
    }
    Ok(waits)
}
