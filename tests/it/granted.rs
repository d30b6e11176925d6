//! The guest `http` on a whole host, with a service of the test's own behind its binding.

use std::time::Duration;

use axum::Router;
use host::config::Config;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use support::server::Server;
use support::traffic::Traffic;

use crate::house::{House, Reply};
use crate::published::{approve_with, publish_asking, publish_guest, tool};

/// The guest's tool that reads once: it answers what `GET /kept` brings.
pub(crate) const READ: &str = "dropped";

/// The guest's tool that writes once: it answers what `POST /before` brings.
pub(crate) const WRITE: &str = "write-before";

/// A host, the guest that is approved there, and the service that its binding `echo` reaches.
pub(crate) struct Granted {
    pub(crate) house: House,
    pub(crate) service: Traffic,
    reference: String,
}

impl Granted {
    /// Each of the guest's calls may be made, and the service says `done`.
    pub(crate) async fn start() -> Self {
        let service = Router::new().fallback(async || "done");
        Self::start_with(service, "[tenants.default.http.echo]\nADDRESS").await
    }

    /// The same with another service and other bindings. `ADDRESS` stands for the keys that reach the service.
    pub(crate) async fn start_with(service: Router, bindings: &str) -> Self {
        let (address, service) = Server::new("service", service).start().await.unwrap();
        let house = house(&bindings.replace("ADDRESS", &reach(&format!("url = \"http://{address}\"")))).await;
        let reference = publish_guest(&house, &house.admin, "http").await;
        let granted = Self {
            house,
            service,
            reference,
        };
        granted.grant(&["http:echo"]).await;
        granted
    }

    /// The guest that asks models, with one that speaks as OpenAI does behind its binding, under these further settings.
    pub(crate) async fn asking(model: Router, settings: &str) -> Self {
        let (address, service) = Server::new("model", model).start().await.unwrap();
        let provider = format!("provider = {{ kind = \"compatible\", url = \"http://{address}/v1\" }}");
        let house = house(&format!(
            "[tenants.default.model.default]\n{settings}\n[[tenants.default.model.default.backends]]\n\
             name = \"local\"\nmodel = \"llama\"\n{}",
            reach(&provider)
        ))
        .await;
        let reference = publish_asking(&house, &house.admin).await;
        let granted = Self {
            house,
            service,
            reference,
        };
        granted.grant(&["model:default"]).await;
        granted
    }

    /// Approves the guest anew, with these grants in place of those before.
    pub(crate) async fn grant(&self, grants: &[&str]) {
        self.grant_as(&self.house.admin, grants).await;
    }

    /// The same in the tenant of this token.
    pub(crate) async fn grant_as(&self, admin: &str, grants: &[&str]) {
        let grants: Vec<Value> = grants.iter().map(|grant| spelled(grant)).collect();
        approve_with(&self.house, admin, &self.reference, &json!({"bindings": grants})).await;
    }

    /// Approves the guest anew with its binding, within these limits.
    pub(crate) async fn limit(&self, limits: &Value) {
        let grants = json!({"bindings": [spelled("http:echo")], "limits": limits});
        approve_with(&self.house, &self.house.admin, &self.reference, &grants).await;
    }

    /// Ends the host and starts it again.
    pub(crate) async fn restart(self) -> Self {
        let house = self.house.restart().await;
        Self { house, ..self }
    }

    /// Calls a tool with these headers.
    pub(crate) async fn invoke(&self, token: &str, name: &str, headers: &[(&str, &str)]) -> Reply {
        let request = self.house.request(Method::POST, &tool(name), token).json(&json!({}));
        let headers = headers.iter();
        Reply::of(headers.fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    /// How often the service saw the guest's one write.
    pub(crate) fn writes(&self) -> usize {
        self.service.count("POST", "/before")
    }

    /// What an administrator sees of a run.
    pub(crate) async fn run(&self, run: &str) -> Value {
        let reply = self.house.get(&format!("/v1/runs/{run}"), &self.house.admin).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        reply.json()
    }

    /// A run, as soon as it does not stand there any more.
    pub(crate) async fn left(&self, run: &str, state: &str) -> Value {
        loop {
            let run = self.run(run).await;
            if run["state"] != state {
                return run;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until the service saw so many writes.
    pub(crate) async fn saw_writes(&self, number: usize) {
        while self.writes() < number {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What happened to a run, an entry a line.
    pub(crate) async fn events(&self, run: &str) -> String {
        let path = format!("/v1/runs/{run}/journal");
        let journal = self.house.get(&path, &self.house.admin).await.json();
        let entries = journal["entries"].as_array().unwrap().iter();
        let lines = entries.map(|entry| {
            let (what, how) = entry["event"].as_object().unwrap().iter().next().unwrap();
            let known = ["ask", "allowed", "by", "code", "attempt", "how", "sendings"];
            let told = known
                .iter()
                .filter_map(|key| Some(format!(" {key} {}", how.get(*key)?)));
            format!("{} {what}{}\n", entry["number"], told.collect::<String>())
        });
        lines.collect()
    }
}

/// A host with these settings.
async fn house(settings: &str) -> House {
    let config: Config = toml::from_str(settings).unwrap();
    House::start_with(|settings| settings.tenants = config.tenants).await
}

/// The keys that lead to a service on loopback.
fn reach(service: &str) -> String {
    format!("{service}\nplain-http = true\nprivate-networks = [\"127.0.0.0/8\"]")
}

/// `http:echo ask POST`, as the API spells it.
fn spelled(grant: &str) -> Value {
    let grant: registry::ledger::Grant = grant.parse().unwrap();
    json!({
        "kind": grant.kind.to_string(),
        "name": grant.name.to_string(),
        "ask": grant.ask,
        "methods": grant.methods,
        "paths": grant.paths,
    })
}

/// The run that an answer names.
pub(crate) fn run_of(reply: &Reply) -> String {
    let body = reply.json();
    body["run"]
        .as_str()
        .unwrap_or_else(|| panic!("no run: {body}"))
        .to_owned()
}

/// A refusal or an answer in a line, the name of the run left out.
pub(crate) fn line(reply: &Reply) -> String {
    let mut body = reply.json();
    let status = reply.status.as_u16();
    if let Some(code) = body["code"].as_str() {
        return format!("{status} {code}: {}", body["detail"].as_str().unwrap());
    }
    if let Some(run) = body.get_mut("run") {
        *run = json!("run");
    }
    format!("{status} {body}")
}
