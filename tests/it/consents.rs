//! Calls that wait for a person: who may answer, once, and what becomes of a question when its run is over.

use reqwest::StatusCode;
use serde_json::{Value, json};
use support::traffic::Fault;

use crate::granted::{Granted, WRITE, line, run_of};
use crate::house::Reply;

/// A host on which every call asks, and the tokens of an agent, an approver and an auditor.
async fn asking() -> (Granted, [String; 3]) {
    let granted = Granted::start().await;
    granted.grant(&["http:echo ask"]).await;
    let mut tokens = Vec::new();
    for role in ["agent", "approver", "auditor"] {
        tokens.push(granted.house.token(&granted.house.admin, &[role], None).await);
    }
    (granted, tokens.try_into().unwrap())
}

async fn listed(granted: &Granted) -> Vec<Value> {
    let list = granted.house.get("/v1/consents", &granted.house.admin).await.json();
    list["consents"].as_array().unwrap().clone()
}

async fn answer(granted: &Granted, token: &str, id: &str, allow: bool) -> Reply {
    granted
        .house
        .post(&format!("/v1/consents/{id}"), token, &json!({"allow": allow}))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_allowed_by_another_token_and_by_no_other_role() {
    let (granted, [agent, approver, auditor]) = asking().await;
    let house = &granted.house;
    let waiting = granted.invoke(&agent, WRITE, &[]).await;
    let run = run_of(&waiting);
    assert_eq!(waiting.headers["location"], format!("/v1/runs/{run}"));
    let mut consent = house.get("/v1/consents", &approver).await.json()["consents"][0].clone();
    let id = consent["id"].as_str().unwrap().to_owned();
    assert_eq!((&consent["run"], &id), (&json!(run), &format!("{run}-1")));
    for name in ["id", "run", "until"] {
        consent[name] = json!(name);
    }
    insta::assert_json_snapshot!(consent, @r#"
    {
      "id": "id",
      "run": "run",
      "skill": "tests/guest",
      "tool": "write-before",
      "by": "agent",
      "binding": "http \"echo\"",
      "until": "until",
      "call": {
        "http": {
          "method": "POST",
          "target": "/before",
          "headers": [],
          "body": {
            "base64": "d3JpdHRlbiBiZWZvcmU="
          }
        }
      }
    }
    "#);

    let mut told = vec![format!("asked: {}", line(&waiting))];
    told.push(format!(
        "agent lists: {}",
        line(&house.get("/v1/consents", &agent).await)
    ));
    told.push(format!("agent: {}", line(&answer(&granted, &agent, &id, true).await)));
    told.push(format!(
        "auditor: {}",
        line(&answer(&granted, &auditor, &id, true).await)
    ));
    let stranger = house.tenant("other").await;
    told.push(format!(
        "stranger: {}",
        line(&answer(&granted, &stranger, &id, true).await)
    ));
    told.push(format!(
        "approver invokes: {}",
        line(&granted.invoke(&approver, WRITE, &[]).await)
    ));
    for other in [format!("{run}-2"), format!("{run}-01"), run.clone(), "none".to_owned()] {
        let place = other.replace(&run, "run");
        told.push(format!(
            "{place}: {}",
            line(&answer(&granted, &approver, &other, true).await)
        ));
    }
    let path = format!("/v1/consents/{id}");
    told.push(format!(
        "no answer: {}",
        line(&house.post(&path, &approver, &json!({})).await)
    ));
    assert_eq!(granted.writes(), 0, "nobody allowed it");

    // The call is under way when the second answer comes.
    granted.service.order(Fault::Slow(1500), 1);
    told.push(format!(
        "approver: {}",
        line(&answer(&granted, &approver, &id, true).await)
    ));
    told.push(format!(
        "twice: {}",
        line(&answer(&granted, &approver, &id, false).await)
    ));
    let ended = granted.left(&run, "suspended").await;
    told.push(format!("then: {} {}", ended["state"], ended["value"]));
    told.push(format!(
        "too late: {}",
        line(&answer(&granted, &approver, &id, false).await)
    ));
    insta::assert_snapshot!(told.join("\n"), @r#"
    asked: 202 {"run":"run","state":"suspended","waits_for":"consent"}
    agent lists: 403 forbidden: this token may not do that: use one with the role approver or admin or auditor
    agent: 403 forbidden: this token may not do that: use one with the role approver or admin
    auditor: 403 forbidden: this token may not do that: use one with the role approver or admin
    stranger: 404 run-unknown: there is no such run
    approver invokes: 403 forbidden: this token may not do that: use one with the role agent or admin
    run-2: 404 not-asked: this call asks for no decision; look at the run again
    run-01: 404 unknown: there is no such consent, or it is not yours
    run: 404 unknown: there is no such consent, or it is not yours
    none: 404 unknown: there is no such consent, or it is not yours
    no answer: 400 body-invalid: the body does not fit: missing field `allow`
    approver: 200 {"allow":true}
    twice: 409 already-answered: this question was answered before; the first answer holds
    then: "succeeded" "200 done"
    too late: 409 run-ended: the run has ended; nothing can be added to it
    "#);
    assert_eq!((granted.writes(), listed(&granted).await), (1, Vec::new()));
    insta::assert_snapshot!(granted.events(&run).await, @r#"
    1 begun
    1 judged ask true allowed true
    1 asked
    1 answered allowed true by "approver"
    1 judged ask true allowed true
    1 sent attempt 1
    1 finished code null sendings 1
    0 ended
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_cancelled_while_it_waits_asks_nobody_any_more() {
    let (granted, [agent, approver, _]) = asking().await;
    let run = run_of(&granted.invoke(&agent, WRITE, &[]).await);
    let id = listed(&granted).await[0]["id"].as_str().unwrap().to_owned();
    let mut told = Vec::new();
    for who in ["once", "twice"] {
        let reply = granted
            .house
            .post(&format!("/v1/runs/{run}/cancel"), &agent, &json!({}))
            .await;
        assert_eq!(reply.status, StatusCode::ACCEPTED, "{}", reply.text());
        let seen = granted.run(&run).await;
        told.push(format!(
            "{who}: {} {} {}",
            reply.json()["state"],
            seen["state"],
            seen["stop"]
        ));
    }
    assert_eq!(listed(&granted).await, Vec::<Value>::new());
    told.push(line(&answer(&granted, &approver, &id, true).await));
    insta::assert_snapshot!(told.join("\n"), @r#"
    once: "cancelled" "cancelled" {"code":"cancelled","message":"The run was cancelled while it waited."}
    twice: "cancelled" "cancelled" {"code":"cancelled","message":"The run was cancelled while it waited."}
    409 run-ended: the run has ended; nothing can be added to it
    "#);
    insta::assert_snapshot!(granted.events(&run).await, @r"
    1 begun
    1 judged ask true allowed true
    1 asked
    0 ended
    ");

    // The same for a run whose call is in doubt.
    granted.grant(&["http:echo"]).await;
    granted.service.order(Fault::LoseReply, 1);
    let run = run_of(&granted.invoke(&agent, WRITE, &[]).await);
    let path = format!("/v1/runs/{run}");
    let cancelled = granted.house.post(&format!("{path}/cancel"), &agent, &json!({})).await;
    assert_eq!(cancelled.json()["state"], "cancelled", "{}", cancelled.text());
    let resolved = granted
        .house
        .post(&format!("{path}/resolve"), &approver, &json!({"how": "again"}))
        .await;
    insta::assert_snapshot!(line(&resolved), @"404 not-asked: this call asks for no decision; look at the run again");
    let granted = granted.restart().await;
    assert_eq!(granted.run(&run).await["state"], "cancelled");
    assert_eq!(granted.writes(), 1, "the one whose reply was lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_meanwhile_is_not_sent_though_a_person_allows_it() {
    let (granted, [agent, approver, _]) = asking().await;
    let run = run_of(&granted.invoke(&agent, WRITE, &[]).await);
    let id = listed(&granted).await[0]["id"].as_str().unwrap().to_owned();
    granted.grant(&["http:echo GET"]).await;
    answer(&granted, &approver, &id, true).await;
    let ended = granted.left(&run, "suspended").await;
    assert_eq!(
        (&ended["state"], &ended["value"]),
        (&json!("succeeded"), &json!("HttpRequestDenied"))
    );
    assert_eq!(granted.writes(), 0);
    insta::assert_snapshot!(granted.events(&run).await, @r#"
    1 begun
    1 judged ask true allowed true
    1 asked
    1 answered allowed true by "approver"
    1 judged ask false allowed false
    1 refused code "not-granted"
    0 ended
    "#);
}
