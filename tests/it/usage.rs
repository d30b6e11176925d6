//! What models used and cost, as people see it: the same as the journals say, whatever happened to the host.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use gate::trace;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::server::Server;
use support::traffic::{Fault, Traffic};
use uuid::Uuid;

use crate::crash::process;
use crate::house::Reply;
use crate::models::{BRIEF, SOURCES, answer};
use crate::program::{Program, text};

/// Longer than any process here lives.
const NEVER_MS: u64 = 600_000;

/// A host with two skills that ask models, and a provider that both may ask.
struct Ground {
    program: Program,
    provider: SocketAddr,
    traffic: Traffic,
    /// Tokens of agents, by their names.
    agents: BTreeMap<&'static str, String>,
}

/// What some calls used: answered, without a price, billionths, lost attempts, billionths reserved for them.
type Used = (u64, u64, u64, u64, u64);

const OPENAI: &str = r#"{ kind = "openai", url = "http://PROVIDER/base" }"#;
const ANTHROPIC: &str = r#"{ kind = "anthropic", url = "http://PROVIDER/base" }"#;
const GONE: &str = r#"{ kind = "openai", url = "http://127.0.0.1:1/base" }"#;
const LOCAL: &str = r#"{ kind = "compatible", url = "http://PROVIDER/base" }"#;

impl Ground {
    async fn new() -> Self {
        let server = Server::new("models", Router::new().fallback(answer));
        let (provider, traffic) = server.start().await.unwrap();
        let program = Program::start();
        std::fs::write(program.folder().join("key"), "canary-credential-4711").unwrap();
        let push = program.publisher("skillhost");
        for published in [
            program.publish("brief", &push),
            program.publish_named("brief", &push, "digest"),
        ] {
            let reference = format!("{}:{}", text(&published, "skill"), text(&published, "version"));
            program.ok(&["approve", &reference, "--reason", "a test", "--grant", "model:default"]);
        }
        let agents = ["ann", "bot"].map(|name| {
            let token = program.ok(&["token", "add", name, "--role", "agent"]);
            (name, token.trim().to_owned())
        });
        Self {
            program,
            provider,
            traffic,
            agents: agents.into(),
        }
    }

    /// Starts the host again with these backends, each with its provider and its model.
    fn configure(&mut self, backends: &[(&str, &str, &str)]) {
        self.configure_with("", backends);
    }

    /// The same, with more settings before.
    fn configure_with(&mut self, more: &str, backends: &[(&str, &str, &str)]) {
        let backends = backends.iter().map(|(name, provider, model)| {
            let provider = provider.replace("PROVIDER", &self.provider.to_string());
            format!(
                "[[tenants.default.model.default.backends]]\nname = \"{name}\"\nprovider = {provider}\nmodel = \"{model}\"\n\
                 stream = false\nplain-http = true\nprivate-networks = [\"127.0.0.0/8\"]\n\
                 credential = {{ api-key = {{ file = \"key\" }} }}\n"
            )
        });
        let backends = backends.collect::<String>();
        self.program.configure(&format!(
            "{more}[tenants.default.model.default]\nsendings = 1\n{backends}"
        ));
    }

    fn ask(&self, agent: &str, skill: &str) {
        let skill = format!("skillhost/{skill}");
        let answer = self
            .program
            .json(&["invoke", &skill, "brief", SOURCES, "--token", &self.agents[agent]]);
        assert_eq!(answer["ok"], true, "{answer}");
    }

    /// The question of [`Self::ask`] as a request that nobody need wait for.
    fn question(&self, agent: &str) -> reqwest::RequestBuilder {
        let path = "/v1/skills/skillhost/brief/tools/brief";
        let sources = json!({"sources": [{"title": "PROJ-1", "text": "Orders fail."}]});
        let request = self.program.front().request(Method::POST, path, &self.agents[agent]);
        request.json(&sources)
    }

