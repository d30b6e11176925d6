//! The host is killed at every step of a call, for each effect, and the next one goes on by itself: what the service saw
//! is what the effect promises.

pub(crate) mod process;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use gate::trace;
use reqwest::Method;
use serde_json::{Value, json};
use support::salesforce::{CLIENT_ID, CLIENT_SECRET, Simulator};
use support::traffic::{Fault, Seen};
use uuid::Uuid;

use crate::house::Reply;
use crate::program::{Program, text};

/// Longer than any process here lives.
const NEVER_MS: u64 = 600_000;

/// Where a process ends.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// The call comes to this step.
    Step(&'static str),
    /// The service has the request, and has not acted.
    Asked,
    /// The service has acted, and its reply has not left.
    Acted,
}

/// A tool that makes one call, by what a crash means for it.
struct Tool {
    effect: &'static str,
    name: &'static str,
    input: Value,
}

/// A host, the service that its skill calls, and how often it was told to end.
struct Ground {
    program: Program,
    simulator: Simulator,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_is_killed_anywhere_in_a_call_keeps_the_promise_of_its_effect() {
    let mut ground = Ground::new().await;
    let id = ground.simulator.load("Account", &json!({"Name": "Acme"})).unwrap();
    let mut told = String::new();
    for tool in tools(&id) {
        writeln!(told, "{}", tool.effect).unwrap();
        for place in places() {
            let row = ground.killed_at(place, &tool).await;
            writeln!(told, "  {row}").unwrap();
        }
    }
    insta::assert_snapshot!(told);
}

fn tools(id: &str) -> [Tool; 4] {
    let field = |name: &str, text: &str| json!([{"name": name, "value": {"tag": "text", "value": text}}]);
    [
        Tool {
            effect: "read",
            name: "get",
            input: json!({"object": "Account", "key": {"tag": "id", "value": id}, "fields": ["Name"]}),
        },
        Tool {
            effect: "costly read",
            name: "query",
            input: json!({"question": {"soql": "SELECT Name FROM Account LIMIT 1"}}),
        },
        Tool {
            effect: "keyed write",
            name: "update",
            input: json!({"object": "Account", "id": id, "fields": field("Phone", "4711")}),
        },
        Tool {
            effect: "write",
            name: "create",
            input: json!({"object": "Account", "fields": field("Name", "Acme")}),
        },
    ]
}

fn places() -> impl Iterator<Item = Place> {
    let at = |step: &&str| trace::ORDER.iter().position(|known| known == step);
    let sent = at(&"redact").expect("a step of the gate");
    let (before, after) = trace::ORDER.split_at(sent);
    let steps = |steps: &'static [&'static str]| steps.iter().map(|step| Place::Step(step));
    steps(before).chain([Place::Asked, Place::Acted]).chain(steps(after))
}

impl Ground {
    async fn new() -> Self {
        let (address, simulator) = Simulator::start().await.unwrap();
        let mut program = Program::start();
        std::fs::write(program.folder().join("secret"), CLIENT_SECRET).unwrap();
        program.configure(&format!(
            "[tenants.default.http.salesforce]\nurl = \"http://{address}\"\nplain-http = true\n\
             private-networks = [\"127.0.0.0/8\"]\ncostly = [\"GET /services/data/*/query\"]\n\
             idempotency = {{ header = \"Idempotency-Key\", window = \"1h\", methods = [\"PATCH\"] }}\n\n\
             [tenants.default.http.salesforce.credential.oauth2]\ngrant = \"client-credentials\"\n\
             token-url = \"http://{address}/services/oauth2/token\"\nclient-id = \"{CLIENT_ID}\"\n\
             client-secret = {{ file = \"secret\" }}\nclient-auth = \"post\"\n"
        ));
        program.approved_with("salesforce", &["--grant", "http:salesforce"]);
        Self { program, simulator }
    }

    /// Kills a host there, starts the next, and says what came of the call.
    async fn killed_at(&mut self, place: Place, tool: &Tool) -> String {
        let (records, key) = (self.simulator.records("Account").len(), Uuid::now_v7().to_string());
        self.simulator.traffic().forget();
        self.program.kill();
        match place {
            Place::Step(step) => {
                self.program.started(process::command(self.program.folder(), step));
                let invoked = self.invoke(tool, &key).send().await;
                assert!(invoked.is_err(), "{step}: the host lives");
            }
            Place::Asked => self.killed_by_service(tool, &key, Fault::Slow(NEVER_MS)).await,
            Place::Acted => self.killed_by_service(tool, &key, Fault::LateReply(NEVER_MS)).await,
        }
        self.program.kill();
        self.program.serve();
        let run = self.ended(&key, tool).await;
        let seen = self.seen();
        let keys: BTreeSet<_> = seen
            .iter()
            .filter_map(|seen| seen.headers.get("idempotency-key"))
            .collect();
        let keys = if keys.is_empty() {
            String::new()
        } else {
            format!(", {} key", keys.len())
        };
        let made = self.simulator.records("Account").len() - records;
        let name = match place {
            Place::Step(step) => step.to_owned(),
            other => format!("{other:?}").to_lowercase(),
        };
        let ends = text(&run, "state");
        let ends = run["code"]
            .as_str()
            .map_or(ends.clone(), |code| format!("{ends}, {code}"));
        let attempts = self.attempts(&run).await;
        format!("{name}: asked {}{keys}, made {made}{attempts}: {ends}", seen.len())
    }

    /// What the journal of a run says of attempts that may have left.
    async fn attempts(&self, run: &Value) -> String {
        let front = self.program.front();
        let path = format!("/v1/runs/{}/journal", text(run, "id"));
        let journal = front.get(&path, self.program.token()).await.json();
        let entries = journal["entries"].as_array().unwrap().clone();
        let count = |event: &str| {
            entries
                .iter()
                .filter(|entry| entry["event"].get(event).is_some())
                .count()
        };
        match (count("sent"), count("lost")) {
            (0, 0) => String::new(),
            (sent, lost) => format!(", sent {sent}, lost {lost}"),
        }
    }

    /// Kills the host while the service has its request.
    async fn killed_by_service(&mut self, tool: &Tool, key: &str, fault: Fault) {
        self.program.serve();
        // The first request of a process fetches a token.
        self.simulator.traffic().order(Fault::Slow(0), 1);
        self.simulator.traffic().order(fault, 1);
        let invoked = tokio::spawn(self.invoke(tool, key).send());
        while !self.simulator.traffic().met(fault) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.program.kill();
        assert!(invoked.await.unwrap().is_err(), "{fault:?}: the host lives");
    }

    /// Waits until the run that has this key stands still.
    async fn ended(&self, key: &str, tool: &Tool) -> Value {
        let front = self.program.front();
        // The key finds the run that was begun under it: nothing new is begun.
        let answered = Reply::of(self.invoke(tool, key)).await.json();
        let path = format!("/v1/runs/{}", text(&answered, "run"));
        loop {
            let run = front.get(&path, self.program.token()).await.json();
            if run["state"] != "running" {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn invoke(&self, tool: &Tool, key: &str) -> reqwest::RequestBuilder {
        let front = self.program.front();
        let path = format!("/v1/skills/skillhost/salesforce/tools/{}", tool.name);
        let request = front.request(Method::POST, &path, self.program.token());
        request.header("idempotency-key", key).json(&tool.input)
    }

    /// The requests that the skill made.
    fn seen(&self) -> Vec<Seen> {
        let all = self.simulator.traffic().seen();
        all.into_iter()
            .filter(|seen| seen.path.starts_with("/services/data/"))
            .collect()
    }
}
