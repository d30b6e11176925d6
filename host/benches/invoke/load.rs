//! The load: a process of its own that keeps many requests in flight, and spends as little as it can on each.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The argument that makes this program a load.
pub(crate) const ROLE: &str = "be-load";

/// What is asked of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    /// The request as it goes over the wire (RFC 9112), always the same.
    pub(crate) request: String,
    /// Connections, each with one request in flight.
    pub(crate) in_flight: usize,
    /// Seconds before anything is counted, and seconds that count.
    pub(crate) seconds: (f64, f64),
}

/// What it saw in the time that counts.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// Answers of success in one second.
    pub(crate) per_second: f64,
    /// The middle latency, and that of the slowest hundredth, in microseconds.
    pub(crate) p50: u32,
    /// The same of the slowest hundredth.
    pub(crate) p99: u32,
    /// The run of every answer that names one, those outside of the time that counts included.
    pub(crate) runs: Vec<String>,
    /// Answers in all.
    pub(crate) answers: usize,
}

impl Order {
    /// Starts the process and waits for what it saw.
    pub(crate) fn run(&self) -> Result<Seen> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(ROLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut input = child.stdin.take().context("a pipe was asked for")?;
        input.write_all(&serde_json::to_vec(self)?)?;
        drop(input);
        let out = child.wait_with_output()?;
        ensure!(out.status.success(), "the load ended early");
        Ok(serde_json::from_slice(&out.stdout)?)
    }
}

/// The process itself.
pub(crate) fn role() -> Result<()> {
    let mut order = Vec::new();
    std::io::stdin().read_to_end(&mut order)?;
    let order: Order = serde_json::from_slice(&order)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let seen = runtime.block_on(drive(&order))?;
    std::io::stdout().write_all(&serde_json::to_vec(&seen)?)?;
    Ok(())
}

async fn drive(order: &Order) -> Result<Seen> {
    let begin = Instant::now() + Duration::from_secs_f64(order.seconds.0);
    let end = begin + Duration::from_secs_f64(order.seconds.1);
    let connections = (0..order.in_flight).map(|_| one(order, begin, end));
    let ended = futures_util::future::try_join_all(connections).await?;
    let mut seen = Seen::default();
    let mut latencies = Vec::new();
    for (counted, answers, runs) in ended {
        latencies.extend(counted);
        seen.answers += answers;
        seen.runs.extend(runs);
    }
    latencies.sort_unstable();
    seen.per_second = latencies.len() as f64 / order.seconds.1;
    let at = |part: usize| latencies.get(latencies.len() * part / 100).copied().unwrap_or_default();
    (seen.p50, seen.p99) = (at(50), at(99));
    Ok(seen)
}

/// One connection: the latencies that count, the number of answers, and the runs that they name.
async fn one(order: &Order, begin: Instant, end: Instant) -> Result<(Vec<u32>, usize, Vec<String>)> {
    let mut stream = TcpStream::connect(order.address).await?;
    stream.set_nodelay(true)?;
    let (mut latencies, mut answers, mut runs) = (Vec::new(), 0, Vec::new());
    let mut buffer = Vec::with_capacity(16 << 10);
    loop {
        let asked = Instant::now();
        if asked >= end {
            return Ok((latencies, answers, runs));
        }
        stream.write_all(order.request.as_bytes()).await?;
        let body = answer(&mut stream, &mut buffer).await?;
        if asked >= begin {
            latencies.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
        answers += 1;
        runs.extend(run_of(body));
    }
}

/// Reads one answer and gives its body.
async fn answer<'a>(stream: &mut TcpStream, buffer: &'a mut Vec<u8>) -> Result<&'a str> {
    buffer.clear();
    let (head, length) = loop {
        ensure!(stream.read_buf(buffer).await? > 0, "the server closed the connection");
        if let Some(end) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head = std::str::from_utf8(buffer.get(..end).unwrap_or_default())?;
            ensure!(
                head.starts_with("HTTP/1.1 20"),
                "answered {}",
                String::from_utf8_lossy(buffer)
            );
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>().ok())?
            });
            // A 204 has no body (RFC 9110, 15.3.5).
            let length = length.or_else(|| head.starts_with("HTTP/1.1 204").then_some(0));
            break (end + 4, length.context("an answer has a length")?);
        }
    };
    while buffer.len() < head + length {
        ensure!(stream.read_buf(buffer).await? > 0, "the server closed the connection");
    }
    Ok(std::str::from_utf8(
        buffer.get(head..head + length).unwrap_or_default(),
    )?)
}

fn run_of(body: &str) -> Option<String> {
    let (_, after) = body.split_once(r#""run":""#)?;
    Some(after.split_once('"')?.0.to_owned())
}
