//! A record holds what it answers to exactly what was asked.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use gate::call::model::Ask;
use serde_json::{Value, json};

use super::{Front, Source};
use crate::backends::{Given, row};
use crate::cases;
use crate::talk::Talk;
use crate::tape::{Exchange, Tape};

#[tokio::test]
async fn only_the_recorded_request_is_answered() {
    let recorded = Tape::of("anthropic", "text", false);
    let recorded = &recorded.run("streamed")[0];
    let change = |at: &'static str, value: Value| {
        let mut request = serde_json::to_value(&recorded.request).unwrap();
        *request.pointer_mut(at).unwrap() = value;
        Exchange {
            request: serde_json::from_value(request).unwrap(),
            reply: recorded.reply.clone(),
        }
    };
    let mut told = Vec::new();
    for exchanges in [
        vec![recorded.clone()],
        vec![change("/path", json!("/v1/complete"))],
        vec![change("/login", json!(["authorization"]))],
        vec![change("/headers/anthropic-version", json!("2023-01-01"))],
        vec![change(
            "/body/messages/0/content/0/text",
            json!("case:text What of Bergen?"),
        )],
        vec![recorded.clone(), recorded.clone()],
        vec![],
    ] {
        let front = Front::start(Source::Record(exchanges)).await;
        let mut talk = Talk::with(&[row("anthropic")], &front, &Given::default()).await;
        talk.ask(Ask::Complete(Box::new(cases::prompt("text")))).await;
        let finished = AssertUnwindSafe(front.finish()).catch_unwind().await;
        told.push(match finished {
            Ok(exchanges) => format!("{} as recorded", exchanges.len()),
            Err(panic) => panic
                .downcast_ref::<String>()
                .unwrap()
                .lines()
                .next()
                .unwrap()
                .to_owned(),
        });
    }
    insta::assert_snapshot!(told.join("\n"), @r#"
    1 as recorded
    /path: "/v1/complete" was recorded, and now it is "/v1/messages"
    /login/0: "authorization" was recorded, and now it is "x-api-key"
    /headers/anthropic-version: "2023-01-01" was recorded, and now it is "2023-06-01"
    /body/messages/0/content/0/text: "case:text What of Bergen?" was recorded, and now it is "case:text What of Oslo?"
    assertion `left == right` failed: 1 requests were made and 2 are recorded
    /v1/messages was asked once more than is recorded
    "#);
}
