//! A version that nobody approved, tried on what runs recorded: what is the same, what differs, and that nothing leaves.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::house::House;
use crate::http;
use crate::matrix::house;
use crate::published::{self, Parts, approve_with, tool};

#[tokio::test]
async fn a_version_is_tried_on_recorded_runs_and_nothing_leaves() {
    let (house, simulator) = house().await;
    let component = http::wasm("http");
    let reference = publish(&house, "1.0.0", &component).await;
    let grants = json!({"bindings": [{"kind": "http", "name": "echo"}]});
    approve_with(&house, &house.admin, &reference, &grants).await;
    for name in ["write-before", "two", "sleep", "race", "no-binding"] {
        let answer = house.post(&tool(name), &house.admin, &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text());
    }
    let asked = simulator.traffic().seen().len();

    let same = publish(&house, "2.0.0", &component).await;
    let tried = trial(&house, &same).await;
    assert_eq!(
        (&tried["tried"], &tried["identical"]),
        (&json!(5), &json!(5)),
        "{tried}"
    );

    // It asks for another path, in one of the tools.
    let other = publish(&house, "3.0.0", &patched(&component, b"/before", b"/behind")).await;
    let mut tried = trial(&house, &other).await;
    let runs = house.get("/v1/runs", &house.admin).await.json();
    for differs in tried["differ"].as_array_mut().unwrap() {
        let runs = runs["runs"].as_array().unwrap();
        assert!(runs.iter().any(|run| run["id"] == differs["run"]), "{differs}");
        differs["run"] = json!("run");
    }
    tried["digest"] = json!("digest");
    insta::assert_json_snapshot!(tried, @r#"
    {
      "skill": "tests/guest",
      "version": "3.0.0",
      "digest": "digest",
      "tried": 5,
      "identical": 4,
      "differ": [
        {
          "run": "run",
          "tool": "write-before",
          "code": "diverged",
          "detail": "it asks for something else than was recorded"
        }
      ]
    }
    "#);

    assert_eq!(simulator.traffic().seen().len(), asked, "nothing leaves");
    assert_eq!(
        house.get("/v1/runs", &house.admin).await.json(),
        runs,
        "nothing is kept"
    );
    let current = house.get("/v1/skills/tests/guest", &house.admin).await.json();
    assert_eq!(current["version"], "1.0.0");
}

async fn trial(house: &House, reference: &str) -> Value {
    let reply = house
        .post("/v1/trials", &house.admin, &json!({"reference": reference}))
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    reply.json()
}

async fn publish(house: &House, version: &str, component: &[u8]) -> String {
    let parts = Parts {
        name: "guest",
        manifest: published::manifest_with_binding().replace("1.0.0", version),
        component,
        wit: &http::wit("http"),
    };
    published::publish_parts(house, &house.admin, &parts).await
}

/// The component with one text in place of another of the same length.
fn patched(component: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = component.windows(from.len()).position(|bytes| bytes == from).unwrap();
    let mut patched = component.to_vec();
    patched[at..at + to.len()].copy_from_slice(to);
    patched
}