    async fn get(&self, path: &str) -> Value {
        let reply = self.program.front().get(path, self.program.token()).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        reply.json()
    }

    /// What the journals of all runs say, by skill and agent.
    async fn journaled(&self) -> BTreeMap<(String, String), Used> {
        let mut used = BTreeMap::new();
        let list = self.get("/v1/runs").await;
        assert_eq!(list.get("cursor"), None, "one page has them all");
        for run in list["runs"].as_array().unwrap() {
            let journal = self.get(&format!("/v1/runs/{}/journal", text(run, "id"))).await;
            let entry = used.entry((text(run, "skill"), text(run, "by"))).or_default();
            for event in journal["entries"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| &entry["event"])
            {
                count(entry, event);
            }
        }
        used.retain(|_, used| *used != Used::default());
        used
    }

    /// How many attempts of a run may have left, and what was reserved for all of them.
    async fn reserved(&self, run: &Value) -> (u64, u64) {
        let journal = self.get(&format!("/v1/runs/{}/journal", text(run, "id"))).await;
        let entries = journal["entries"].as_array().unwrap().iter();
        let reserved = entries.filter_map(|entry| entry["event"]["sent"]["reserved"].as_u64());
        reserved.fold((0, 0), |(sent, all), reserved| (sent + 1, all + reserved))
    }

    /// What people are shown, by skill and agent.
    async fn shown(&self) -> BTreeMap<(String, String), Used> {
        let path = format!("/v1/usage?by=skill,agent&from={}", since());
        let usage = self.get(&path).await;
        let sums = usage["sums"].as_array().unwrap().iter();
        let shown: BTreeMap<_, _> = sums
            .map(|sum| ((text(sum, "skill"), text(sum, "agent")), amounts(sum)))
            .collect();
        let add = |a: Used, b: &Used| (a.0 + b.0, a.1 + b.1, a.2 + b.2, a.3 + b.3, a.4 + b.4);
        assert_eq!(amounts(&usage["total"]), shown.values().fold(Used::default(), add));
        shown
    }

