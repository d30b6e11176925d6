//! A service on loopback, where its tokens come from, and a whole gate before it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::call::http::{Headers, HttpCall};
use gate::{
    About, Action, Bottomless, Call, Gate, Halt, HostSecret, Journal, Limits, MemoryJournal, Mode, Outcome, Parts,
    Reply, Run, RunKey, RunSecret, SystemClock,
};
use registry::Digest;
use support::server::Server;
use support::traffic::Traffic;
use tempfile::TempDir;
use uuid::Uuid;

use crate::binding::Outside;
use crate::config::Config;

/// Planted in every credential.
pub(super) const CANARY: &str = "canary-credential-4711";

/// What runs.
pub(super) const ARTIFACT: &[u8] = b"artifact";

/// A service that acts on whatever carries the right credential, where its tokens come from, and a gate before it.
pub(super) struct Place {
    pub(super) folder: TempDir,
    pub(super) address: SocketAddr,
    pub(super) traffic: Traffic,
    pub(super) tokens: Arc<AtomicUsize>,
    pub(super) outside: Outside,
    pub(super) journal: Arc<MemoryJournal>,
    pub(super) run: Run,
    pub(super) calls: u32,
}

/// What comes of `login`, besides replies that are always the same.
fn service(tokens: &Arc<AtomicUsize>) -> Router {
    let fetched = Arc::clone(tokens);
    let token = move |headers: HeaderMap, body: String| async move {
        let number = fetched.fetch_add(1, Ordering::SeqCst) + 1;
        let client = format!("client:{CANARY}-secret");
        let right = format!("Basic {}", STANDARD.encode(client));
        if headers.get("authorization").is_none_or(|sent| sent != right.as_str()) {
            return (StatusCode::UNAUTHORIZED, r#"{"error":"invalid_client"}"#.to_owned());
        }
        let token = format!(r#"{{"access_token":"{CANARY}-token-{number}","token_type":"bearer","scope":"{body}"}}"#);
        (StatusCode::OK, token)
    };
    let echo = |headers: HeaderMap| async move {
        let sent = headers.get("authorization").cloned();
        let sent = sent.map(|sent| sent.to_str().unwrap().to_owned()).unwrap_or_default();
        let pair = sent.trim_start_matches("Basic ").as_bytes();
        format!("{sent} {} {}", hex::encode(pair), STANDARD.encode(pair))
    };
    Router::new()
        .route("/token", post(token))
        .route("/api/wait", any(async || later(StatusCode::SERVICE_UNAVAILABLE)))
        .route("/api/busy", any(async || later(StatusCode::TOO_MANY_REQUESTS)))
        .route(
            "/api/elsewhere",
            get(async || (StatusCode::FOUND, [(header::LOCATION, "http://169.254.169.254/")])),
        )
        .route("/api/large", get(async || vec![b'x'; 2 << 20]))
        .route("/api/echo", any(echo))
        .route("/api/never", any(async || StatusCode::UNAUTHORIZED))
        .route("/api/second", any(second))
        .fallback(async || "done")
}

fn later(status: StatusCode) -> Response {
    (status, [(header::RETRY_AFTER, "7")], "later").into_response()
}

/// Takes the second token that was fetched and no other.
async fn second(headers: HeaderMap) -> StatusCode {
    let right = format!("Bearer {CANARY}-token-2");
    match headers.get("authorization").is_some_and(|sent| sent == right.as_str()) {
        true => StatusCode::CREATED,
        false => StatusCode::UNAUTHORIZED,
    }
}

pub(super) const BASIC: &str = r#"{ basic = { user = "me", password = { file = "SECRET" } } }"#;
pub(super) const OAUTH: &str = r#"{ oauth2 = { grant = "client-credentials", token-url = "TOKENS", client-id = "client", client-secret = { file = "SECRET-secret" } } }"#;

impl Place {
    pub(super) async fn new(credential: &str) -> Self {
        let tokens = Arc::new(AtomicUsize::new(0));
        let (address, traffic) = Server::new("service", service(&tokens)).start().await.unwrap();
        Self::at(credential, address, traffic, tokens).await
    }

    pub(super) async fn at(credential: &str, address: SocketAddr, traffic: Traffic, tokens: Arc<AtomicUsize>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("canary");
        std::fs::write(&secret, format!("{CANARY}\n")).unwrap();
        std::fs::write(folder.path().join("canary-secret"), format!("{CANARY}-secret\n")).unwrap();
        let credential = credential
            .replace("SECRET", secret.to_str().unwrap())
            .replace("TOKENS", &format!("http://{address}/token"));
        let text = format!(
            r#"[tenants.default.http.service]
            url = "http://{address}/api"
            plain-http = true
            private-networks = ["127.0.0.0/8"]
            read = ["POST /search"]
            idempotency = {{ header = "Idempotency-Key", window = "24h", methods = ["PUT"] }}
            timeout = "2s"
            credential = {credential}"#
        );
        let config: Config = toml::from_str(&text).unwrap();
        let outside = Outside::open(&config.tenants, &[7; 32]).unwrap();
        outside.policies.replace("default", &[grant()], "").unwrap();
        let journal = Arc::new(MemoryJournal::default());
        let run = gate(&outside, &journal).open(about(1), Mode::Live).await.unwrap();
        Self {
            folder,
            address,
            traffic,
            tokens,
            outside,
            journal,
            run,
            calls: 0,
        }
    }

    /// Calls through the gate, and says in a line what came of it and how often the service saw it.
    pub(super) async fn call(&mut self, method: &str, target: &str, headers: &[(&str, &str)]) -> String {
        let before = self.traffic.seen().len();
        let returned = self.returned(method, target, headers).await;
        let seen = self.traffic.seen();
        let seen = seen
            .iter()
            .skip(before)
            .filter(|seen| seen.path.starts_with("/api"))
            .count();
        format!("{method} {target}: {} (seen {seen})", told(&returned))
    }

    pub(super) async fn returned(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
    ) -> Result<Outcome, Halt> {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let http = HttpCall::new(method, target, Headers::new(headers).unwrap(), b"body".to_vec().into()).unwrap();
        self.calls += 1;
        let call = Call {
            number: self.calls,
            fuel: 0,
            binding: "service".to_owned(),
            action: Action::Http(http),
        };
        let gate = gate(&self.outside, &self.journal);
        gate.call(&mut self.run, call).await.map(|returned| returned.outcome)
    }
}

pub(super) fn gate(outside: &Outside, journal: &Arc<MemoryJournal>) -> Gate {
    let journal: Arc<dyn Journal> = journal.clone();
    Gate::new(Parts {
        journal,
        policies: Arc::clone(&outside.policies),
        dlp: Arc::clone(&outside.dlp),
        bindings: Arc::clone(&outside.bindings),
        purse: Arc::new(Bottomless),
        audience: Arc::new(gate::Nobody),
        clock: Arc::new(SystemClock),
        secret: HostSecret::new([7; 32]),
    })
}

pub(super) fn grant() -> gate::Grant {
    gate::Grant {
        approval: "1".to_owned(),
        skill: "acme/skill".to_owned(),
        digest: Digest::of(ARTIFACT).to_string(),
        binding: gate::Binding {
            kind: "http".to_owned(),
            name: "service".to_owned(),
        },
        ask: false,
        methods: Vec::new(),
        paths: Vec::new(),
    }
}

pub(super) fn about(run: u128) -> About {
    About {
        key: RunKey {
            tenant: "default".to_owned(),
            run: Uuid::from_u128(run),
        },
        skill: "acme/skill".to_owned(),
        digest: Digest::of(ARTIFACT).to_string(),
        tool: "try".to_owned(),
        by: "agent".to_owned(),
        secret: RunSecret::new([9; 32]),
        limits: Limits {
            reply_bytes: 1 << 20,
            ..Limits::default()
        },
    }
}

fn told(returned: &Result<Outcome, Halt>) -> String {
    match returned {
        Ok(Outcome::Reply(Reply::Http(reply))) => {
            let later = reply.headers.get("retry-after").map(|later| format!(", later {later}"));
            format!("reply {}{}", reply.status, later.unwrap_or_default())
        }
        Ok(Outcome::Reply(Reply::Model(_))) => "a model's reply".to_owned(),
        Ok(Outcome::Failed(failed)) => {
            let again = if failed.retryable { ", retryable" } else { "" };
            format!("failed {}{again}", failed.code)
        }
        Ok(Outcome::Refused(refusal)) => format!("refused {}", refusal.code),
        Err(Halt::Stop(stop)) => format!("stop {}", stop.code),
        Err(Halt::Suspend(_)) => "suspended".to_owned(),
    }
}
