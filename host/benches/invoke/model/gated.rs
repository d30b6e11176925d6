//! The skill `brief` with a way out to a gate whose journal is in memory: everything of a call but its commits.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use async_trait::async_trait;
use gate::{
    About, Binding, Bottomless, Call, Code, Gate, Grant, Halt, HostSecret, Limits, MemoryJournal, Mode, Nobody, Parts,
    Returned, Run, RunKey, RunSecret, Stop, SystemClock,
};
use host::binding::Outside;
use host::config::Config;
use host::engine::{Engine, Skill};
use host::run::{Calls, Outcome, Start, Timer};
use host::runs::{Broken, Handover};
use serde_json::json;
use tokio::runtime::Handle;

use crate::artifact::{Artifact, Shop, Source};
use crate::sandbox::{engine, start};

const TENANT: &str = "default";

/// The skill and its gate.
pub(crate) struct Gated {
    /// Its threads end with it.
    _engine: Engine,
    skill: Arc<Skill>,
    artifact: Artifact,
    gate: Arc<Gate>,
    calls: Arc<Mutex<Vec<Duration>>>,
}

/// The way out of one run, as the host has it.
struct Way {
    gate: Arc<Gate>,
    run: Arc<tokio::sync::Mutex<Run>>,
    server: Handle,
    calls: Arc<Mutex<Vec<Duration>>>,
}

impl Gated {
    /// Approved, granted, and led to this model at this address.
    pub(crate) async fn new(shop: &mut Shop, address: SocketAddr, model: &str) -> Result<Self> {
        let artifact = shop.publish(&Source::build("brief")?, "brief", 0)?;
        let engine = engine(shop, true)?;
        let skill = engine.load(&shop.approved(&artifact)?).await?;
        let config: Config = toml::from_str(&settings(address, model))?;
        let outside = Outside::open(&config.tenants, &[7; 32])?;
        outside.policies.replace(TENANT, &[grant(&artifact)], "")?;
        let gate = Gate::new(Parts {
            journal: Arc::new(MemoryJournal::default()),
            policies: outside.policies,
            dlp: outside.dlp,
            bindings: outside.bindings,
            purse: Arc::new(Bottomless),
            audience: Arc::new(Nobody),
            clock: Arc::new(SystemClock),
            secret: HostSecret::new([7; 32]),
        });
        Ok(Self {
            _engine: engine,
            skill,
            artifact,
            gate: Arc::new(gate),
            calls: Arc::default(),
        })
    }

    /// One run, which asks once.
    pub(crate) async fn run(&self) -> Result<()> {
        let start = start("brief", arguments());
        let way = self.way(&start).await?;
        let finished = self.skill.run(start, Some(Box::new(way))).await;
        match finished.outcome {
            Outcome::Value(_) => Ok(()),
            outcome => bail!("brief answered {outcome:?}"),
        }
    }

    /// How long each call took since the last time, from the sandbox to the gate and back.
    pub(crate) fn took(&self) -> Vec<Duration> {
        std::mem::take(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn way(&self, start: &Start) -> Result<Way> {
        let about = About {
            key: RunKey {
                tenant: TENANT.to_owned(),
                run: start.id.0,
            },
            skill: self.artifact.name.to_string(),
            digest: self.artifact.digest.to_string(),
            tool: start.tool.clone(),
            by: "bench".to_owned(),
            secret: RunSecret::new([9; 32]),
            limits: Limits::default(),
        };
        let run = self.gate.open(about, Mode::Live).await?;
        Ok(Way {
            gate: Arc::clone(&self.gate),
            run: Arc::new(tokio::sync::Mutex::new(run)),
            server: Handle::current(),
            calls: Arc::clone(&self.calls),
        })
    }
}

#[async_trait]
impl Calls for Way {
    async fn call(&mut self, call: Call) -> Result<Returned, Halt> {
        let begin = Instant::now();
        let (gate, run) = (Arc::clone(&self.gate), Arc::clone(&self.run));
        let work = async move { gate.call(&mut *run.lock().await, call).await };
        let returned = Handover::new(self.server.clone(), work).await.map_err(broken)?;
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(begin.elapsed());
        returned
    }

    async fn wait(&mut self, timer: Timer) -> Result<(), Halt> {
        let mut run = self.run.lock().await;
        self.gate.timer(&mut run, timer.number, timer.until).await
    }
}

/// What the skill is asked.
pub(crate) fn arguments() -> serde_json::Value {
    json!({"sources": [{"title": "PROJ-1", "text": "Orders fail since the release."}]})
}

/// A binding that leads to the model.
pub(crate) fn settings(address: SocketAddr, model: &str) -> String {
    format!(
        "[[tenants.default.model.default.backends]]\nname = \"local\"\nmodel = \"{model}\"\n\
         provider = {{ kind = \"compatible\", url = \"http://{address}/v1\" }}\n\
         plain-http = true\nprivate-networks = [\"127.0.0.0/8\"]\n"
    )
}

fn grant(artifact: &Artifact) -> Grant {
    Grant {
        approval: "1".to_owned(),
        skill: artifact.name.to_string(),
        digest: artifact.digest.to_string(),
        binding: Binding {
            kind: "model".to_owned(),
            name: "default".to_owned(),
        },
        ask: false,
        methods: Vec::new(),
        paths: Vec::new(),
    }
}

fn broken(broken: Broken) -> Halt {
    Stop::new(Code::RUN_INTERRUPTED, broken.to_string()).into()
}
