//! Runs followed while they go on: what a model answers is seen as it comes, and what holds is the journal.

mod model;

use std::fmt::Write as _;
use std::pin::Pin;

use futures_util::{Stream, StreamExt as _};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sse_stream::{Sse, SseByteStream};

use crate::granted::{Granted, run_of};
use crate::house::{Front, Reply};
use model::Model;

/// Asks once.
const ASK: &str = "complete";

/// Where a run stands that is under way.
const RUNS: &str = "\"running\" null";

/// Somebody who follows a run.
struct Follower(Pin<Box<dyn Stream<Item = Sse>>>);

impl Follower {
    async fn of(front: &Front, run: &str, token: &str) -> Self {
        Self::after(front, run, token, None).await
    }

    /// One who has seen the event of this id.
    async fn after(front: &Front, run: &str, token: &str, last: Option<&str>) -> Self {
        let request = front.request(Method::GET, &format!("/v1/runs/{run}/events"), token);
        let request = last
            .iter()
            .fold(request, |request, last| request.header("last-event-id", *last));
        let reply = request.send().await.unwrap();
        assert_eq!(reply.status(), StatusCode::OK);
        assert_eq!(reply.headers()["content-type"], "text/event-stream");
        Self(Box::pin(SseByteStream::new(reply.bytes_stream()).map(Result::unwrap)))
    }

    /// The next event in a line; nothing once the host has nothing more to say. How soon it is put on record that the run
    /// is under way differs, and is left out.
    async fn next(&mut self) -> Option<String> {
        loop {
            let event = self.0.next().await?;
            let (Some(name), Some(data)) = (event.event, event.data) else {
                continue;
            };
            let id = event.id.map(|id| format!("{id} ")).unwrap_or_default();
            let told = told(&name, &serde_json::from_str(&data).unwrap());
            if told != RUNS {
                return Some(format!("{id}{name} {told}"));
            }
        }
    }

    /// The events up to one that begins so, a line each.
    async fn until(&mut self, last: &str) -> String {
        let mut lines = String::new();
        while let Some(line) = self.next().await {
            writeln!(lines, "{line}").unwrap();
            if line.starts_with(last) {
                return lines;
            }
        }
        panic!("no event `{last}` after\n{lines}");
    }

    /// Everything up to the end.
    async fn rest(mut self) -> String {
        let mut lines = String::new();
        while let Some(line) = self.next().await {
            writeln!(lines, "{line}").unwrap();
        }
        lines
    }
}

/// What an event says, without what is different each time.
fn told(name: &str, data: &Value) -> String {
    match name {
        "provisional" => data.to_string(),
        "state" => format!("{} {}", data["state"], data["code"]),
        _ => {
            let (what, _) = data["event"].as_object().unwrap().iter().next().unwrap();
            let text = &data["outcome"]["reply"]["model"]["completion"]["parts"];
            format!("{} {what} {text}", data["number"])
        }
    }
}

/// A run that is under way, as an administrator sees it.
async fn begin(granted: &Granted) -> String {
    let reply = granted.invoke(&granted.house.admin, ASK, &[("prefer", "wait=0")]).await;
    assert_eq!(reply.status, StatusCode::ACCEPTED, "{}", reply.text());
    run_of(&reply)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_seen_while_it_comes() {
    let model = Model::default();
    let answer = model.answers();
    let granted = Granted::asking(model.router(), "").await;
    let run = begin(&granted).await;
    let mut first = Follower::of(&granted.house, &run, &granted.house.admin).await;
    answer.says("Oslo is").await;
    // Nothing more is sent before that was seen.
    let mut seen = first.until("provisional").await;
    answer.says(" the").await;
    seen += &first.until("provisional").await;
    // Who comes later sees what came so far.
    let mut second = Follower::of(&granted.house, &run, &granted.house.admin).await;
    let so_far = second.until("provisional").await;
    answer.says(" capital.").await;
    answer.ends().await;
    insta::assert_snapshot!(seen + &first.rest().await);
    insta::assert_snapshot!(so_far + &second.rest().await);
    // After its end there is the journal, and nothing provisional.
    let late = Follower::of(&granted.house, &run, &granted.house.admin)
        .await
        .rest()
        .await;
    insta::assert_snapshot!(late);
    let again = Follower::after(&granted.house, &run, &granted.house.admin, Some("2")).await;
    insta::assert_snapshot!(again.rest().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_fails_is_taken_back() {
    let model = Model::default();
    let (cut, whole) = (model.answers(), model.answers());
    let granted = Granted::asking(model.router(), "").await;
    let run = begin(&granted).await;
    let mut follower = Follower::of(&granted.house, &run, &granted.house.admin).await;
    cut.says("Bergen").await;
    let mut seen = follower.until("provisional").await;
    cut.breaks().await;
    whole.says("Oslo").await;
    whole.ends().await;
    seen += &follower.rest().await;
    insta::assert_snapshot!(seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_shows_nothing_before_the_end_where_it_is_told_so() {
    let model = Model::default();
    let answer = model.answers();
    let granted = Granted::asking(model.router(), "provisional = false").await;
    let run = begin(&granted).await;
    let follower = Follower::of(&granted.house, &run, &granted.house.admin).await;
    answer.says("Oslo").await;
    answer.ends().await;
    let seen = follower.rest().await;
    assert!(!seen.contains("provisional") && seen.contains("Oslo"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_is_followed_until_it_ends() {
    let model = Model::default();
    let answer = model.answers();
    let granted = Granted::asking(model.router(), "").await;
    granted.grant(&["model:default ask"]).await;
    let run = begin(&granted).await;
    let mut follower = Follower::of(&granted.house, &run, &granted.house.admin).await;
    let mut seen = follower.until("state \"suspended\"").await;
    answer.says("Oslo").await;
    answer.ends().await;
    let allowed = json!({"allow": true});
    let path = format!("/v1/consents/{run}-1");
    let reply = granted.house.post(&path, &granted.house.admin, &allowed).await;
    assert_eq!(reply.status, StatusCode::OK);
    seen += &follower.rest().await;
    insta::assert_snapshot!(seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_ends_sends_followers_away() {
    let model = Model::default();
    let granted = Granted::asking(model.router(), "").await;
    granted.grant(&["model:default ask"]).await;
    let run = begin(&granted).await;
    let mut follower = Follower::of(&granted.house, &run, &granted.house.admin).await;
    follower.until("state \"suspended\"").await;
    granted.house.shutdown().await;
    assert_eq!(follower.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_followed_is_refused() {
    let granted = Granted::asking(Model::default().router(), "").await;
    granted.grant(&["model:default ask"]).await;
    let run = begin(&granted).await;
    let stranger = granted.house.tenant("other").await;
    let path = format!("/v1/runs/{run}/events");
    let nobody = format!("/v1/runs/{}/events", uuid::Uuid::nil());
    let mut told = String::new();
    for (path, token, last) in [
        (&path, &stranger, "0"),
        (&nobody, &granted.house.admin, "0"),
        (&path, &granted.house.admin, "first"),
        (&path, &granted.house.admin, "18446744073709551615"),
    ] {
        let request = granted
            .house
            .request(Method::GET, path, token)
            .header("last-event-id", last);
        writeln!(told, "{}", crate::granted::line(&Reply::of(request).await)).unwrap();
    }
    insta::assert_snapshot!(told);
}
