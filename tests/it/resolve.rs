//! A write whose reply was lost: the run stops, and goes on as a person decides.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use support::traffic::Fault;

use crate::granted::{Granted, WRITE, line, run_of};
use crate::house::Reply;

/// Invokes a write, and its reply is lost.
async fn in_doubt(granted: &Granted) -> String {
    granted.service.order(Fault::LoseReply, 1);
    let reply = granted.invoke(&granted.house.admin, WRITE, &[]).await;
    assert_eq!(
        line(&reply),
        r#"202 {"run":"run","state":"suspended","waits_for":"outcome-unknown"}"#
    );
    run_of(&reply)
}

async fn resolve(granted: &Granted, token: &str, run: &str, body: &Value) -> Reply {
    granted
        .house
        .post(&format!("/v1/runs/{run}/resolve"), token, body)
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn again_sends_once_more() {
    let granted = Granted::start().await;
    let approver = granted.house.token(&granted.house.admin, &["approver"], None).await;
    let run = in_doubt(&granted).await;
    // Nobody decided: it stays as it is, also across a restart.
    let granted = granted.restart().await;
    let waiting = granted.run(&run).await;
    assert_eq!(
        (&waiting["state"], &waiting["code"]),
        (&json!("suspended"), &json!("outcome-unknown"))
    );
    assert_eq!(granted.writes(), 1);

    // The second reply is lost too, and a person is asked again.
    granted.service.order(Fault::LoseReply, 1);
    for writes in [2, 3] {
        // A run that has just come into memory asks for nothing yet.
        while resolve(&granted, &approver, &run, &json!({"how": "again"}))
            .await
            .status
            != StatusCode::OK
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        granted.saw_writes(writes).await;
    }
    let ended = granted.left(&run, "suspended").await;
    assert_eq!(
        (&ended["state"], &ended["value"]),
        (&json!("succeeded"), &json!("200 done"))
    );
    assert_eq!(granted.writes(), 3);
    insta::assert_snapshot!(granted.events(&run).await, @r#"
    1 begun
    1 judged ask false allowed true
    1 sent attempt 1
    1 resolved by "approver" how "again"
    1 lost attempt 1
    1 judged ask false allowed true
    1 sent attempt 2
    1 resolved by "approver" how "again"
    1 lost attempt 2
    1 judged ask false allowed true
    1 sent attempt 3
    1 finished code null sendings 1
    0 ended
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn tell_sends_nothing_and_the_skill_goes_on() {
    let granted = Granted::start().await;
    let run = in_doubt(&granted).await;
    let decided = resolve(&granted, &granted.house.admin, &run, &json!({"how": "tell"})).await;
    assert_eq!(line(&decided), r#"200 {"how":"tell"}"#);
    let ended = granted.left(&run, "suspended").await;
    let logs = granted
        .house
        .get(&format!("/v1/runs/{run}/logs"), &granted.house.admin)
        .await
        .json();
    let told = format!(
        "{} {}\n{}\n{}",
        ended["state"],
        ended["value"],
        logs["lines"],
        granted.events(&run).await
    );
    insta::assert_snapshot!(told, @r#"
    "succeeded" "InternalError(Some(\"upstream: this call may or may not have been carried out; look before you repeat it.\"))"
    [{"level":"warn","message":"echo: this call may or may not have been carried out; look before you repeat it [outcome-unknown]"}]
    1 begun
    1 judged ask false allowed true
    1 sent attempt 1
    1 resolved by "first administrator" how "tell"
    1 lost attempt 1
    1 finished code "outcome-unknown" sendings 0
    0 ended
    "#);
    assert_eq!(granted.writes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_is_decided() {
    let granted = Granted::start().await;
    let house = &granted.house;
    let (again, tell) = (json!({"how": "again"}), json!({"how": "tell"}));
    let mut told = Vec::new();
    let run = in_doubt(&granted).await;
    for role in ["agent", "auditor"] {
        let token = house.token(&house.admin, &[role], None).await;
        told.push(format!(
            "{role}: {}",
            line(&resolve(&granted, &token, &run, &again).await)
        ));
    }
    let stranger = house.tenant("other").await;
    told.push(format!(
        "stranger: {}",
        line(&resolve(&granted, &stranger, &run, &again).await)
    ));
    for body in [json!({}), json!({"how": "guess"}), json!({"how": "again", "by": "me"})] {
        told.push(format!(
            "{body}: {}",
            line(&resolve(&granted, &house.admin, &run, &body).await)
        ));
    }
    // The call is under way when the second decision comes.
    granted.service.order(Fault::Slow(1500), 1);
    resolve(&granted, &house.admin, &run, &again).await;
    granted.saw_writes(2).await;
    told.push(format!(
        "twice: {}",
        line(&resolve(&granted, &house.admin, &run, &tell).await)
    ));
    granted.left(&run, "suspended").await;
    told.push(format!(
        "ended: {}",
        line(&resolve(&granted, &house.admin, &run, &tell).await)
    ));

    granted.grant(&["http:echo ask"]).await;
    let waiting = run_of(&granted.invoke(&house.admin, WRITE, &[]).await);
    told.push(format!(
        "consent: {}",
        line(&resolve(&granted, &house.admin, &waiting, &tell).await)
    ));
    for nowhere in ["00000000-0000-7000-8000-000000000000", "none"] {
        told.push(format!(
            "{nowhere}: {}",
            line(&resolve(&granted, &house.admin, nowhere, &tell).await)
        ));
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    agent: 403 forbidden: this token may not do that: use one with the role approver or admin
    auditor: 403 forbidden: this token may not do that: use one with the role approver or admin
    stranger: 404 run-unknown: there is no such run
    {}: 400 body-invalid: the body does not fit: missing field `how`
    {"how":"guess"}: 400 body-invalid: the body does not fit: unknown variant `guess`, expected `again` or `tell`
    {"how":"again","by":"me"}: 400 body-invalid: the body does not fit: unknown field `by`, expected `how`
    twice: 404 not-asked: this call asks for no decision; look at the run again
    ended: 404 not-asked: this call asks for no decision; look at the run again
    consent: 404 not-asked: this call asks for no decision; look at the run again
    00000000-0000-7000-8000-000000000000: 404 run-unknown: there is no such run
    none: 404 unknown: there is no such run, or it is not yours
    "#);
    assert_eq!(granted.writes(), 2);
}
