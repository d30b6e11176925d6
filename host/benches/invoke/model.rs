//! What the host adds to a call of a model, beside calling the same double with reqwest in the same run.

pub(crate) mod double;
mod followed;
mod gated;

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures_util::StreamExt as _;
use host::config::Config;
use host::serve::Running;
use serde_json::{Value, json};

use crate::artifact::{Shop, repository};
use crate::report::median;
use crate::served::{command, host_with};
use double::Double;
use gated::Gated;

pub(crate) use followed::{Followed, Waits, measure as follow};

/// Calls in flight.
pub(crate) const IN_FLIGHT: usize = 64;

/// Calls one after the other, of each kind by turns.
const CALLS: usize = 200;

/// How long each round of many in flight takes, and how many there are.
const ROUNDS: (Duration, usize) = (Duration::from_secs(2), 7);

/// What was seen.
pub(crate) struct Seen {
    /// With reqwest.
    pub(crate) direct: Duration,
    /// From the guest's import to its return.
    pub(crate) call: Duration,
    /// A whole run that asks once.
    pub(crate) run: Duration,
    /// The same over HTTP, with everything that is committed.
    pub(crate) committed: Duration,
    /// The throughput of runs, where that of reqwest is 1.
    pub(crate) ratio: f64,
    /// The same over HTTP, with everything that is committed.
    pub(crate) committed_ratio: f64,
}

/// Asks with reqwest.
struct Direct {
    http: reqwest::Client,
    url: String,
}

/// Asks through a whole host.
pub(crate) struct Served {
    host: Running,
    http: reqwest::Client,
    token: String,
    _folder: tempfile::TempDir,
}

/// Measures by turns, so that what else the machine does falls on all of them.
pub(crate) async fn measure() -> Result<Seen> {
    registry::install_tls_provider();
    let double = Double::start()?;
    let folder = tempfile::tempdir()?;
    let gated = Gated::new(&mut Shop::open(folder.path())?, double.address).await?;
    let direct = Direct::new(double.address)?;
    let served = Served::start(double.address, "llama").await?;
    let (mut with_reqwest, mut runs, mut committed) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=CALLS {
        let times = [
            time(direct.ask()).await?,
            time(gated.run()).await?,
            time(served.invoke()).await?,
        ];
        // The first connects and compiles.
        if round == 0 {
            gated.took();
            continue;
        }
        with_reqwest.push(times[0]);
        runs.push(times[1]);
        committed.push(times[2]);
    }
    let call = median(gated.took());
    let (mut ratios, mut committed_ratios) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS.1 {
        let plain = many(|| direct.ask()).await?;
        ratios.push(many(|| gated.run()).await? / plain);
        committed_ratios.push(many(|| served.invoke()).await? / plain);
    }
    served.host.shutdown().await?;
    Ok(Seen {
        direct: median(with_reqwest),
        call,
        run: median(runs),
        committed: median(committed),
        ratio: middle(ratios),
        committed_ratio: middle(committed_ratios),
    })
}

impl Direct {
    fn new(address: SocketAddr) -> Result<Self> {
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            url: format!("http://{address}/v1/chat/completions"),
        })
    }

    /// Reads the whole answer and looks at none of it.
    async fn ask(&self) -> Result<()> {
        let messages = json!([{"role": "user", "content": "Orders fail since the release."}]);
        let asked = json!({"model": "llama", "stream": true, "messages": messages});
        let mut answer = self.http.post(&self.url).json(&asked).send().await?.bytes_stream();
        let mut last = Bytes::new();
        while let Some(piece) = answer.next().await {
            last = piece?;
        }
        ensure!(last.ends_with(b"[DONE]\n\n"), "the model was cut off");
        Ok(())
    }
}

impl Served {
    /// A host that runs `brief`, with this model at this address.
    pub(crate) async fn start(address: SocketAddr, model: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let brief = repository().join("skills").join("brief");
        let brief = brief.to_str().context("the repository lies under a name of UTF-8")?;
        let config: Config = toml::from_str(&gated::settings(address, model))?;
        let (host, token) = host_with(folder.path(), &[brief], |settings| settings.tenants = config.tenants).await?;
        let url = format!("http://{}/", host.address());
        let approve = [
            "approve",
            "skillhost/brief:0.1.0",
            "--reason",
            "a measurement",
            "--grant",
            "model:default",
        ];
        command(folder.path(), &url, &token, &approve).await?;
        Ok(Self {
            host,
            http: reqwest::Client::builder().no_proxy().build()?,
            token,
            _folder: folder,
        })
    }

    async fn invoke(&self) -> Result<()> {
        let answer = self.post("wait=60").await?;
        ensure!(answer.get("ok") == Some(&Value::Bool(true)), "brief answered {answer}");
        Ok(())
    }

    /// Invokes the skill, and waits as long as is preferred.
    async fn post(&self, prefer: &str) -> Result<Value> {
        let url = format!("http://{}/v1/skills/skillhost/brief/tools/brief", self.host.address());
        let request = self.http.post(url).bearer_auth(&self.token).header("prefer", prefer);
        let answer = request.json(&gated::arguments()).send().await?;
        Ok(answer.json().await?)
    }
}

async fn time(work: impl Future<Output = Result<()>>) -> Result<Duration> {
    let begin = Instant::now();
    work.await?;
    Ok(begin.elapsed())
}

/// How many are done in a second with many in flight.
async fn many<F: Future<Output = Result<()>>>(work: impl Fn() -> F) -> Result<f64> {
    let begin = Instant::now();
    let end = begin + ROUNDS.0;
    let one = async || {
        let mut done = 0_u32;
        while Instant::now() < end {
            work().await?;
            done += 1;
        }
        anyhow::Ok(done)
    };
    let done = futures_util::future::try_join_all((0..IN_FLIGHT).map(|_| one())).await?;
    Ok(f64::from(done.iter().sum::<u32>()) / begin.elapsed().as_secs_f64())
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
