//! What the gate itself costs: `cargo bench --bench gate` prints each figure beside what it should reach.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use gate::call::body::Body;
use gate::call::http::{Headers, HttpCall, HttpReply, HttpRules};
use gate::journal::{Claimed, Entry, Fence, Journal, JournalError, Record, RunKey};
use gate::{
    About, Action, Backend, Binding, Bindings, Bottomless, Bound, Call, Carried, Carriers, Cleared, Dlp, Effect,
    Failure, Gate, Grant, HostSecret, Limits, MemoryJournal, Mode, Parts, Policies, Reply, Retry, Route, Rules,
    RunSecret, SystemClock,
};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TENANT: &str = "acme";
/// Calls of one run, and how many runs a figure is the median of. A run is shorter than a slice of the scheduler, or the
/// figure would hold what other programs do.
const CALLS: u32 = 40;
const ROUNDS: usize = 501;
const LONG: u32 = 1000;
/// Policies in all, and how many are grants of one digest on one binding.
const POLICIES: usize = 1000;
const SHARED: usize = 10;
const SECRETS: usize = 20;

/// Answers at once.
struct Echo(HttpReply);

#[async_trait]
impl Backend for Echo {
    async fn carry(&self, _call: &Cleared) -> Result<Carried, Failure> {
        Ok(Carried {
            reply: Reply::Http(self.0.clone()),
            spent: None,
        })
    }
}

/// Commits nothing.
struct Nowhere;

#[async_trait]
impl Journal for Nowhere {
    async fn start(&self, _run: &RunKey, records: Vec<Record>) -> Result<(), JournalError> {
        black_box(records);
        Ok(())
    }

    async fn claim(&self, _run: &RunKey) -> Result<Claimed, JournalError> {
        Err(JournalError::Unknown)
    }

    async fn read(&self, _run: &RunKey) -> Result<Vec<Record>, JournalError> {
        Err(JournalError::Unknown)
    }

    async fn append(&self, _run: &RunKey, _fence: Fence, records: Vec<Record>) -> Result<(), JournalError> {
        black_box(records);
        Ok(())
    }

