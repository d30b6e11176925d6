//! Runs through the front door: what is answered, what is recorded, and who sees it.

use std::fmt::Write as _;
use std::time::Duration;

use reqwest::{Method, StatusCode, header};
use serde_json::json;

use crate::house::{House, Reply};
use crate::published::{approve, publish, tool};

#[tokio::test]
async fn a_run_is_answered_and_recorded_as_it_ended() {
    let house = House::start().await;
    let reference = publish(&house, &house.admin).await;
    let refused = house.post(&tool("answer"), &house.admin, &json!({})).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (StatusCode::NOT_FOUND, &json!("not-approved"))
    );
    approve(&house, &house.admin, &reference, &json!({"guest-ms": 100})).await;

    let mut told = String::new();
    for (name, arguments) in [
        ("answer", json!({})),
        ("spin", json!({})),
        ("trap", json!({})),
        ("answer", json!({"more": 1})),
        ("answer", json!([])),
        ("question", json!({})),
    ] {
        let reply = house.post(&tool(name), &house.admin, &arguments).await;
        let body = reply.json();
        let what = if reply.status.is_success() {
            &body["value"]
        } else {
            &body["code"]
        };
        let recorded = match body["run"].as_str() {
            None => "no run".to_owned(),
            Some(run) => {
                let run = house.get(&format!("/v1/runs/{run}"), &house.admin).await.json();
                format!("{} {} {}", run["state"], run["code"], run["value"])
            }
        };
        writeln!(told, "{name} {arguments}: {} {what}, {recorded}", reply.status.as_u16()).unwrap();
    }
    insta::assert_snapshot!(told, @r#"
    answer {}: 200 42, "succeeded" null 42
    spin {}: 422 "guest-time", "failed" "guest-time" null
    trap {}: 422 "trap", "failed" "trap" null
    answer {"more":1}: 400 "input-invalid", no run
    answer []: 400 "input-invalid", no run
    question {}: 404 "tool-unknown", no run
    "#);

    let states = async |query: &str| {
        let list = house.get(&format!("/v1/runs{query}"), &house.admin).await.json();
        let runs = list["runs"].as_array().unwrap().clone();
        runs.iter()
            .map(|run| run["tool"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(states("").await, ["trap", "spin", "answer"]);
    assert_eq!(states("?state=failed").await, ["trap", "spin"]);
    assert_eq!(states("?skill=tests/guest&state=succeeded").await, ["answer"]);
    assert_eq!(states("?skill=tests/other").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_run_of_another_tenant_is_not_there() {
    let house = House::start().await;
    let reference = publish(&house, &house.admin).await;
    approve(&house, &house.admin, &reference, &json!({})).await;
    let stranger = house.tenant("other").await;
    let invoked = house.post(&tool("answer"), &house.admin, &json!({})).await.json();
    let run = invoked["run"].as_str().unwrap();
    let nowhere = "00000000-0000-7000-8000-000000000000";
    for (method, end) in [
        (Method::GET, ""),
        (Method::GET, "/logs"),
        (Method::GET, "/files/deck.pptx"),
        (Method::POST, "/cancel"),
    ] {
        let ask = async |id: &str| {
            let path = format!("/v1/runs/{id}{end}");
            Reply::of(house.request(method.clone(), &path, &stranger).json(&json!({}))).await
        };
        let (theirs, none) = (ask(run).await, ask(nowhere).await);
        assert_eq!(theirs.status, StatusCode::NOT_FOUND, "{end}");
        assert_eq!(theirs.body, none.body, "{end}");
    }
    let refused = house.post(&tool("answer"), &stranger, &json!({})).await;
    assert_eq!(refused.json()["code"], "not-approved");
    assert_eq!(house.get("/v1/skills", &stranger).await.json(), json!({"skills": []}));
    assert_eq!(house.get("/v1/runs", &stranger).await.json(), json!({"runs": []}));
}

#[tokio::test]
async fn who_hangs_up_stops_nothing_and_who_cancels_does() {
    let house = House::start_with(|settings| settings.runs = 1).await;
    let reference = publish(&house, &house.admin).await;
    approve(
        &house,
        &house.admin,
        &reference,
        &json!({"guest-ms": 600_000, "fuel-millions": 1_000_000}),
    )
    .await;
    let spin = house
        .request(Method::POST, &tool("spin"), &house.admin)
        .json(&json!({}));
    let hung_up = spin.timeout(Duration::from_millis(500)).send().await;
    assert!(hung_up.is_err_and(|error| error.is_timeout()));

    let run = eventually(async || {
        let list = house.get("/v1/runs?state=running", &house.admin).await.json();
        list["runs"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    let busy = house.post(&tool("answer"), &house.admin, &json!({})).await;
    assert_eq!(
        (busy.status, &busy.json()["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("overloaded"))
    );
    assert!(busy.headers.contains_key(header::RETRY_AFTER));

    let cancel = house
        .post(&format!("/v1/runs/{run}/cancel"), &house.admin, &json!({}))
        .await;
    assert_eq!(cancel.status, StatusCode::ACCEPTED);
    let ended = eventually(async || {
        let run = house.get(&format!("/v1/runs/{run}"), &house.admin).await.json();
        (run["state"] != "running").then_some(run)
    })
    .await;
    assert_eq!(
        (&ended["state"], &ended["code"]),
        (&json!("cancelled"), &json!("cancelled"))
    );
    let free = house.post(&tool("answer"), &house.admin, &json!({})).await;
    assert_eq!(free.json()["value"], 42);
}

#[tokio::test]
async fn a_skill_shows_its_types_and_where_it_comes_from() {
    let house = House::start().await;
    let reference = publish(&house, &house.admin).await;
    let seen = house
        .post("/v1/inspections", &house.admin, &json!({"reference": reference}))
        .await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.text());
    approve(&house, &house.admin, &reference, &json!({"guest-ms": 100})).await;
    let mut skill = house.get("/v1/skills/tests/guest", &house.admin).await.json();
    assert_eq!(skill["provenance"]["digest"], seen.json()["digest"]);
    assert_eq!(skill["provenance"]["key"], seen.json()["key"]);
    skill["tools"].as_array_mut().unwrap().truncate(1);
    insta::assert_json_snapshot!(skill, {
        ".provenance.digest" => "digest",
        ".provenance.key" => "key",
        ".provenance.approved" => "moment",
        ".tools[].output_schema" => "schema",
        ".tools[].input_schema" => "schema",
    }, @r#"
    {
      "name": "tests/guest",
      "version": "1.0.0",
      "summary": "Answers, spins or breaks.",
      "license": "Apache-2.0",
      "tools": [
        {
          "name": "answer",
          "description": "Answers.",
          "read_only": false,
          "idempotent": false,
          "input_schema": "schema",
          "output_schema": "schema"
        }
      ],
      "instructions": "---\nname: guest\ndescription: Answers, spins or breaks.\n---\nCall `answer`.\n",
      "grants": {
        "bindings": [],
        "limits": {
          "guest-ms": 100
        },
        "configuration": {}
      },
      "provenance": {
        "digest": "digest",
        "publisher": "tests",
        "key": "key",
        "approved_by": "first administrator",
        "approved": "moment",
        "reason": "a test"
      }
    }
    "#);
}

/// Asks again until there is an answer. A test that waits for ever is ended from outside.
async fn eventually<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
