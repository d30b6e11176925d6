//! Calls through a whole gate to services on loopback, good and bad.

mod canary;
mod ledger;
mod place;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use support::traffic::{Fault, Traffic};

use crate::binding::Outside;
use crate::config::Config;

use place::{BASIC, CANARY, OAUTH, Place, grant};

#[tokio::test]
async fn replies_are_replies_and_are_not_repeated() {
    let mut place = Place::new(BASIC).await;
    let mut lines = Vec::new();
    for (method, target) in [
        ("GET", "/a?b=c%20d"),
        ("POST", "/a"),
        ("GET", "/wait"),
        ("POST", "/wait"),
        ("POST", "/busy"),
        ("GET", "/elsewhere"),
        ("GET", "/never"),
        ("POST", "/never"),
        ("GET", "/large"),
    ] {
        lines.push(place.call(method, target, &[]).await);
    }
    for header in ["authorization", "cookie", "idempotency-key"] {
        lines.push(place.call("POST", "/a", &[(header, "mine")]).await);
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    GET /a?b=c%20d: reply 200 (seen 1)
    POST /a: reply 200 (seen 1)
    GET /wait: reply 503, later 7 (seen 1)
    POST /wait: reply 503, later 7 (seen 1)
    POST /busy: reply 429, later 7 (seen 1)
    GET /elsewhere: reply 302 (seen 1)
    GET /never: reply 401 (seen 1)
    POST /never: reply 401 (seen 1)
    GET /large: failed reply-body-too-large (seen 1)
    POST /a: refused header-owned (seen 0)
    POST /a: refused header-owned (seen 0)
    POST /a: refused header-owned (seen 0)
    ");
}

#[tokio::test]
async fn a_request_arrives_whole() {
    let mut place = Place::new(BASIC).await;
    place
        .call("PUT", "/a/b%20c?d=%26", &[("x-mine", "1"), ("accept", "text/plain")])
        .await;
    let mut seen = place.traffic.seen();
    let seen = &mut seen[0];
    seen.headers.remove("host");
    let key = seen.headers.remove("idempotency-key").unwrap();
    assert!(
        key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{key}"
    );
    insta::assert_json_snapshot!(seen, {".headers.authorization" => insta::dynamic_redaction(|value, _| {
        let right = format!("Basic {}", STANDARD.encode(format!("me:{CANARY}")));
        (value.as_str() == Some(right.as_str())).to_string()
    })}, @r#"
    {
      "method": "PUT",
      "path": "/api/a/b%20c?d=%26",
      "headers": {
        "accept": "text/plain",
        "accept-encoding": "identity",
        "authorization": "true",
        "content-length": "4",
        "user-agent": "skillhost/0.0.0",
        "x-mine": "1"
      },
      "body": "body",
      "fault": null
    }
    "#);
}

#[tokio::test]
async fn only_what_may_be_repeated_is() {
    let mut lines = Vec::new();
    for method in ["GET", "POST", "PUT"] {
        for fault in [Fault::Close, Fault::LoseReply] {
            let mut place = Place::new(BASIC).await;
            place.traffic.order(fault, 1);
            let line = place.call(method, "/a", &[]).await;
            let seen = place.traffic.seen();
            let keys: BTreeSet<_> = seen
                .iter()
                .filter_map(|seen| seen.headers.get("idempotency-key"))
                .collect();
            lines.push(format!("{fault:?} {line} with {} keys", keys.len()));
        }
    }
    let mut place = Place::new(BASIC).await;
    place.traffic.order(Fault::Close, 3);
    lines.push(place.call("POST", "/search", &[]).await);
    place.traffic.order(Fault::Slow(4000), 1);
    lines.push(place.call("GET", "/slow", &[]).await);
    insta::assert_snapshot!(lines.join("\n"), @r"
    Close GET /a: reply 200 (seen 2) with 0 keys
    LoseReply GET /a: reply 200 (seen 2) with 0 keys
    Close POST /a: stop outcome-unknown (seen 1) with 0 keys
    LoseReply POST /a: stop outcome-unknown (seen 1) with 0 keys
    Close PUT /a: reply 200 (seen 2) with 1 keys
    LoseReply PUT /a: reply 200 (seen 2) with 1 keys
    POST /search: failed connection-lost, retryable (seen 3)
    GET /slow: reply 200 (seen 2)
    ");
}

#[tokio::test]
async fn what_never_left_is_told_as_a_failure() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let mut place = Place::at(BASIC, closed, Traffic::default(), Arc::default()).await;
    let mut lines = vec![place.call("POST", "/a", &[]).await];
    let mut place = Place::new(BASIC).await;
    place.outside = elsewhere(&place, "10.0.0.0/8");
    place.outside.policies.replace("default", &[grant()], "").unwrap();
    lines.push(place.call("POST", "/a", &[]).await);
    let mut place = Place::new(&OAUTH.replace("SECRET-secret", "SECRET")).await;
    lines.push(place.call("POST", "/a", &[]).await);
    insta::assert_snapshot!(lines.join("\n"), @r"
    POST /a: failed connect-failed, retryable (seen 0)
    POST /a: failed address-forbidden (seen 0)
    POST /a: failed token-refused (seen 0)
    ");
}

/// The same service, in a network that the binding does not name.
fn elsewhere(place: &Place, network: &str) -> Outside {
    let text = format!(
        "[tenants.default.http.service]\nurl = \"http://{}/\"\nplain-http = true\nprivate-networks = [\"{network}\"]",
        place.address
    );
    let config: Config = toml::from_str(&text).unwrap();
    Outside::open(&config.tenants, &[7; 32]).unwrap()
}

#[tokio::test]
async fn a_refused_token_is_fetched_anew_once() {
    let mut place = Place::new(OAUTH).await;
    let mut lines = vec![
        place.call("POST", "/second", &[]).await,
        place.call("POST", "/second", &[]).await,
    ];
    lines.push(format!("{} tokens", place.tokens.load(Ordering::SeqCst)));
    lines.push(place.call("POST", "/never", &[]).await);
    lines.push(format!("{} tokens", place.tokens.load(Ordering::SeqCst)));
    insta::assert_snapshot!(lines.join("\n"), @r"
    POST /second: reply 201 (seen 2)
    POST /second: reply 201 (seen 1)
    2 tokens
    POST /never: reply 401 (seen 2)
    3 tokens
    ");
}
