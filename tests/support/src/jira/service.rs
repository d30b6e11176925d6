//! HTTP in front of a site: who asks, limits, paths and bodies.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::refusal::Refusal;
use super::request::Asked;
use super::site::Site;
use super::{BEARER, EMAIL, ROBOT, TOKEN, clock};

/// What becomes of the next requests, although somebody known asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// 429, with a `Retry-After` of so many seconds.
    TooMany(u32),
    /// 429, with the same as a date.
    TooManyUntil(u32),
    /// 429, and not a word about when to come back.
    TooManySilent,
    /// 403, with a login page and the header that tells it from other 403s: the credential failed too often.
    Captcha,
    /// 403: the account may not do it.
    Forbidden,
    /// 409: somebody else changes the same thing.
    Conflict,
    /// 500, with a body of Jira's. Nothing happened.
    Broken,
}

/// The state behind a router and its handle.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Running>>);

pub(super) struct Running {
    pub(super) site: Site,
    troubles: VecDeque<Trouble>,
}

impl Running {
    pub(super) fn trouble(&mut self, trouble: Trouble, times: usize) {
        self.troubles.extend(std::iter::repeat_n(trouble, times));
    }
}

impl Shared {
    pub(super) fn new(site: Site) -> Self {
        let troubles = VecDeque::new();
        Self(Arc::new(Mutex::new(Running { site, troubles })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What clients see.
pub(super) fn router(shared: Shared) -> Router {
    Router::new().fallback(handle).with_state(shared)
}

/// What a test in another process orders: `DELETE /pages`, `PUT /lag` with a number, and `POST /troubles` with a
/// [`Trouble`] and how often. `GET /issues` answers what [`issues`](super::Simulator::issues) does.
pub(super) fn admin(shared: Shared) -> Router {
    #[derive(Deserialize)]
    struct Order {
        trouble: Trouble,
        times: usize,
    }
    let done = StatusCode::NO_CONTENT;
    let release = move |State(shared): State<Shared>| async move {
        shared.lock().site.pages.clear();
        done
    };
    let lag = move |State(shared): State<Shared>, Json(searches): Json<usize>| async move {
        shared.lock().site.lag = searches;
        done
    };
    let trouble = move |State(shared): State<Shared>, Json(order): Json<Order>| async move {
        shared.lock().trouble(order.trouble, order.times);
        done
    };
    let issues = move |State(shared): State<Shared>| async move { Json(shared.lock().site.whole()) };
    Router::new()
        .route("/pages", delete(release))
        .route("/lag", put(lag))
        .route("/troubles", post(trouble))
        .route("/issues", get(issues))
        .with_state(shared)
}

async fn handle(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let mut running = shared.lock();
    if !is_known(&headers) {
        return unknown(&headers);
    }
    if let Some(trouble) = running.troubles.pop_front() {
        return troubled(trouble, &running.site);
    }
    let asked = Asked::read(&method, &uri, &headers, &body);
    match asked.and_then(|asked| asked.answer(&mut running.site)) {
        Ok((status, Value::Null)) => respond(status, Body::empty()),
        Ok((status, value)) => respond(status, Body::from(value.to_string())),
        Err(refusal) => respond(refusal.status, Body::from(refusal.body().to_string())),
    }
}

fn respond(status: u16, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json;charset=UTF-8"),
    );
    headers.insert("x-aaccountid", HeaderValue::from_static(ROBOT));
    response
}

fn page(status: u16, reason: &'static str, body: &'static str) -> Response<Body> {
    let mut response = respond(status, Body::from(body));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html;charset=UTF-8"),
    );
    headers.insert("x-seraph-loginreason", HeaderValue::from_static(reason));
    headers.remove("x-aaccountid");
    response
}

fn credential(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()
}

fn is_known(headers: &HeaderMap) -> bool {
    let basic = format!("Basic {}", STANDARD.encode(format!("{EMAIL}:{TOKEN}")));
    credential(headers).is_some_and(|given| given == basic || given.strip_prefix("Bearer ") == Some(BEARER))
}

fn unknown(headers: &HeaderMap) -> Response<Body> {
    let reason = if credential(headers).is_some() {
        "AUTHENTICATED_FAILED"
    } else {
        "OUT"
    };
    let mut response = page(401, reason, "Client must be authenticated to access this resource.");
    let realm = HeaderValue::from_static("OAuth realm=\"https%3A%2F%2Facme.atlassian.net\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
    response
}

fn troubled(trouble: Trouble, site: &Site) -> Response<Body> {
    let (seconds, until) = match trouble {
        Trouble::TooMany(seconds) => (Some(seconds), false),
        Trouble::TooManyUntil(seconds) => (Some(seconds), true),
        Trouble::TooManySilent => (None, false),
        Trouble::Captcha => return page(403, "AUTHENTICATION_DENIED", "<html><title>Log in</title></html>"),
        Trouble::Forbidden => return told(&Refusal::new(403, "You do not have permission to do this.")),
        Trouble::Conflict => return told(&Refusal::new(409, "The issue is being changed by somebody else.")),
        Trouble::Broken => return told(&Refusal::new(500, "Internal server error")),
    };
    let mut response = told(&Refusal::new(429, "Rate limit exceeded."));
    let headers = response.headers_mut();
    headers.insert("ratelimit-reason", HeaderValue::from_static("jira-burst-based"));
    if let Some(value) = seconds.map(|seconds| wait(seconds, until, site)) {
        headers.extend(value);
    }
    response
}

/// When to come back, and the time that this is measured from.
fn wait(seconds: u32, until: bool, site: &Site) -> Vec<(HeaderName, HeaderValue)> {
    let now = site.clock.now();
    let then = now
        .saturating_add(jiff::SignedDuration::from_secs(seconds.into()))
        .unwrap_or(now);
    let value = if until { clock::http(then) } else { seconds.to_string() };
    let pairs = [(header::DATE, clock::http(now)), (header::RETRY_AFTER, value)];
    pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?)))
        .collect()
}

fn told(refusal: &Refusal) -> Response<Body> {
    respond(refusal.status, Body::from(refusal.body().to_string()))
}