    async fn decide(&self, _run: &RunKey, _decision: Entry) -> Result<(), JournalError> {
        Err(JournalError::Unknown)
    }
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn main() {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime");
    let (free, kept) = (gate(Arc::new(Nowhere)), gate(Arc::new(MemoryJournal::default())));
    println!("{POLICIES} policies, {SHARED} of them share the scope; calls and replies of 1 KiB; {SECRETS} secrets");
    let row = |what: &str, found: &str, wanted: &str| println!("{what:<34} {found:>10}   {wanted}");
    let micros = |time: Duration| format!("{:.1} µs", time.as_secs_f64() * 1e6);
    row("a read", &micros(calls(&runtime, &free, "GET")), "30 µs at most");
    row("a write", &micros(calls(&runtime, &free, "POST")), "30 µs at most");
    row("of it: policy", &micros(policy(&policies(""))), "10 µs at most");
    let ruled = (0..SHARED).map(operators).collect::<String>();
    row("with as many of the operator", &micros(policy(&policies(&ruled))), "");
    row(
        "a read, with commits in memory",
        &micros(calls(&runtime, &kept, "GET")),
        "",
    );
    row(
        "a write, with commits in memory",
        &micros(calls(&runtime, &kept, "POST")),
        "",
    );
    let replayed = format!("{:.1} ms", replay(&runtime).as_secs_f64() * 1e3);
    row("replay of a run of 1,000 calls", &replayed, "100 ms at most");
}

/// The median of what one takes.
fn median(mut rounds: Vec<Duration>) -> Duration {
    rounds.sort_unstable();
    rounds.get(rounds.len() / 2).copied().unwrap_or_default()
}

/// What one call costs, without what the backend takes.
fn calls(runtime: &Runtime, gate: &Gate, method: &str) -> Duration {
    let asked: Vec<Call> = (1..=CALLS).map(|number| call(number, method)).collect();
    let round = || {
        let asked = asked.clone();
        runtime.block_on(async {
            let mut run = gate.open(about(), Mode::Live).await.expect("a run");
            let began = Instant::now();
            for call in asked {
                black_box(gate.call(&mut run, call).await.expect("an outcome"));
            }
            began.elapsed() / CALLS
        })
    };
    median((0..ROUNDS).map(|_| round()).collect())
}

fn policy(policies: &Policies) -> Duration {
    let (about, asked) = (about(), call(1, "POST"));
    let round = || {
        let began = Instant::now();
        for _ in 0..CALLS {
            black_box(policies.explain(&about, Effect::Write, &asked));
        }
        began.elapsed() / CALLS
    };
    median((0..ROUNDS).map(|_| round()).collect())
}

fn replay(runtime: &Runtime) -> Duration {
    let gate = gate(Arc::new(MemoryJournal::default()));
    let asked: Vec<Call> = (1..=LONG).map(|number| call(number, "POST")).collect();
    let about = about();
    let round = |mode| {
        let asked = asked.clone();
        runtime.block_on(async {
            let began = Instant::now();
            let mut run = gate.open(about.clone(), mode).await.expect("a run");
            for call in asked {
                black_box(gate.call(&mut run, call).await.expect("an outcome"));
            }
            began.elapsed()
        })
    };
    round(Mode::Live);
    median((0..11).map(|_| round(Mode::Replay)).collect())
}

fn gate(journal: Arc<dyn Journal>) -> Gate {
    let bindings = Bindings::default();
    let headers = [("content-type".to_owned(), "application/json".to_owned())];
    let echo = HttpReply {
        status: 200,
        headers: Headers::new(headers).expect("headers"),
        body: Body::from(vec![b'y'; 1024]),
    };
    let bound = Bound {
        carriers: Carriers::One(Route {
            backend: Arc::new(Echo(echo)),
            account: "account".to_owned(),
        }),
        rules: Rules::Http(HttpRules::default()),
        timeout: Duration::from_secs(30),
        retry: Retry::default(),
    };
    bindings.replace(TENANT, [(binding(), bound)]);
    let dlp = Dlp::default();
    for number in 0..SECRETS {
        let secret = format!("{number:02}-a-secret-of-some-forty-characters-all");
        dlp.know(&number.to_string(), vec![secret.into_bytes()])
            .expect("long enough");
    }
    Gate::new(Parts {
        journal,
        policies: Arc::new(policies("")),
        dlp: Arc::new(dlp),
        bindings: Arc::new(bindings),
        purse: Arc::new(Bottomless),
        audience: Arc::new(gate::Nobody),
        clock: Arc::new(SystemClock),
        secret: HostSecret::new([1; 32]),
    })
}

/// All grants of one skill are on one path.
fn policies(operator: &str) -> Policies {
    let grants: Vec<Grant> = (0..POLICIES).map(|number| grant(number / SHARED)).collect();
    let policies = Policies::default();
    policies.replace(TENANT, &grants, operator).expect("policies");
    policies
}

/// One that every call has to be put before, and that forbids none.
fn operators(number: usize) -> String {
    format!(
        r#"@id("{number}") forbid (principal, action == Action::"http", resource)
           when {{ context.path like "/admin/{number}/*" && context.size > {number} }};"#
    )
}

fn grant(skill: usize) -> Grant {
    Grant {
        approval: skill.to_string(),
        skill: format!("acme/skill-{skill}"),
        digest: format!("sha256:{skill}"),
        binding: binding(),
        ask: false,
        methods: vec!["GET".to_owned(), "POST".to_owned()],
        paths: vec!["/rest/api/3".to_owned()],
    }
}

fn binding() -> Binding {
    Binding {
        kind: "http".to_owned(),
        name: "service".to_owned(),
    }
}

fn about() -> About {
    About {
        key: RunKey {
            tenant: TENANT.to_owned(),
            run: Uuid::now_v7(),
        },
        skill: "acme/skill-7".to_owned(),
        digest: "sha256:7".to_owned(),
        tool: "search".to_owned(),
        by: "agent".to_owned(),
        secret: RunSecret::new([2; 32]),
        limits: Limits {
            calls: LONG,
            ..Limits::default()
        },
    }
}

fn call(number: u32, method: &str) -> Call {
    let headers = [
        ("accept".to_owned(), "application/json".to_owned()),
        ("content-type".to_owned(), "application/json".to_owned()),
    ];
    let headers = Headers::new(headers).expect("headers");
    let body = Body::from(vec![b'x'; 1024]);
    let http = HttpCall::new(method, "/rest/api/3/issue?expand=names", headers, body).expect("a call");
    Call {
        number,
        fuel: 1000,
        binding: "service".to_owned(),
        action: Action::Http(http),
    }
}
