//! A world of fakes that record what was asked of them, and a fuse that stops the process model at any boundary.

mod audience;
mod backend;
mod clock;
mod fuse;
mod journal;
mod model;
mod purse;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use uuid::Uuid;

use crate::call::body::Body;
use crate::call::http::{Headers, HttpCall, HttpRules, Key};
use crate::{
    About, Action, Binding, Bindings, Bound, Call, Carriers, Dlp, Gate, Grant, HostSecret, Limits, MemoryJournal,
    ModelRules, Outcome, Parts, Policies, Reply, Retry, Route, Rules, RunKey, RunSecret,
};

pub(crate) use audience::FakeAudience;
pub(crate) use backend::{FakeBackend, Script};
pub(crate) use clock::FakeClock;
pub(crate) use fuse::Fuse;
pub(crate) use journal::WatchedJournal;
pub(crate) use model::{FakeChoice, FakeModel, prompt, question};
pub(crate) use purse::FakePurse;

/// What was asked of the fakes, in order.
pub(crate) type Trace = Arc<Mutex<Vec<String>>>;

pub(crate) const TENANT: &str = "acme";
pub(crate) const SKILL: &str = "acme/jira";
pub(crate) const DIGEST: &str = "sha256:aa";
/// Planted as a known secret.
pub(crate) const CANARY: &str = "canary/credential-4711";

/// Everything that outlives a process.
pub(crate) struct World {
    pub(crate) trace: Trace,
    pub(crate) fuse: Arc<Fuse>,
    pub(crate) journal: Arc<WatchedJournal>,
    pub(crate) backend: Arc<FakeBackend>,
    pub(crate) purse: Arc<FakePurse>,
    pub(crate) audience: Arc<FakeAudience>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) policies: Arc<Policies>,
    pub(crate) bindings: Arc<Bindings>,
    pub(crate) dlp: Arc<Dlp>,
}

impl World {
    pub(crate) fn new() -> Self {
        let trace = Trace::default();
        let fuse = Arc::new(Fuse::default());
        let journal = WatchedJournal::new(MemoryJournal::default(), &trace, &fuse);
        let world = Self {
            journal: Arc::new(journal),
            backend: Arc::new(FakeBackend::new(&trace, &fuse)),
            purse: Arc::new(FakePurse::new(&trace, &fuse)),
            audience: Arc::default(),
            clock: Arc::default(),
            policies: Arc::default(),
            bindings: Arc::default(),
            dlp: Arc::default(),
            trace,
            fuse,
        };
        world.bind(TENANT, "account-1");
        world.policies.replace(TENANT, &grants(), "").unwrap();
        world.dlp.know("jira", vec![CANARY.into()]).unwrap();
        world
    }

    /// A gate as a process that has just started makes it.
    pub(crate) fn gate(&self) -> Gate {
        Gate::new(Parts {
            journal: self.journal.clone(),
            policies: self.policies.clone(),
            dlp: self.dlp.clone(),
            bindings: self.bindings.clone(),
            purse: self.purse.clone(),
            audience: self.audience.clone(),
            clock: self.clock.clone(),
            secret: HostSecret::new([7; 32]),
        })
    }

    pub(crate) fn bind(&self, tenant: &str, account: &str) {
        let bound = Bound {
            carriers: Carriers::One(Route {
                backend: self.backend.clone(),
                account: account.to_owned(),
            }),
            rules: Rules::Http(rules()),
            timeout: Duration::from_secs(30),
            retry: Retry::default(),
        };
        let names = ["jira", "ask", "narrow", "stranger"];
        let bindings = names.map(|name| (http(name), bound.clone()));
        self.bindings.replace(tenant, bindings);
    }

    /// Puts these models behind the only binding of the tenant's.
    pub(crate) fn bind_models(&self, models: Vec<Arc<FakeModel>>) {
        self.bind_models_by(ModelRules::default(), models);
    }

    pub(crate) fn bind_models_by(&self, rules: ModelRules, models: Vec<Arc<FakeModel>>) {
        let bound = Bound {
            carriers: Carriers::Chosen(Arc::new(FakeChoice(models))),
            rules: Rules::Model(rules),
            timeout: Duration::from_secs(600),
            retry: Retry::default(),
        };
        self.bindings.replace(TENANT, [(model("default"), bound)]);
    }

    /// What was asked of the fakes since the last time.
    pub(crate) fn steps(&self) -> Vec<String> {
        std::mem::take(&mut self.trace.lock().unwrap())
    }
}

/// GET reads, POST /think costs, PUT has a key, any other POST does not.
fn rules() -> HttpRules {
    HttpRules {
        read: vec!["POST /search".parse().unwrap()],
        costly: vec!["POST /think".parse().unwrap()],
        key: Some(Key {
            header: "idempotency-key".to_owned(),
            window_s: 3600,
            methods: vec!["PUT".to_owned()],
        }),
        owned_headers: vec!["authorization".to_owned()],
    }
}

pub(crate) fn grants() -> Vec<Grant> {
    let narrow = Grant {
        methods: vec!["GET".to_owned()],
        paths: vec!["/allowed".to_owned()],
        ..grant("narrow", false)
    };
    let model = Grant {
        binding: model("default"),
        ..grant("default", false)
    };
    vec![
        grant("jira", false),
        grant("ask", true),
        grant("ghost", false),
        narrow,
        model,
    ]
}

pub(crate) fn grant(name: &str, ask: bool) -> Grant {
    Grant {
        approval: "7".to_owned(),
        skill: SKILL.to_owned(),
        digest: DIGEST.to_owned(),
        binding: http(name),
        ask,
        methods: Vec::new(),
        paths: Vec::new(),
    }
}

pub(crate) fn http(name: &str) -> Binding {
    Binding {
        kind: "http".to_owned(),
        name: name.to_owned(),
    }
}

fn model(name: &str) -> Binding {
    Binding {
        kind: "model".to_owned(),
        name: name.to_owned(),
    }
}

pub(crate) fn about(run: u128) -> About {
    About {
        key: RunKey {
            tenant: TENANT.to_owned(),
            run: Uuid::from_u128(run),
        },
        skill: SKILL.to_owned(),
        digest: DIGEST.to_owned(),
        tool: "search".to_owned(),
        by: "agent".to_owned(),
        secret: RunSecret::new([9; 32]),
        limits: Limits::default(),
    }
}

pub(crate) fn call(number: u32, binding: &str, method: &str, target: &str, body: &str) -> Call {
    with_headers(number, binding, method, target, &[], body)
}

pub(crate) fn with_headers(
    number: u32,
    binding: &str,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Call {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let headers = Headers::new(headers).unwrap();
    let http = HttpCall::new(method, target, headers, Body::from(body.to_owned())).unwrap();
    Call {
        number,
        fuel: u64::from(number) * 100,
        binding: binding.to_owned(),
        action: Action::Http(http),
    }
}

/// One word for an outcome.
pub(crate) fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Reply(Reply::Http(reply)) => reply.status.to_string(),
        Outcome::Reply(Reply::Model(reply)) => format!("served by {}", reply.served().backend),
        Outcome::Refused(refusal) => refusal.code.to_string(),
        Outcome::Failed(failed) => failed.code.to_string(),
    }
}
