//! An invocation over HTTP with everything on (token, limits, record committed), beside plain axum under the same load.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use host::run::RunId;
use host::serve::{self, Running, Settings};
use host::store::{Counters, RunFilter, RunState, Store};
use registry::Tenant;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::artifact::repository;
use crate::load::{Order, Seen};
use crate::plain;

/// Requests in flight.
pub(crate) const IN_FLIGHT: usize = 64;

/// Seconds that warm up, and seconds that count, of each round.
const SECONDS: (f64, f64) = (0.3, 1.0);

/// Many short rounds: what else the machine does then falls on both servers.
const ROUNDS: usize = 15;

/// What was seen in one round of each.
pub(crate) struct Round {
    /// Plain axum.
    pub(crate) plain: Seen,
    /// The host.
    pub(crate) ours: Seen,
}

/// What was seen.
pub(crate) struct Served {
    /// The rounds, from the smallest ratio to the largest.
    pub(crate) rounds: Vec<Round>,
    /// The settings of SQLite.
    pub(crate) pragmas: Vec<(&'static str, String)>,
    /// What the store wrote during all rounds.
    pub(crate) counters: Counters,
    /// Flushes that the disk finished meanwhile, those of others included; nothing where the kernel does not say.
    pub(crate) flushes: Option<u64>,
    /// Runs that were acknowledged, each of which is on record.
    pub(crate) acknowledged: usize,
}

impl Round {
    /// The throughput of the host, where that of plain axum is 1.
    pub(crate) fn ratio(&self) -> f64 {
        self.ours.per_second / self.plain.per_second
    }
}

/// Measures round after round, one server at a time.
pub(crate) async fn measure() -> Result<Served> {
    let folder = tempfile::tempdir()?;
    let (host, token) = host(folder.path()).await?;
    let plain = TcpListener::bind("127.0.0.1:0").await?;
    let (plain_address, host_address) = (plain.local_addr()?, host.address());
    #[expect(clippy::disallowed_methods, reason = "what is compared with has no timers")]
    let serving = tokio::spawn(axum::serve(plain, plain::router()).into_future());
    let (before, flushed) = (host.store().counters(), flushes(folder.path()));
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let plain = load(plain_address, &token).await?;
        let ours = load(host_address, &token).await?;
        rounds.push(Round { plain, ours });
    }
    serving.abort();
    rounds.sort_by(|a, b| a.ratio().total_cmp(&b.ratio()));
    let acknowledged = check(host.store(), &rounds).await?;
    let served = Served {
        rounds,
        pragmas: host.store().pragmas().to_vec(),
        counters: since(before, host.store().counters()),
        flushes: flushes(folder.path())
            .zip(flushed)
            .map(|(after, before)| after - before),
        acknowledged,
    };
    host.shutdown().await?;
    Ok(served)
}

/// A host in this folder that runs `hello`, and a token.
async fn host(folder: &Path) -> Result<(Running, String)> {
    let hello = repository().join("skills").join("hello");
    let hello = hello.to_str().context("the repository lies under a name of UTF-8")?;
    let (host, token) = host_with(folder, &[hello], |_| {}).await?;
    let url = format!("http://{}/", host.address());
    let approve = ["approve", "skillhost/hello:0.1.0", "--reason", "a measurement"];
    command(folder, &url, &token, &approve).await?;
    Ok((host, token))
}

/// A host in this folder, set up as the README says, with one skill published, and a token.
pub(crate) async fn host_with(
    folder: &Path,
    skill: &[&str],
    change: impl FnOnce(&mut Settings),
) -> Result<(Running, String)> {
    let token = command(folder, "", "", &["init"]).await?.trim().to_owned();
    let mut settings = Settings::new(folder.join("skillhost-data"), folder.join("skillhost-keys"));
    settings.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    change(&mut settings);
    let host = serve::start(settings).await?;
    let url = format!("http://{}/", host.address());
    let namespace = [
        "--namespace",
        "skillhost",
        "--public-key",
        "skillhost-keys/skillhost.pub",
    ];
    let publisher = ["publisher", "add", "skillhost"].into_iter().chain(namespace);
    let ci = ["token", "add", "ci", "--role", "publisher", "--publisher", "skillhost"];
    command(folder, &url, &token, &["keygen", "skillhost"]).await?;
    command(folder, &url, &token, &publisher.collect::<Vec<_>>()).await?;
    let ci = command(folder, &url, &token, &ci).await?;
    let publish = [&["publish", "--key", "skillhost"], skill].concat();
    command(folder, &url, ci.trim(), &publish).await?;
    Ok((host, token))
}

/// This program is the command line too.
pub(crate) async fn command(folder: &Path, url: &str, token: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(arguments).current_dir(folder);
    command.env("SKILLHOST_URL", url).env("SKILLHOST_TOKEN", token);
    let out = command.output().await?;
    let said = String::from_utf8_lossy(&out.stderr);
    ensure!(out.status.success(), "skillhost {arguments:?}: {said}");
    Ok(String::from_utf8(out.stdout)?)
}

async fn load(address: SocketAddr, token: &str) -> Result<Seen> {
    let body = r#"{"name":"Ada Lovelace"}"#;
    let order = Order {
        address,
        request: format!(
            "POST /v1/skills/skillhost/hello/tools/greet HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
        in_flight: IN_FLIGHT,
        seconds: SECONDS,
    };
    tokio::task::spawn_blocking(move || order.run()).await?
}

/// Every run that an answer named must be on record.
async fn check(store: &Store, rounds: &[Round]) -> Result<usize> {
    let recorded = succeeded(store).await?;
    let mut found = 0;
    for seen in rounds.iter().map(|round| &round.ours) {
        ensure!(seen.answers == seen.runs.len(), "an answer of the host names no run");
        for run in &seen.runs {
            ensure!(
                recorded.contains(&RunId(run.parse()?)),
                "the run {run} was acknowledged, and is not on record as succeeded"
            );
            found += 1;
        }
    }
    ensure!(found > 0, "nothing was acknowledged");
    Ok(found)
}

/// The runs on record that succeeded.
async fn succeeded(store: &Store) -> Result<HashSet<RunId>> {
    const PAGE: u32 = 10_000;
    let tenant: Tenant = "default".parse()?;
    let mut filter = RunFilter {
        state: Some(RunState::Succeeded),
        ..RunFilter::default()
    };
    let mut found = HashSet::new();
    loop {
        let page = store.runs(&tenant, &filter, PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        filter.before = Some(last.id);
        found.extend(page.iter().map(|title| title.id));
    }
}

const fn since(before: Counters, after: Counters) -> Counters {
    Counters {
        commits: after.commits - before.commits,
        checkpoints: after.checkpoints - before.checkpoints,
    }
}

/// Flushes that the disk under a folder has finished since it was attached (Linux, Documentation/block/stat.rst).
fn flushes(folder: &Path) -> Option<u64> {
    const FLUSHES: usize = 15;
    let device = std::fs::metadata(folder).ok()?.dev();
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let statistics = std::fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/stat")).ok()?;
    statistics.split_whitespace().nth(FLUSHES)?.parse().ok()
}
