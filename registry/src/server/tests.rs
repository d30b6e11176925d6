//! The embedded registry, asked as clients ask it.

mod client;
mod keeping;
mod manifests;
mod uploads;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt as _;
use serde_json::json;
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::*;
use crate::digest::Digest;
use crate::layout::{EMPTY, INDEX, MANIFEST};

/// `publisher` may write to `acme`, `reader` may read, and nobody else is known.
struct Doors;

#[async_trait]
impl Doorkeeper for Doors {
    async fn admit(&self, credentials: Option<Credentials>, action: Action) -> Result<Who, Denial> {
        let secret = credentials.as_ref().map(Credentials::secret);
        let own = action.repository.is_none_or(|name| name.namespace().as_str() == "acme");
        match (secret, action.access) {
            (Some("publisher"), Access::Write) if own => Ok(Who("publisher".to_owned())),
            (Some("publisher" | "reader"), Access::Read) => Ok(Who("reader".to_owned())),
            (Some("publisher" | "reader"), Access::Write) => Err(Denial::Forbidden),
            (Some("store is down"), _) => Err(Denial::Unavailable),
            _ => Err(Denial::Unknown),
        }
    }
}

/// A registry in a folder of its own.
struct Registry {
    folder: TempDir,
    store: Arc<Store>,
    router: Router,
}

impl Registry {
    fn new() -> Self {
        let limits = RegistryLimits {
            blob: 64,
            manifest: 1024,
            uploads: 2,
            ..RegistryLimits::default()
        };
        Self::with(limits)
    }

    fn with(limits: RegistryLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::over(folder, limits)
    }

    fn over(folder: TempDir, limits: RegistryLimits) -> Self {
        let server = Server::open(folder.path(), limits, Arc::new(Doors)).unwrap();
        let store = Arc::clone(&server.store);
        let router = server.router();
        Self { folder, store, router }
    }

    /// Asks as the publisher.
    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
        let login = format!("Basic {}", STANDARD.encode("anybody:publisher"));
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", login);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router
            .clone()
            .oneshot(request.body(body.into()).unwrap())
            .await
            .unwrap()
    }

    /// The same, as text.
    async fn tell(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> String {
        told(self.ask(method, path, headers, body).await).await
    }

    /// Pushes a blob in one piece.
    async fn blob(&self, bytes: &'static str) -> Digest {
        let digest = Digest::of(bytes.as_bytes());
        let path = format!("/v2/acme/deck/blobs/uploads/?digest={digest}");
        assert_eq!(self.ask("POST", &path, &[], bytes).await.status(), 201);
        digest
    }

    /// Pushes a manifest with the blobs `{}` and `layer`.
    async fn manifest(&self, reference: &str, extra: serde_json::Value) -> (Digest, Response) {
        let (config, layer) = (self.blob("{}").await, self.blob("layer").await);
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": EMPTY, "digest": config, "size": 2},
            "layers": [{"mediaType": "text/plain", "digest": layer, "size": 5}],
        });
        manifest
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let digest = Digest::of(manifest.to_string().as_bytes());
        let path = format!(
            "/v2/acme/deck/manifests/{}",
            reference.replace("DIGEST", &digest.to_string())
        );
        let answer = self
            .ask("PUT", &path, &[("content-type", MANIFEST)], manifest.to_string())
            .await;
        (digest, answer)
    }

    fn unfinished(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("unfinished"))
            .unwrap()
            .count()
    }
}

/// An answer as text: status, the headers that matter, the body. Names of uploads are left out.
async fn told(answer: Response) -> String {
    let mut text = answer.status().as_u16().to_string();
    for (name, value) in answer.headers() {
        let value = value.to_str().unwrap();
        match name.as_str() {
            "docker-upload-uuid" => {}
            "location" if value.contains("/uploads/") => text += "\nlocation: an upload",
            name => text += &format!("\n{name}: {value}"),
        }
    }
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    format!("{text}\n{}", String::from_utf8_lossy(&body))
        .trim_end()
        .to_owned()
}

