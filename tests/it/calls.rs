//! Calls of a real skill to a simulated service: granted, carried, recorded; allowed by a person; met again after a kill.

use std::time::Duration;

use serde_json::{Value, json};
use support::salesforce::{CLIENT_ID, CLIENT_SECRET, Simulator};

use crate::program::{Program, text};

/// A host whose binding `salesforce` reaches a simulator, and the skill approved with this grant.
async fn host(grant: &str) -> (Program, Simulator) {
    host_with(grant, &[]).await
}

/// The same, with more arguments for the approval.
async fn host_with(grant: &str, more: &[&str]) -> (Program, Simulator) {
    let (address, simulator) = Simulator::start().await.unwrap();
    let mut program = Program::start();
    std::fs::write(program.folder().join("secret"), CLIENT_SECRET).unwrap();
    program.configure(&format!(
        "[tenants.default.http.salesforce]\nurl = \"http://{address}\"\nplain-http = true\n\
         private-networks = [\"127.0.0.0/8\"]\n\n\
         [tenants.default.http.salesforce.credential.oauth2]\ngrant = \"client-credentials\"\n\
         token-url = \"http://{address}/services/oauth2/token\"\nclient-id = \"{CLIENT_ID}\"\n\
         client-secret = {{ file = \"secret\" }}\nclient-auth = \"post\"\n"
    ));
    program.approved_with("salesforce", &[&["--grant", grant], more].concat());
    (program, simulator)
}

/// What the command line prints, whether the run has ended or not.
fn invoke(program: &Program, tool: &str, input: &Value) -> Value {
    let out = program.run(&[
        "invoke",
        "skillhost/salesforce",
        tool,
        "--input",
        &input.to_string(),
        "--json",
    ]);
    let talk = String::from_utf8_lossy(&out.stderr);
    serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{tool}: {talk}"))
}

fn create() -> Value {
    json!({"object": "Account", "fields": [{"name": "Name", "value": {"tag": "text", "value": "Acme"}}]})
}

/// Waits until a run stands somewhere else than there.
async fn left(program: &Program, run: &str, state: &str) -> Value {
    loop {
        let shown = program.json(&["runs", run]);
        if shown["state"] != state && shown["state"] != "running" {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_granted_call_is_carried_with_its_credential_and_recorded() {
    let (program, simulator) = host("http:salesforce").await;
    simulator.load("Account", &json!({"Name": "Acme"})).unwrap();
    let question = json!({"question": {"soql": "SELECT Name FROM Account"}});
    let answer = invoke(&program, "query", &question);
    assert_eq!(answer["value"]["records"]["rows"], json!([["Acme"]]), "{answer}");
    let journal = program.json(&["runs", &text(&answer, "run"), "--journal"]);
    let events = journal["entries"].as_array().unwrap().iter();
    let events: Vec<_> = events
        .map(|entry| entry["event"].as_object().unwrap().keys().next().unwrap())
        .collect();
    assert_eq!(events, ["begun", "judged", "finished", "ended"], "{journal}");
    let told = journal.to_string();
    assert!(
        !told.contains(CLIENT_SECRET) && !told.to_lowercase().contains("bearer"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_granted_does_not_leave() {
    let (program, simulator) = host("http:salesforce DELETE").await;
    let question = json!({"question": {"soql": "SELECT Name FROM Account"}});
    let answer = invoke(&program, "query", &question);
    assert_eq!(answer["error"]["code"], "denied", "{answer}");
    let journal = program.json(&["runs", &text(&answer, "run"), "--journal"]);
    assert_eq!(
        journal["entries"][2]["event"]["refused"]["code"], "not-granted",
        "{journal}"
    );
    assert_eq!(simulator.traffic().seen().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_allows_one_call_and_the_run_finishes() {
    for restarted in [false, true] {
        let (mut program, simulator) = host("http:salesforce ask POST").await;
        let waiting = invoke(&program, "create", &create());
        assert_eq!(
            (&waiting["state"], &waiting["waits_for"]),
            (&json!("suspended"), &json!("consent"))
        );
        assert_eq!(
            simulator.records("Account").len(),
            0,
            "nothing leaves before a person allows it"
        );
        if restarted {
            program.kill();
            program.serve();
        }
        let consents = program.json(&["consents"]);
        let consent = &consents["consents"][0];
        assert_eq!(consent["call"]["http"]["method"], "POST", "{consent}");
        program.ok(&["consents", "--allow", &text(consent, "id")]);
        let run = left(&program, &text(&waiting, "run"), "suspended").await;
        assert_eq!(run["state"], "succeeded", "{run}");
        assert_eq!(simulator.records("Account").len(), 1);
        let twice = program.refused(&["consents", "--allow", &text(consent, "id")]);
        assert!(
            twice.contains("[already-answered]") || twice.contains("[run-ended]"),
            "{twice}"
        );
        assert_eq!(program.json(&["consents"])["consents"], json!([]));
    }
}

/// The time that a person takes is no part of the deadline; were it, the run would be stopped when it goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_take_longer_than_a_run() {
    let (program, simulator) = host_with("http:salesforce ask POST", &["--limit", "deadline-ms=4000"]).await;
    let waiting = invoke(&program, "create", &create());
    tokio::time::sleep(Duration::from_secs(5)).await;
    let consents = program.json(&["consents"]);
    program.ok(&["consents", "--allow", &text(&consents["consents"][0], "id")]);
    let run = left(&program, &text(&waiting, "run"), "suspended").await;
    assert_eq!(run["state"], "succeeded", "{run}");
    assert_eq!(simulator.records("Account").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_refuses_and_the_skill_is_told() {
    let (program, simulator) = host("http:salesforce ask POST").await;
    let waiting = invoke(&program, "create", &create());
    let consents = program.json(&["consents"]);
    program.ok(&["consents", "--refuse", &text(&consents["consents"][0], "id")]);
    let run = left(&program, &text(&waiting, "run"), "suspended").await;
    assert_eq!(run["error"]["code"], "denied", "{run}");
    assert_eq!(simulator.records("Account").len(), 0);
}
