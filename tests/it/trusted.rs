//! A host under a trust policy: what its file says holds, and the last good one where it says nothing.

use std::fs;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::house::{Front, House};
use crate::published;

/// Waits until the host has looked at the file: what it says then is what this is about.
async fn until(house: &Front, admin: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    loop {
        let policy = house.get("/v1/trust-policy", admin).await.json();
        if is_it(&policy) {
            return policy;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn state(house: &Front) -> Value {
    let ready = house.get("/readyz", "").await;
    assert_eq!(ready.status, StatusCode::OK, "a policy never makes a host unready");
    ready.json()["trust_policy"].clone()
}

/// Approves the skill, and tells the code of the refusal.
async fn approved(house: &House, reference: &str) -> String {
    let body = json!({"reference": reference, "reason": "a test"});
    let reply = house.post("/v1/approvals", &house.admin, &body).await;
    told(reply.status, &reply.json())
}

async fn answered(house: &House) -> String {
    let reply = house.post(&published::tool("answer"), &house.admin, &json!({})).await;
    told(reply.status, &reply.json())
}

fn told(status: StatusCode, body: &Value) -> String {
    body.get("code")
        .map_or(status.to_string(), |code| code.as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trust_policy_holds_for_new_and_old_approvals() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("trust.toml");
    fs::write(&file, "").unwrap();
    let house = House::start_with(|settings| settings.trust_policy = Some(file.clone())).await;
    let admin = house.admin.clone();
    let reference = published::publish(&house, &admin).await;
    let publisher = house.get("/v1/publishers/tests", &admin).await.json();
    let key = publisher["keys"][0]["key"].as_str().unwrap();
    assert_eq!(state(&house).await, "in-force");
    assert_eq!(approved(&house, &reference).await, "namespace-not-trusted");

    let good = format!("[keys]\nours.key = \"{key}\"\n[namespaces.tests]\nall-of = [\"ours\"]\n");
    fs::write(&file, &good).unwrap();
    let policy = until(&house, &admin, |policy| policy["text"] == good.as_str()).await;
    assert_eq!(
        (&policy["state"], policy.get("unknown_keys")),
        (&json!("in-force"), None)
    );
    assert_eq!(approved(&house, &reference).await, "201 Created");
    assert_eq!(answered(&house).await, "200 OK");

    // Broken, the last good one stays in force and says so.
    fs::write(&file, "[keys").unwrap();
    let stale = until(&house, &admin, |policy| policy["state"] == "stale").await;
    assert_eq!((&stale["since"], &stale["text"]), (&policy["since"], &policy["text"]));
    insta::assert_snapshot!(stale["fault"]["detail"].as_str().unwrap(), @"the trust policy cannot be used: line 1: unclosed table, expected `]`");
    assert_eq!(state(&house).await, "stale");
    assert_eq!(answered(&house).await, "200 OK");

    // What it no longer trusts runs no more, from memory or from disk.
    let stranger = format!("sha256:{}", "0".repeat(64));
    fs::write(&file, good.replace(key, &stranger)).unwrap();
    let strict = until(&house, &admin, |policy| policy["state"] == "in-force").await;
    assert_eq!(strict["unknown_keys"], json!([stranger]));
    assert_eq!(answered(&house).await, "signatures-missing");
    fs::write(&file, &good).unwrap();
    until(&house, &admin, |policy| policy["text"] == good.as_str()).await;
    assert_eq!(answered(&house).await, "200 OK");
    house.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_policy_the_ledger_decides() {
    let house = House::start().await;
    let reference = published::publish(&house, &house.admin).await;
    assert_eq!(state(&house).await, "none");
    let policy = house.get("/v1/trust-policy", &house.admin).await.json();
    assert_eq!(policy, json!({"state": "none"}));
    assert_eq!(approved(&house, &reference).await, "201 Created");
    assert_eq!(answered(&house).await, "200 OK");
    house.shutdown().await;
}
