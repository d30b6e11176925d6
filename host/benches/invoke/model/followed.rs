//! How long after a word arrives at the host whoever follows the run has it: beside whoever reads the model's own socket,
//! for whom it has arrived then.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Served;
use super::double::{CLOCK, Double, now};

/// What was seen, in microseconds from the model's writing.
pub(crate) struct Followed {
    /// To the follower's reading.
    pub(crate) followed: Waits,
    /// To the reading of whoever asks the model itself.
    pub(crate) arrived: Waits,
}

/// How long words took, in microseconds.
#[derive(Clone, Copy)]
pub(crate) struct Waits {
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
    let (mut followed, mut arrived) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        followed.extend(run(&served).await?);
        arrived.extend(answer(double.address).await?);
    }
    served.host.shutdown().await?;
    Ok(Followed {
        followed: Waits::of(followed)?,
        arrived: Waits::of(arrived)?,
    })
}

impl Waits {
    fn of(mut waits: Vec<i64>) -> Result<Self> {
        ensure!(!waits.is_empty(), "nothing was seen");
        waits.sort_unstable();
        let at = |part: usize| waits.get(waits.len() * part / 100).copied().unwrap_or_default();
        Ok(Self {
            p50: at(50),
            p99: at(99),
            words: waits.len(),
        })
    }
}

/// The waits of one run's words.
async fn run(served: &Served) -> Result<Vec<i64>> {
    let begun = served.post("wait=0").await?;
    let run = begun.get("run").and_then(Value::as_str).context("a run begins")?;
    let request = format!(
        "GET /v1/runs/{run}/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {}\r\n\r\n",
        served.token
    );
    words(served.host.address(), request, "/text").await
}

/// The waits of one answer's words as the model gives it.
async fn answer(model: SocketAddr) -> Result<Vec<i64>> {
    let body = format!("{{\"model\":\"{CLOCK}\"}}");
    let length = body.len();
    let request = format!("POST / HTTP/1.1\r\nhost: model\r\ncontent-length: {length}\r\n\r\n{body}");
    words(model, request, "/choices/0/delta/content").await
}

/// The waits of words that stand there in each event, on a bare socket and a thread of its own.
async fn words(address: SocketAddr, request: String, at: &'static str) -> Result<Vec<i64>> {
    tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(request.as_bytes())?;
        let mut waits = Vec::new();
        for line in BufReader::new(stream).lines() {
            let (line, read) = (line?, now());
            if line.ends_with("[DONE]") {
                break;
            }
            let said = line.strip_prefix("data: ").unwrap_or("null");
            let said: Value = serde_json::from_str(said)?;
            // What came before the follower did is one event of many words.
            let mut words = said
                .pointer(at)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .split_whitespace();
            if let (Some(word), None) = (words.next(), words.next()) {
                waits.push((read - word.parse::<i64>()?) / 1000);
            }
        }
        Ok(waits)
    })
    .await?
}
