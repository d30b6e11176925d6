//! A whole host in this process, on a free port and in a fresh folder, and a client that speaks to it.

use std::net::SocketAddr;
use std::ops::Deref;
use std::path::Path;

use host::serve::{self, Running, Settings};
use host::store::Store;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A running host and the token of its first administrator.
pub(crate) struct House {
    /// Where it keeps everything, for as long as it lives.
    _folder: TempDir,
    pub(crate) admin: String,
    settings: Settings,
    running: Running,
    front: Front,
}

/// The front door of a host.
pub(crate) struct Front {
    address: SocketAddr,
    http: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl House {
    /// Makes a host and starts it.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// The same, with settings that differ.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
        let admin = serve::init(&data, &keys).await.unwrap().secret.reveal().to_owned();
        let mut settings = settings(folder.path());
        change(&mut settings);
        let running = serve::start(settings.clone()).await.unwrap();
        let front = Front::new(running.address());
        Self {
            _folder: folder,
            admin,
            settings,
            running,
            front,
        }
    }

    /// Ends it and starts it again on the same folders, with the same settings.
    pub(crate) async fn restart(self) -> Self {
        self.restart_after(|_| {}).await
    }

    /// The same, with something done to its folders in between.
    pub(crate) async fn restart_after(self, between: impl FnOnce(&Settings)) -> Self {
        self.running.shutdown().await.unwrap();
        between(&self.settings);
        let running = serve::start(self.settings.clone()).await.unwrap();
        let front = Front::new(running.address());
        Self { running, front, ..self }
    }

    /// What it keeps.
    pub(crate) fn store(&self) -> &Store {
        self.running.store()
    }

    /// Ends it.
    pub(crate) async fn shutdown(self) {
        self.running.shutdown().await.unwrap();
    }

    /// Another tenant; returns the token of its first administrator.
    pub(crate) async fn tenant(&self, name: &str) -> String {
        let reply = self.post("/v1/tenants", &self.admin, &json!({"name": name})).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
        reply.json()["token"].as_str().unwrap().to_owned()
    }
}

impl Deref for House {
    type Target = Front;

    fn deref(&self) -> &Front {
        &self.front
    }
}

impl Front {
    /// The front door at this address.
    pub(crate) fn new(address: SocketAddr) -> Self {
        registry::install_tls_provider();
        let http = reqwest::Client::builder().build().unwrap();
        Self { address, http }
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A request with this token; none where it is empty.
    pub(crate) fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("http://{}{path}", self.address()));
        if token.is_empty() {
            request
        } else {
            request.bearer_auth(token)
        }
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        Reply::of(self.request(Method::GET, path, token)).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Reply {
        Reply::of(self.request(Method::POST, path, token).json(body)).await
    }

    /// A token of the administrator's tenant.
    pub(crate) async fn token(&self, admin: &str, roles: &[&str], publisher: Option<&str>) -> String {
        let wanted = json!({"name": roles.join(" and "), "roles": roles, "publisher": publisher});
        let reply = self.post("/v1/tokens", admin, &wanted).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
        reply.json()["token"].as_str().unwrap().to_owned()
    }
}

impl Reply {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let mut response = request.send().await.unwrap();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.unwrap() {
            body.extend_from_slice(&chunk);
        }
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            body,
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("this is no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn settings(folder: &Path) -> Settings {
    let mut settings = Settings::new(folder.join("data"), folder.join("keys"));
    settings.listen.set_port(0);
    settings.program = env!("CARGO_BIN_EXE_skillhost").into();
    settings
}