fn location(answer: &Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn logging_in_works_as_everywhere() {
    let registry = Registry::new();
    let ask = async |authorization: &str| {
        let request = Request::get("/v2/")
            .header("authorization", authorization)
            .body(Body::empty())
            .unwrap();
        told(registry.router.clone().oneshot(request).await.unwrap()).await
    };
    let basic = |password: &str| format!("Basic {}", STANDARD.encode(format!("user:{password}")));
    assert!(ask(&basic("reader")).await.starts_with("200"));
    assert!(ask("Bearer reader").await.starts_with("200"));
    insta::assert_snapshot!(ask(&basic("guess")).await, @r#"
    401
    content-type: application/json
    www-authenticate: Basic realm="skillhost", charset="UTF-8"
    content-length: 103
    {"errors":[{"code":"UNAUTHORIZED","message":"Log in with any user name and a token as the password."}]}
    "#);
    insta::assert_snapshot!(ask("Bearer store is down").await, @r#"
    503
    content-type: application/json
    content-length: 102
    {"errors":[{"code":"UNAVAILABLE","message":"Nobody can say now whether this is allowed: try again."}]}
    "#);
    for nonsense in ["", "Basic", "Basic !", "Digest reader", "Bearer"] {
        assert!(ask(nonsense).await.starts_with("401"), "{nonsense}");
    }
}

#[tokio::test]
async fn nobody_comes_in_unasked() {
    let registry = Registry::new();
    let paths = [
        "",
        "blobs/x",
        "blobs/uploads/",
        "blobs/uploads/x",
        "manifests/x",
        "tags/list",
        "tags/list?n=x",
        "referrers/x",
        "x/y/z",
    ];
    for path in paths {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            let request = Request::builder().method(method).uri(format!("/v2/acme/deck/{path}"));
            let answer = registry
                .router
                .clone()
                .oneshot(request.body(Body::empty()).unwrap())
                .await
                .unwrap();
            assert_eq!(answer.status(), 401, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn publishers_write_to_their_own_namespaces() {
    let registry = Registry::new();
    insta::assert_snapshot!(registry.tell("POST", "/v2/other/deck/blobs/uploads/", &[], "").await, @r#"
    403
    content-type: application/json
    content-length: 117
    {"errors":[{"code":"DENIED","message":"This token may not do this here: publishers write to their own namespaces."}]}
    "#);
    insta::assert_snapshot!(registry.tell("POST", "/v2/acme/Deck/blobs/uploads/", &[], "").await, @r#"
    404
    content-type: application/json
    content-length: 123
    {"errors":[{"code":"NAME_INVALID","message":"`Deck` cannot be a name: use 1 to 64 of a-z, 0-9 and single hyphens inside"}]}
    "#);
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/a/b/tags/list", &[], "").await, @r#"
    404
    content-type: application/json
    content-length: 150
    {"errors":[{"code":"NAME_UNKNOWN","message":"There is nothing here: repositories are `/v2/{namespace}/{name}/`, two names of a-z, 0-9 and hyphens."}]}
    "#);
    insta::assert_snapshot!(registry.tell("POST", "/v2/acme/deck/tags/list", &[], "").await, @r#"
    405
    content-type: application/json
    allow: GET,HEAD
    content-length: 84
    {"errors":[{"code":"UNSUPPORTED","message":"This path does not have this method."}]}
    "#);
}

#[tokio::test]
async fn what_was_left_unfinished_is_gone_at_the_next_start() {
    let registry = Registry::new();
    let upload = location(&registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await);
    registry.ask("PATCH", &upload, &[], "some").await;
    registry.manifest("1.0.0", json!({})).await;
    assert_eq!(registry.unfinished(), 1);
    let again = router(registry.folder.path(), RegistryLimits::default(), Arc::new(Doors)).unwrap();
    assert_eq!(registry.unfinished(), 0);
    let request = Request::get("/v2/acme/deck/manifests/1.0.0").header("authorization", "Bearer reader");
    let answer = again.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[test]
fn what_nobody_may_see_is_not_printed() {
    let shown = format!("{:?} {:?}", Credentials::new("hunter2".to_owned()), Method::GET);
    assert!(!shown.contains("hunter2"));
}
