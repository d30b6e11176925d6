//! `Prefer: wait=N`: how long a client waits, and what it is answered meanwhile.

use std::fmt::Write as _;

use reqwest::{Method, StatusCode};
use serde_json::json;
use support::traffic::Fault;

use crate::granted::{Granted, WRITE, line, run_of};
use crate::house::Reply;
use crate::published::tool;

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_wait_is_told_where_the_run_is() {
    let granted = Granted::start().await;
    let agent = granted.house.token(&granted.house.admin, &["agent"], None).await;
    let mut told = String::new();
    for (prefer, slow) in [
        ("wait=0", 1500),
        ("respond-async, wait=1", 4000),
        ("WAIT = \"0\"; why=\"a\"", 1500),
    ] {
        granted.service.order(Fault::Slow(slow), 1);
        let reply = granted.invoke(&agent, WRITE, &[("prefer", prefer)]).await;
        let run = run_of(&reply);
        let meanwhile = granted.run(&run).await;
        writeln!(told, "{prefer}: {}", answered(&reply)).unwrap();
        writeln!(told, "    then {} {}", meanwhile["state"], meanwhile["value"]).unwrap();
        let location = reply.headers["location"].to_str().unwrap().to_owned();
        granted.left(&run, "running").await;
        let ended = granted.house.get(&location, &agent).await.json();
        writeln!(told, "    at last {} {}", ended["state"], ended["value"]).unwrap();
        assert_eq!(ended["id"], json!(run));
    }
    insta::assert_snapshot!(told, @r#"
    wait=0: 202 {"run":"run","state":"running"}, location: /v1/runs/run, preference-applied: wait=0
        then "running" null
        at last "succeeded" "200 done"
    respond-async, wait=1: 202 {"run":"run","state":"running"}, location: /v1/runs/run, preference-applied: wait=1
        then "running" null
        at last "succeeded" "200 done"
    WAIT = "0"; why="a": 202 {"run":"run","state":"running"}, location: /v1/runs/run, preference-applied: wait=0
        then "running" null
        at last "succeeded" "200 done"
    "#);
    assert_eq!(granted.writes(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_number_of_seconds_is_refused_and_the_rest_is_ignored() {
    let granted = Granted::start().await;
    let mut told = String::new();
    for prefer in [
        "wait=30",
        "wait=99999",
        "respond-async",
        "wait",
        "handling=lenient, foo; wait=0",
        "wait=30, wait=0",
        "wait=",
        "wait=-1",
        "wait=1.5",
        "wait=soon",
        "wait=18446744073709551616",
    ] {
        granted.service.order(Fault::Slow(100), 1);
        let reply = granted.invoke(&granted.house.admin, WRITE, &[("prefer", prefer)]).await;
        writeln!(told, "{prefer}: {}", answered(&reply)).unwrap();
    }
    insta::assert_snapshot!(told, @r#"
    wait=30: 200 {"ok":true,"value":"200 done","files":[],"run":"run"}
    wait=99999: 200 {"ok":true,"value":"200 done","files":[],"run":"run"}
    respond-async: 200 {"ok":true,"value":"200 done","files":[],"run":"run"}
    wait: 200 {"ok":true,"value":"200 done","files":[],"run":"run"}
    handling=lenient, foo; wait=0: 200 {"ok":true,"value":"200 done","files":[],"run":"run"}
    wait=30, wait=0: 200 {"ok":true,"value":"200 done","files":[],"run":"run"}
    wait=: 400 prefer-invalid: write `Prefer: wait=N` with whole seconds
    wait=-1: 400 prefer-invalid: write `Prefer: wait=N` with whole seconds
    wait=1.5: 400 prefer-invalid: write `Prefer: wait=N` with whole seconds
    wait=soon: 400 prefer-invalid: write `Prefer: wait=N` with whole seconds
    wait=18446744073709551616: 400 prefer-invalid: write `Prefer: wait=N` with whole seconds
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_is_refused_at_once_and_leaves_no_record() {
    let granted = Granted::start().await;
    let (house, mut told) = (&granted.house, String::new());
    for (name, arguments) in [(WRITE, json!({"more": 1})), (WRITE, json!([])), ("none", json!({}))] {
        let request = house
            .request(Method::POST, &tool(name), &house.admin)
            .header("prefer", "wait=0");
        writeln!(told, "{}", line(&Reply::of(request.json(&arguments)).await)).unwrap();
    }
    insta::assert_snapshot!(told, @r"
    400 input-invalid: `/more` is not known: there are no fields here
    400 input-invalid: the arguments must be an object, not an array of 0 items
    404 tool-unknown: the skill has no tool `none`
    ");
    assert_eq!(house.get("/v1/runs", &house.admin).await.json(), json!({"runs": []}));
}

/// An answer in a line, with the headers that belong to it.
fn answered(reply: &Reply) -> String {
    let mut told = line(reply);
    for name in ["location", "preference-applied"] {
        if let Some(value) = reply.headers.get(name) {
            let mut value = value.to_str().unwrap().to_owned();
            if reply.status == StatusCode::ACCEPTED {
                value = value.replace(&run_of(reply), "run");
            }
            write!(told, ", {name}: {value}").unwrap();
        }
    }
    told
}
