//! What an approval lets the calls of a run be: how many, and how large.

use std::fmt::Write as _;

use axum::Router;
use serde_json::json;

use crate::granted::{Granted, line};

/// A part of what the service says.
const REPLY: &str = "0123456789";

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_says_how_many_calls_there_may_be_and_how_large() {
    let service = Router::new().fallback(async || REPLY.repeat(200));
    let granted = Granted::start_with(service, "[tenants.default.http.echo]\nADDRESS").await;
    let mut told = String::new();
    for (tool, limits) in [
        ("two", json!({})),
        ("two", json!({"calls": 1})),
        ("write-most", json!({})),
        ("write-most", json!({"request-kib": 1025})),
        ("write-more", json!({})),
        ("dropped", json!({"reply-kib": 3})),
        ("dropped", json!({"reply-kib": 1})),
    ] {
        granted.limit(&limits).await;
        let reply = granted.invoke(&granted.house.admin, tool, &[]).await;
        let line = line(&reply).replace(&REPLY.repeat(200), "2000 bytes");
        writeln!(told, "{tool} {limits}: {line}").unwrap();
    }
    insta::assert_snapshot!(told);
}