    /// Waits until the run of this key, or of this name, stands still.
    async fn ended(&self, run: &str) -> Value {
        loop {
            let run = self.get(&format!("/v1/runs/{run}")).await;
            if run["state"] != "running" {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Some days ago: a test may begin in one month and end in the next.
fn since() -> String {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    today.checked_sub(2.days()).unwrap().to_string()
}

/// Adds what one entry of a journal says, as an accountant would who reads it.
fn count((calls, unpriced, nano, lost, reserved): &mut Used, event: &Value) {
    let finished = &event["finished"];
    if let Some(bill) = finished.get("bill") {
        *calls += 1;
        match bill["cost"]["nano-dollars"].as_u64() {
            Some(cost) => *nano += cost,
            None => *unpriced += 1,
        }
    }
    let given_up = event.get("lost").filter(|given_up| given_up["unsent"] != true);
    for paid in given_up
        .into_iter()
        .chain(Some(finished).filter(|_| finished["lost"] == true))
    {
        *lost += 1;
        *reserved += paid["settled"].as_u64().unwrap();
    }
}

fn amounts(sum: &Value) -> Used {
    let number = |name: &str| sum[name].as_u64().unwrap_or_default();
    for (dollars, nano) in [("dollars", "nano_dollars"), ("lost_dollars", "lost_nano_dollars")] {
        let nano = sum[nano]
            .as_u64()
            .map(|nano| format!("{}.{:09}", nano / 1_000_000_000, nano % 1_000_000_000));
        assert_eq!(sum[dollars].as_str(), nano.as_deref());
    }
    (
        number("calls"),
        number("unpriced"),
        number("nano_dollars"),
        number("lost"),
        number("lost_nano_dollars"),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sums_are_what_the_journals_say() {
    let mut ground = Ground::new().await;
    ground.configure(&[("openai", OPENAI, "gpt-6.1-sol")]);
    for (agent, skill) in [("ann", "brief"), ("ann", "brief"), ("bot", "brief"), ("bot", "digest")] {
        ground.ask(agent, skill);
    }
    // The first is asked and its answer lost, and the next one answers; then the first cannot be reached.
    ground.configure(&[
        ("openai", OPENAI, "gpt-6.1-sol"),
        ("anthropic", ANTHROPIC, "claude-opus-5-5"),
    ]);
    ground.traffic.order(Fault::LoseReply, 1);
    ground.ask("ann", "digest");
    ground.configure(&[
        ("gone", GONE, "gpt-6.1-sol"),
        ("anthropic", ANTHROPIC, "claude-opus-5-5"),
    ]);
    ground.ask("ann", "digest");
    ground.configure(&[("local", LOCAL, "llama")]);
    ground.ask("bot", "digest");
    let script = format!("[[answers]]\ntext = '''{BRIEF}'''\n");
    std::fs::write(ground.program.folder().join("answers.toml"), script).unwrap();
    ground.program.configure(
        "[[tenants.default.model.default.backends]]\nname = \"script\"\n\
         provider = { kind = \"recorded\", file = \"answers.toml\" }\n",
    );
    ground.ask("bot", "digest");

    let journaled = ground.journaled().await;
    assert_eq!(journaled, ground.shown().await);
    let table = ground
        .program
        .ok(&["usage", "--by", "skill,agent,backend,model", "--from", &since()]);
    let (days, table) = table.split_once('\n').unwrap();
    assert!(days.ends_with("in UTC"), "{days}");
    insta::assert_snapshot!(table);

    let program = &ground.program;
    let other = program.ok(&["tenant", "add", "other"]);
    let others = program.json(&["usage", "--token", other.trim()]);
    assert_eq!(
        (others["sums"].clone(), amounts(&others["total"])),
        (json!([]), Used::default())
    );
    let all = program.json(&["usage", "--tenants", "--from", &since()]);
    let total = program.json(&["usage", "--from", &since()])["total"].clone();
    assert_eq!(all["sums"].as_array().unwrap().len(), 1);
    assert_eq!((&all["sums"][0]["tenant"], &all["total"]), (&json!("default"), &total));
    let yesterday = program.json(&["usage", "--to", "2026-01-01"]);
    assert_eq!(amounts(&yesterday["total"]), Used::default());
    let refusals = [
        program.refused(&["usage", "--token", &ground.agents["ann"]]),
        program.refused(&["usage", "--tenants", "--token", other.trim()]),
        program.refused(&["usage", "--by", "tenant"]),
        program.refused(&["usage", "--tenants", "--by", "agent"]),
        program.refused(&["usage", "--from", "yesterday"]),
    ];
    insta::assert_snapshot!(refusals.concat());
}

/// A price of the operator's own goes before the list that is built in, and sums say by which.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operators_prices_are_named_where_they_hold() {
    let mut ground = Ground::new().await;
    let list = r#"{"date": "2026-11-30", "backends": {"openai": [{"names": ["gpt-6.1-sol"], "source": "contract",
        "terms": [{"rates": {"input": "1", "output": "5"}}]}]}}"#;
    std::fs::write(ground.program.folder().join("prices.json"), list).unwrap();
    let own = format!("{LOCAL}\nprice = {{ input = \"0.50\", output = \"1.50\" }}");
    for backend in [
        ("openai", OPENAI, "gpt-6.1-sol"),
        ("anthropic", ANTHROPIC, "claude-opus-5-5"),
        ("local", &own, "llama"),
    ] {
        ground.configure_with("[prices]\nfile = \"prices.json\"\n", &[backend]);
        ground.ask("ann", "brief");
    }
    assert_eq!(ground.journaled().await, ground.shown().await);
    let usage = ground.get(&format!("/v1/usage?by=backend&from={}", since())).await;
    let sums = usage["sums"].as_array().unwrap().iter();
    let told: Vec<_> = sums
        .map(|sum| {
            format!(
                "{}: {} by {}",
                text(sum, "backend"),
                text(sum, "dollars"),
                sum["prices"]
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// A host that is killed at a step of a call, and one that goes on, count every attempt once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_counted_twice_or_forgotten_when_the_host_is_killed() {
    let mut ground = Ground::new().await;
    ground.configure(&[("openai", OPENAI, "gpt-6.1-sol")]);
    let mut lost = Vec::new();
    for step in trace::ORDER {
        ground.program.kill();
        ground.program.started(process::command(ground.program.folder(), step));
        let key = Uuid::now_v7().to_string();
        let asked = ground.question("ann").header("idempotency-key", &key);
        assert!(asked.send().await.is_err(), "{step}: the host lives");
        ground.program.kill();
        ground.program.serve();
        let again = Reply::of(ground.question("ann").header("idempotency-key", &key)).await;
        let run = ground.ended(&text(&again.json(), "run")).await;
        assert_eq!(run["state"], "succeeded", "{step}: {run}");
        assert_eq!(ground.journaled().await, ground.shown().await, "{step}");
        let now: u64 = ground.shown().await.values().map(|used| used.3).sum();
        lost.push(format!("{step} {now}"));
    }
    let shown: Vec<_> = ground.shown().await.into_values().collect();
    let [(calls, unpriced, nano, ..)] = shown[..] else {
        panic!("one agent used one skill");
    };
    assert_eq!((calls, unpriced, nano), (10, 0, 10 * 1_800_000));
    // From the entry that it may leave on until its answer is recorded, an attempt that is cut off is lost.
    let expected = "begin 0, policy 0, dlp 0, consent 0, reserve 0, sent 0, backend 1, redact 2, finish 3, finished 3";
    assert_eq!(lost.join(", "), expected);
}

/// Whoever cancels a run pays for what its model may be doing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_is_cancelled_is_counted_as_lost() {
    let mut ground = Ground::new().await;
    ground.configure(&[("openai", OPENAI, "gpt-6.1-sol")]);
    ground.traffic.order(Fault::Slow(NEVER_MS), 1);
    let begun = Reply::of(ground.question("ann").header("prefer", "wait=0"))
        .await
        .json();
    let run = text(&begun, "run");
    while ground.traffic.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    ground.program.ok(&["runs", &run, "--cancel"]);
    let cancelled = ground.ended(&run).await;
    assert_eq!(cancelled["state"], "cancelled");
    let (lost, reserved) = ground.reserved(&cancelled).await;
    let shown: Vec<_> = ground.shown().await.into_values().collect();
    assert_eq!(shown, [(0, 0, 0, lost, reserved)]);
    assert!(lost == 1 && reserved > 0, "{lost} for {reserved}");
}

/// A run that the host ends under each time is given up, and its last question is paid as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_given_up_is_paid_to_its_end() {
    let mut ground = Ground::new().await;
    ground.configure(&[("openai", OPENAI, "gpt-6.1-sol")]);
    ground.traffic.order(Fault::Slow(NEVER_MS), 4);
    let begun = Reply::of(ground.question("ann").header("prefer", "wait=0"))
        .await
        .json();
    for asked in 1..=4 {
        while ground.traffic.seen().len() < asked {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        ground.program.kill();
        ground.program.serve();
    }
    let run = ground.ended(&text(&begun, "run")).await;
    assert_eq!(
        (&run["state"], &run["code"]),
        (&json!("failed"), &json!("host-restarted"))
    );
    assert_eq!(ground.traffic.seen().len(), 4);
    let (lost, reserved) = ground.reserved(&run).await;
    assert_eq!(lost, 4);
    let shown: Vec<_> = ground.shown().await.into_values().collect();
    assert_eq!(shown, [(0, 0, 0, lost, reserved)]);
}
