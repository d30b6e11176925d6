//! One `Idempotency-Key` is one run: whoever sends it again is answered by that run, and nothing happens twice.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode, header::HeaderValue};
use serde_json::json;
use support::traffic::Fault;

use crate::granted::{Granted, READ, WRITE, line, run_of};
use crate::house::Reply;
use crate::published::tool;

const KEY: &str = "idempotency-key";

#[tokio::test(flavor = "multi_thread")]
async fn the_first_result_is_kept_across_a_restart() {
    let granted = Granted::start().await;
    let admin = granted.house.admin.clone();
    let first = granted.invoke(&admin, WRITE, &[(KEY, "one")]).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    // A tool that breaks is a result too.
    let broken = granted.invoke(&admin, "large-headers", &[(KEY, "two")]).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", broken.text());
    // What was never begun leaves the key free.
    let unfit = Reply::of(
        granted
            .house
            .request(Method::POST, &tool(WRITE), &admin)
            .header(KEY, "three")
            .json(&json!({"more": 1})),
    );
    assert_eq!(unfit.await.status, StatusCode::BAD_REQUEST);
    let third = granted.invoke(&admin, WRITE, &[(KEY, "three")]).await;
    assert_eq!(third.status, StatusCode::OK, "{}", third.text());

    let granted = again(granted, &[(&first, WRITE, "one"), (&broken, "large-headers", "two")]).await;
    let granted = granted.restart().await;
    let granted = again(granted, &[(&first, WRITE, "one"), (&broken, "large-headers", "two")]).await;
    assert_eq!(granted.writes(), 2, "one and three");
}

/// Each of these is answered with the same bytes as before.
async fn again(granted: Granted, asked: &[(&Reply, &str, &str)]) -> Granted {
    for (before, name, key) in asked {
        let after = granted.invoke(&granted.house.admin, name, &[(KEY, key)]).await;
        assert_eq!((after.status, after.text()), (before.status, before.text()), "{key}");
        assert_eq!(after.headers["content-type"], before.headers["content-type"], "{key}");
    }
    granted
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_meanwhile_joins_the_run() {
    let granted = Granted::start().await;
    let admin = granted.house.admin.clone();
    let invoke = || granted.invoke(&admin, WRITE, &[(KEY, "slow")]);
    granted.service.order(Fault::Slow(1500), 1);
    let (first, others) = tokio::join!(invoke(), async {
        granted.saw_writes(1).await;
        let impatient = [(KEY, "slow"), ("prefer", "wait=0")];
        let (others, impatient) = tokio::join!(
            join_all([invoke(), invoke(), invoke()]),
            granted.invoke(&admin, WRITE, &impatient)
        );
        (others, impatient)
    });
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    let (others, impatient) = others;
    for other in others {
        assert_eq!((other.status, other.text()), (first.status, first.text()));
    }
    assert_eq!(
        (impatient.status, run_of(&impatient)),
        (StatusCode::ACCEPTED, run_of(&first))
    );

    // All at once: one of them is first, and nobody can tell which.
    let at_once = join_all((0..8).map(|_| granted.invoke(&admin, WRITE, &[(KEY, "at once")]))).await;
    for reply in &at_once {
        assert!(reply.status.is_success(), "{}", reply.text());
        assert_eq!(run_of(reply), run_of(&at_once[0]));
    }
    assert_eq!(granted.writes(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_its_caller_and_its_parameters() {
    let granted = Granted::start().await;
    let house = &granted.house;
    // Two tokens may have one name: they are two callers all the same.
    let callers = [
        house.admin.clone(),
        house.token(&house.admin, &["agent"], None).await,
        house.token(&house.admin, &["agent"], None).await,
    ];
    let mut runs = Vec::new();
    for caller in &callers {
        runs.push(run_of(&granted.invoke(caller, WRITE, &[(KEY, "mine")]).await));
    }
    runs.dedup();
    assert_eq!((runs.len(), granted.writes()), (3, 3));

    let admin = &callers[0];
    let other = |key: HeaderValue| {
        Reply::of(
            house
                .request(Method::POST, &tool(READ), admin)
                .header(KEY, key)
                .json(&json!({})),
        )
    };
    let body = house.request(Method::POST, &tool(WRITE), admin).header(KEY, "mine");
    let twice = house
        .request(Method::POST, &tool(READ), admin)
        .header(KEY, "a")
        .header(KEY, "b");
    let refused = [
        ("another tool", other(HeaderValue::from_static("mine")).await),
        ("another body", Reply::of(body.json(&json!({"more": 1}))).await),
        ("an empty key", other(HeaderValue::from_static("")).await),
        ("256 characters", other("k".repeat(256).parse().unwrap()).await),
        ("no text", other(HeaderValue::from_bytes(b"\xff").unwrap()).await),
        ("two keys", Reply::of(twice.json(&json!({}))).await),
    ];
    let told: Vec<_> = refused
        .iter()
        .map(|(what, reply)| format!("{what}: {}", line(reply)))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    another tool: 422 idempotency-key-reused: this Idempotency-Key was used with other arguments: give each invocation a key of its own
    another body: 422 idempotency-key-reused: this Idempotency-Key was used with other arguments: give each invocation a key of its own
    an empty key: 400 idempotency-key-invalid: an Idempotency-Key is given once and has 1 to 255 visible characters: a UUID is a good one
    256 characters: 400 idempotency-key-invalid: an Idempotency-Key is given once and has 1 to 255 visible characters: a UUID is a good one
    no text: 400 idempotency-key-invalid: an Idempotency-Key is given once and has 1 to 255 visible characters: a UUID is a good one
    two keys: 400 idempotency-key-invalid: an Idempotency-Key is given once and has 1 to 255 visible characters: a UUID is a good one
    ");
    assert_eq!(other("k".repeat(255).parse().unwrap()).await.status, StatusCode::OK);
    assert_eq!(granted.service.seen().len(), 4, "nothing of what was refused ran");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_for_a_person_is_joined_too() {
    let granted = Granted::start().await;
    granted.grant(&["http:echo ask"]).await;
    let admin = granted.house.admin.clone();
    let waiting = granted.invoke(&admin, WRITE, &[(KEY, "one")]).await;
    let joined = granted.invoke(&admin, WRITE, &[(KEY, "one")]).await;
    assert_eq!(waiting.status, StatusCode::ACCEPTED, "{}", waiting.text());
    assert_eq!((joined.status, joined.text()), (waiting.status, waiting.text()));
    assert_eq!(joined.headers["location"], waiting.headers["location"]);
    let consents = granted.house.get("/v1/consents", &admin).await.json();
    assert_eq!(consents["consents"].as_array().unwrap().len(), 1, "{consents}");
}
