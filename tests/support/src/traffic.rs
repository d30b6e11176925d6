//! What a simulator has seen, and the faults that it was told to show.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, request};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

/// One request as it arrived, whatever became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Such as `POST`.
    pub method: String,
    /// Path and query, as they were sent.
    pub path: String,
    /// By lower-case name. Of a header that came twice, the last.
    pub headers: BTreeMap<String, String>,
    /// As text; what is no UTF-8 is replaced.
    pub body: String,
    /// The fault that it met.
    pub fault: Option<Fault>,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Answers 503 with a page for people. Nothing happened.
    Unavailable,
    /// Does what was asked, after this many milliseconds.
    Slow(u64),
    /// Answers 200 with what is no JSON. Nothing happened.
    Garbage,
    /// Closes the connection without an answer. Nothing happened.
    Close,
    /// Does what was asked, and closes the connection without an answer.
    LoseReply,
    /// Does what was asked, and answers after this many milliseconds.
    LateReply(u64),
}

/// An order for faults: the next so many requests meet it, one after another, after those ordered before.
#[derive(Debug, Deserialize)]
pub struct Order {
    /// What goes wrong.
    pub fault: Fault,
    /// How often.
    pub times: usize,
}

/// The handle by which a test reads what a simulator has seen, and orders faults. Clones share one record.
#[derive(Clone, Default)]
pub struct Traffic(Arc<Mutex<Record>>);

#[derive(Default)]
struct Record {
    seen: Vec<Seen>,
    faults: VecDeque<Fault>,
    met: Vec<Fault>,
}

impl Traffic {
    /// Every request that arrived, in order.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.record().seen.clone()
    }

    /// How many requests arrived with this method and a path, query apart, that ends so.
    #[must_use]
    pub fn count(&self, method: &str, path_end: &str) -> usize {
        let path = |seen: &Seen| seen.path.split('?').next().unwrap_or_default().to_owned();
        let record = self.record();
        let found = record.seen.iter();
        found
            .filter(|seen| seen.method == method && path(seen).ends_with(path_end))
            .count()
    }

    /// The next requests meet this fault, so many times.
    pub fn order(&self, fault: Fault, times: usize) {
        self.record().faults.extend(std::iter::repeat_n(fault, times));
    }

    /// Whether a request met this fault. Of one that delays a reply, the request has been carried out by then.
    #[must_use]
    pub fn met(&self, fault: Fault) -> bool {
        self.record().met.contains(&fault)
    }

    /// Forgets what was seen. Orders stay.
    pub fn forget(&self) {
        let mut record = self.record();
        record.seen.clear();
        record.met.clear();
    }

    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route("/__seen", get(list).delete(forget))
            .route("/__faults", post(order))
            .with_state(self.clone())
    }

    pub(crate) fn arrived(&self, request: &request::Parts, body: &[u8]) -> Option<Fault> {
        let mut record = self.record();
        let fault = record.faults.pop_front();
        record.seen.push(Seen {
            method: request.method.to_string(),
            path: request
                .uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            headers: texts(&request.headers),
            body: String::from_utf8_lossy(body).into_owned(),
            fault,
        });
        fault
    }

    /// Notes that a fault is shown now.
    pub(crate) fn meets(&self, fault: Fault) {
        self.record().met.push(fault);
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), text(value)))
        .collect()
}

async fn list(State(traffic): State<Traffic>) -> Json<Vec<Seen>> {
    Json(traffic.seen())
}

async fn forget(State(traffic): State<Traffic>) -> StatusCode {
    traffic.forget();
    StatusCode::NO_CONTENT
}

async fn order(State(traffic): State<Traffic>, Json(order): Json<Order>) -> StatusCode {
    traffic.order(order.fault, order.times);
    StatusCode::NO_CONTENT
}
