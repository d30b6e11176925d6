//! Who may approve, where an operator asks for more than the role.

use host::serve::Settings;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::publisher::{FIRST, Publisher};
use super::{approve, inspect};
use crate::house::{House, Reply};

/// A host whose first tenant has these rules.
fn ruled(rules: &'static str) -> impl FnOnce(&mut Settings) {
    move |settings| {
        let tenant = settings.tenants.entry("default".parse().unwrap()).or_default();
        tenant.approval = toml::from_str(rules).unwrap();
    }
}

/// A token of this name with these roles.
async fn token(house: &House, name: &str, roles: &[&str], publisher: Option<&str>) -> String {
    let wanted = json!({"name": name, "roles": roles, "publisher": publisher});
    let reply = house.post("/v1/tokens", &house.admin, &wanted).await;
    reply.json()["token"].as_str().unwrap().to_owned()
}

async fn say_yes(house: &House, token: &str, methods: &[&str], reason: &str) -> Reply {
    let grants = json!({"bindings": [{"kind": "http", "name": "jira", "methods": methods}]});
    let approval = json!({"reference": "tests/guest:1.0.0", "grants": grants, "reason": reason});
    house.post("/v1/approvals", token, &approval).await
}

#[tokio::test]
async fn grants_that_combine_too_much_need_two_people() {
    let house = House::start_with(ruled("rule-of-two = \"two-people\"")).await;
    Publisher::new(&house, "tests")
        .await
        .push(&house, &FIRST, "1.0.0")
        .await;
    let (ann, bob) = (
        token(&house, "ann", &["approver"], None).await,
        token(&house, "bob", &["approver"], None).await,
    );
    let also_ann = token(&house, "ann", &["approver"], None).await;

    let mut first = say_yes(&house, &ann, &["POST"], "first").await;
    assert_eq!(first.status, StatusCode::ACCEPTED, "{}", first.text());
    for (who, token, methods) in [
        ("ann again", &ann, "POST"),
        ("ann's other token", &also_ann, "POST"),
        ("bob for more", &bob, "PUT"),
    ] {
        first = say_yes(&house, token, &[methods], who).await;
        assert_eq!(first.status, StatusCode::ACCEPTED, "{who}: {}", first.text());
    }
    assert_eq!(
        house.get("/v1/skills", &house.admin).await.json(),
        json!({"skills": []})
    );
    let house = house.restart().await;
    let pending = house.get("/v1/pending", &bob).await.json();
    let proposed: Vec<_> = pending["proposed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["by"], &one["reason"]))
        .collect();
    assert_eq!(
        proposed,
        [
            (&json!("ann"), &json!("ann's other token")),
            (&json!("bob"), &json!("bob for more"))
        ]
    );

    let second = say_yes(&house, &bob, &["POST"], "second").await;
    assert_eq!(second.status, StatusCode::CREATED, "{}", second.text());
    assert_eq!(second.json()["by"], "bob");
    assert_eq!(house.get("/v1/pending", &bob).await.json()["proposed"], json!([]));
    let one = say_yes(&house, &ann, &["GET"], "only reads").await;
    assert_eq!(one.status, StatusCode::CREATED, "{}", one.text());
}

#[tokio::test]
async fn or_a_person_is_asked_before_each_call() {
    let house = House::start_with(ruled("rule-of-two = \"ask\"")).await;
    Publisher::new(&house, "tests")
        .await
        .push(&house, &FIRST, "1.0.0")
        .await;
    let grants = json!({"bindings": [{"kind": "http", "name": "jira"}]});
    let seen = inspect(&house, "tests/guest:1.0.0", &grants).await;
    insta::assert_json_snapshot!(seen["warnings"], @r#"
    [
      {
        "code": "rule-of-two",
        "words": "these grants combine untrusted input, private data and external effects: a person will be asked before each call that changes something"
      },
      {
        "code": "binding-unconfigured",
        "words": "http \"jira\" is not configured: every call on it is refused until the operator does so"
      }
    ]
    "#);
    let approval = approve(&house, "tests/guest:1.0.0", grants).await;
    assert_eq!(
        approval["grants"]["bindings"],
        json!([{"kind": "http", "name": "jira", "ask": true}])
    );
}

#[tokio::test]
async fn whoever_publishes_may_not_approve_it() {
    let house = House::start_with(ruled("publisher-may-not-approve = true")).await;
    Publisher::new(&house, "tests")
        .await
        .push(&house, &FIRST, "1.0.0")
        .await;
    Publisher::new(&house, "others").await;
    let roles = ["publisher", "approver"];
    let own = token(&house, "own", &roles, Some("tests")).await;
    let other = token(&house, "other", &roles, Some("others")).await;
    let refused = say_yes(&house, &own, &["GET"], "mine").await;
    insta::assert_json_snapshot!(refused.json(), @r#"
    {
      "type": "https://skillhost.dev/problems/own-skill",
      "title": "Own skill",
      "status": 403,
      "detail": "this token publishes `tests/guest`, so it may not approve it: let somebody else do so",
      "code": "own-skill",
      "retryable": false
    }
    "#);
    assert_eq!(
        house.get("/v1/approvals", &house.admin).await.json()["approvals"],
        Value::Array(Vec::new())
    );
    let allowed = say_yes(&house, &other, &["GET"], "theirs").await;
    assert_eq!(allowed.status, StatusCode::CREATED, "{}", allowed.text());
}
