//! HTTP in front of an instance: hosts, sessions, versions and bodies.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::routing::{delete, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::exchange::{Answer, Request, Target};
use super::instance::{Instance, Trouble, Usage};
use super::oauth::{Ask, LOGIN_HOSTS};
use super::refusal::Refusal;
use crate::server::Scheme;

/// The versions that are answered; older ones are gone.
const VERSIONS: std::ops::RangeInclusive<u32> = 31..=68;

/// The state behind a router and its handle.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Instance>>);

impl Shared {
    pub(super) fn new(instance: Instance) -> Self {
        Self(Arc::new(Mutex::new(instance)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Instance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What clients see.
pub(super) fn router(shared: Shared) -> Router {
    Router::new().fallback(handle).with_state(shared)
}

/// What a test in another process orders: `DELETE /sessions`, `DELETE /cursors`, `PUT /usage` with a [`Usage`], and
/// `POST /troubles` with a [`Trouble`] and how often.
pub(super) fn admin(shared: Shared) -> Router {
    #[derive(Deserialize)]
    struct Order {
        trouble: Trouble,
        times: usize,
    }
    let done = StatusCode::NO_CONTENT;
    let expire = move |State(shared): State<Shared>| async move {
        shared.lock().expire();
        done
    };
    let release = move |State(shared): State<Shared>| async move {
        shared.lock().release();
        done
    };
    let limit = move |State(shared): State<Shared>, Json(usage): Json<Usage>| async move {
        shared.lock().usage = usage;
        done
    };
    let trouble = move |State(shared): State<Shared>, Json(order): Json<Order>| async move {
        shared
            .lock()
            .troubles
            .extend(std::iter::repeat_n(order.trouble, order.times));
        done
    };
    Router::new()
        .route("/sessions", delete(expire))
        .route("/cursors", delete(release))
        .route("/usage", put(limit))
        .route("/troubles", post(trouble))
        .with_state(shared)
}

async fn handle(
    State(shared): State<Shared>,
    scheme: Option<axum::Extension<Scheme>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let scheme = scheme.map_or("http", |extension| extension.0.0);
    let arrived = Arrived {
        scheme,
        method: method.as_str(),
        headers: &headers,
        body: &body,
    };
    let target = uri.path_and_query().and_then(|text| Target::read(text.as_str()));
    let mut instance = shared.lock();
    let answer = match target {
        Some(target) => arrived.answer(&mut instance, target),
        None => Refusal::not_found().into(),
    };
    respond(answer, instance.usage)
}

/// A request, whatever it is for.
struct Arrived<'a> {
    scheme: &'a str,
    method: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Arrived<'_> {
    fn answer(&self, instance: &mut Instance, target: Target) -> Answer {
        let is_login = LOGIN_HOSTS.contains(&self.host());
        match (self.method, target.parts().as_slice()) {
            ("POST", ["services", "oauth2", "token"]) => self.token(instance),
            ("POST", ["services", "oauth2", "revoke"]) => {
                for (_, token) in self.form().iter().filter(|(name, _)| name == "token") {
                    instance.log_out(token);
                }
                Answer::json(200, Value::Null)
            }
            ("GET", ["services", "data"]) if !is_login => Answer::ok(versions()),
            (_, ["services", "data", _, ..]) if !is_login => self.data(instance, target).unwrap_or_else(Answer::from),
            _ => Refusal::not_found().into(),
        }
    }

    fn data(&self, instance: &mut Instance, target: Target) -> Result<Answer, Refusal> {
        let version = target
            .path
            .get(2)
            .and_then(|text| text.strip_prefix('v')?.strip_suffix(".0")?.parse().ok());
        let version = version.ok_or_else(Refusal::not_found)?;
        if (7..*VERSIONS.start()).contains(&version) {
            let message = "Invalid Api version specified on URL";
            return Err(Refusal::new(410, "UNSUPPORTED_API_VERSION", message));
        }
        if !VERSIONS.contains(&version) {
            return Err(Refusal::not_found());
        }
        instance.admit(self.header("authorization"))?;
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect();
        let path = target.path.into_iter().skip(3).collect();
        let method = self.method.to_owned();
        let request = Request {
            method,
            version,
            path,
            parameters: target.parameters,
            headers,
            body: self.json()?,
        };
        Ok(instance.answer(&request))
    }

    fn token(&self, instance: &mut Instance) -> Answer {
        let form = self.form();
        let ask = Ask {
            host: self.host(),
            authorization: self.header("authorization"),
            form: &form,
        };
        if let Err(denied) = ask.judge() {
            return denied.into();
        }
        let host = self.header("host").unwrap_or_default();
        let (login, port) = host
            .split_once(':')
            .map_or((host, String::new()), |(host, port)| (host, format!(":{port}")));
        let home = if LOGIN_HOSTS.contains(&login) {
            format!("acme.my.salesforce.com{port}")
        } else {
            host.to_owned()
        };
        Answer::ok(json!({
            "access_token": instance.log_in(),
            "signature": "c2ltdWxhdGVk",
            "scope": "api",
            "instance_url": format!("{}://{home}", self.scheme),
            "id": format!("https://login.salesforce.com/id/{}/{}", instance.organization, instance.user),
            "token_type": "Bearer",
            "issued_at": "1767225600000",
        }))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Without its port.
    fn host(&self) -> &str {
        let host = self.header("host").unwrap_or_default();
        host.split_once(':').map_or(host, |(host, _)| host)
    }

    fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.body).into_owned().collect()
    }

    fn json(&self) -> Result<Option<Value>, Refusal> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let kind = self.header("content-type").unwrap_or_default();
        if !kind.starts_with("application/json") {
            let message = format!("The content type '{kind}' of the request is not supported.");
            return Err(Refusal::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
        }
        let parsed = serde_json::from_slice(self.body);
        parsed
            .map(Some)
            .map_err(|error| Refusal::bad("JSON_PARSER_ERROR", error.to_string()))
    }
}

fn versions() -> Value {
    let seasons = ["Spring", "Summer", "Winter"];
    let one = |version: u32| {
        let season = usize::try_from(version % 3)
            .ok()
            .and_then(|at| seasons.get(at))
            .copied()
            .unwrap_or_default();
        // Spring '26 is 66, and Winter '27 comes in the autumn of 2026.
        let year = (version + 12) / 3 + u32::from(version % 3 == 2);
        json!({
            "label": format!("{season} '{year}"), "url": format!("/services/data/v{version}.0"),
            "version": format!("{version}.0"),
        })
    };
    VERSIONS.map(one).collect()
}

fn respond(answer: Answer, usage: Usage) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/json;charset=UTF-8");
    let used = HeaderValue::from_str(&format!("api-usage={}/{}", usage.used, usage.max));
    headers.extend(
        used.ok()
            .map(|used| (HeaderName::from_static("sforce-limit-info"), used)),
    );
    for (name, value) in answer.headers {
        let value = HeaderValue::from_str(&value).ok();
        headers.extend(HeaderName::from_bytes(name.as_bytes()).ok().zip(value));
    }
    if !answer.body.is_null() {
        headers.insert(header::CONTENT_TYPE, kind);
        *response.body_mut() = Body::from(answer.body.to_string());
    }
    response
}
