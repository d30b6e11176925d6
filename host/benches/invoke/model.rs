//! What the host adds to a call of a model, beside calling the same double with reqwest in the same run.

pub(crate) mod double;
mod followed;
mod gated;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use futures_util::StreamExt as _;
use host::config::Config;
use host::serve::Running;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::artifact::{Shop, repository};
use crate::report::median;
use crate::served::{command, host_with};
use double::{Double, PARROT, THINKER};
use gated::Gated;

pub(crate) use followed::{Followed, Waits, measure as follow};

/// Calls in flight.
pub(crate) const IN_FLIGHT: usize = 64;

/// Calls one after the other, of each kind.
const CALLS: usize = 200;

/// Calls before any is measured.
const WARM: usize = 100;

/// How long each round of many in flight takes, and how many there are.
const ROUNDS: (Duration, usize) = (Duration::from_secs(2), 7);

/// One double, and who asks it.
pub(crate) struct Askers {
    /// One that thinks.
    thinker: Arc<Both>,
    /// One that answers at once, so that the memory of all is warm.
    parrot: Both,
    served: Arc<Served>,
    _double: Double,
}

/// How long calls took, one after the other.
pub(crate) struct Seen {
    /// Of a model that thinks.
    pub(crate) thinker: Times,
    /// Of one that answers at once.
    pub(crate) parrot: Times,
    /// Of one that thinks, over HTTP and with everything that is committed.
    pub(crate) committed: Duration,
}

/// The throughput with many in flight, where that of reqwest is 1.
pub(crate) struct Throughput {
    /// Of runs.
    pub(crate) ratio: f64,
    /// Of runs over HTTP, with everything that is committed.
    pub(crate) committed: f64,
}

/// How long one call took, at the median.
pub(crate) struct Times {
    /// With reqwest.
    pub(crate) direct: Duration,
    /// From the sandbox to the gate and back.
    pub(crate) call: Duration,
    /// A whole run that asks once.
    pub(crate) run: Duration,
}

/// Asks one model, with reqwest and through a gate.
struct Both {
    direct: Direct,
    gated: Gated,
    _folder: tempfile::TempDir,
}

/// Asks with reqwest, and the same as the host does.
struct Direct {
    http: reqwest::Client,
    url: String,
    asked: Value,
}

/// Asks through a whole host.
pub(crate) struct Served {
    host: Running,
    http: reqwest::Client,
    token: String,
    _folder: tempfile::TempDir,
}

impl Askers {
    pub(crate) async fn start() -> Result<Self> {
        registry::install_tls_provider();
        let double = Double::start()?;
        let served = Served::start(double.address, THINKER).await?;
        // The first connects and compiles.
        served.invoke().await?;
        Ok(Self {
            thinker: Arc::new(Both::new(double.address, THINKER).await?),
            parrot: Both::new(double.address, PARROT).await?,
            served: Arc::new(served),
            _double: double,
        })
    }

    /// One call after the other.
    pub(crate) async fn times(&self) -> Result<Seen> {
        let mut committed = Vec::new();
        for _ in 0..CALLS {
            committed.push(time(self.served.invoke()).await?);
        }
        Ok(Seen {
            thinker: self.thinker.times().await?,
            parrot: self.parrot.times().await?,
            committed: median(committed),
        })
    }

    /// By turns, so that what else the machine does falls on all of them.
    pub(crate) async fn throughput(&self) -> Result<Throughput> {
        let (mut ratios, mut committed) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS.1 {
            let plain = many(&self.thinker, |both| async move { both.direct.ask().await }).await?;
            ratios.push(many(&self.thinker, |both| async move { both.gated.run().await }).await? / plain);
            committed.push(many(&self.served, |served| async move { served.invoke().await }).await? / plain);
        }
        Ok(Throughput {
            ratio: middle(ratios),
            committed: middle(committed),
        })
    }

    pub(crate) async fn end(self) -> Result<()> {
        let served = Arc::into_inner(self.served).context("all are done")?;
        Ok(served.host.shutdown().await?)
    }
}

impl Both {
    async fn new(double: SocketAddr, model: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let gated = Gated::new(&mut Shop::open(folder.path())?, double, model).await?;
        // The first connects and compiles, and those after it show that it is short.
        for _ in 0..WARM {
            gated.run().await?;
        }
        Ok(Self {
            direct: Direct::new(double).await?,
            gated,
            _folder: folder,
        })
    }

    /// By turns, so that what else the machine does falls on both.
    async fn times(&self) -> Result<Times> {
        self.gated.took();
        let (mut direct, mut runs) = (Vec::new(), Vec::new());
        for _ in 0..CALLS {
            direct.push(time(self.direct.ask()).await?);
            runs.push(time(self.gated.run()).await?);
        }
        Ok(Times {
            direct: median(direct),
            call: median(self.gated.took()),
            run: median(runs),
        })
    }
}

impl Direct {
    /// What the model was asked last.
    async fn new(address: SocketAddr) -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let url = format!("http://{address}/v1/chat/completions");
        let asked = http.get(&url).send().await?.json().await?;
        Ok(Self { http, url, asked })
    }

    /// Reads the whole answer and looks at none of it.
    async fn ask(&self) -> Result<()> {
        let mut answer = self.http.post(&self.url).json(&self.asked).send().await?.bytes_stream();
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

/// How many are done in a second with many in flight, each a task of its own.
async fn many<T, F>(of: &Arc<T>, work: impl Fn(Arc<T>) -> F + Clone + Send + 'static) -> Result<f64>
where
    T: Send + Sync + 'static,
    F: Future<Output = Result<()>> + Send,
{
    let begin = Instant::now();
    let end = begin + ROUNDS.0;
    let mut all = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        let (of, work) = (Arc::clone(of), work.clone());
        all.spawn(async move {
            let mut done = 0_u32;
            while Instant::now() < end {
                work(Arc::clone(&of)).await?;
                done += 1;
            }
            anyhow::Ok(done)
        });
    }
    let done: Result<Vec<u32>> = all.join_all().await.into_iter().collect();
    Ok(f64::from(done?.iter().sum::<u32>()) / begin.elapsed().as_secs_f64())
}

fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}
