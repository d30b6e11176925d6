//! The embedded registry, asked as clients ask it.

mod client;

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
    router: Router,
}

impl Registry {
    fn new() -> Self {
        let limits = RegistryLimits {
            blob: 64,
            manifest: 1024,
            uploads: 2,
        };
        Self::with(limits)
    }

    fn with(limits: RegistryLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let router = router(folder.path(), limits, Arc::new(Doors)).unwrap();
        Self { folder, router }
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
async fn a_blob_comes_in_chunks() {
    let registry = Registry::new();
    let begun = registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await;
    let upload = location(&begun);
    insta::assert_snapshot!(told(begun).await, @r#"
    202
    location: an upload
    range: 0-0
    content-length: 0
    "#);
    insta::assert_snapshot!(registry.tell("PATCH", &upload, &[("content-range", "0-4")], "first").await, @r#"
    202
    location: an upload
    range: 0-4
    content-length: 0
    "#);
    // Out of order, too short for its range, and no range at all: nothing of it is acknowledged.
    insta::assert_snapshot!(registry.tell("PATCH", &upload, &[("content-range", "9-10")], "xy").await, @r#"
    416
    location: an upload
    range: 0-4
    content-length: 0
    "#);
    insta::assert_snapshot!(registry.tell("PATCH", &upload, &[("content-range", "5-20")], "xy").await, @r#"
    400
    content-type: application/json
    content-length: 99
    {"errors":[{"code":"SIZE_INVALID","message":"The bytes are not as many as `Content-Range` says."}]}
    "#);
    insta::assert_snapshot!(registry.tell("PATCH", &upload, &[("content-range", "five")], "xy").await, @r#"
    400
    content-type: application/json
    content-length: 110
    {"errors":[{"code":"BLOB_UPLOAD_INVALID","message":"`Content-Range` is `first-last`, both in bytes from 0."}]}
    "#);
    insta::assert_snapshot!(registry.tell("GET", &upload, &[], "").await, @r#"
    204
    location: an upload
    range: 0-4
    content-length: 0
    "#);
    insta::assert_snapshot!(registry.tell("PATCH", &upload, &[], "second").await, @r#"
    202
    location: an upload
    range: 0-10
    content-length: 0
    "#);
    let digest = Digest::of(b"firstsecondthird");
    let end = format!("{upload}?digest={digest}");
    insta::assert_snapshot!(registry.tell("PUT", &end, &[("content-range", "11-15")], "third").await, @r#"
    201
    location: /v2/acme/deck/blobs/sha256:e3d4c0477520a72cc8b8964a863330c8558c8e436b58386829bec0f9f2723241
    docker-content-digest: sha256:e3d4c0477520a72cc8b8964a863330c8558c8e436b58386829bec0f9f2723241
    content-length: 0
    "#);
    let blob = format!("/v2/acme/deck/blobs/{digest}");
    insta::assert_snapshot!(registry.tell("GET", &blob, &[], "").await, @r#"
    200
    content-type: application/octet-stream
    content-length: 16
    docker-content-digest: sha256:e3d4c0477520a72cc8b8964a863330c8558c8e436b58386829bec0f9f2723241
    firstsecondthird
    "#);
    insta::assert_snapshot!(registry.tell("HEAD", &blob, &[], "").await, @r#"
    200
    content-type: application/octet-stream
    content-length: 16
    docker-content-digest: sha256:e3d4c0477520a72cc8b8964a863330c8558c8e436b58386829bec0f9f2723241
    "#);
    insta::assert_snapshot!(registry.tell("GET", &upload, &[], "").await, @r#"
    404
    content-type: application/json
    content-length: 102
    {"errors":[{"code":"BLOB_UPLOAD_UNKNOWN","message":"There is no such upload here: begin a new one."}]}
    "#);
    assert_eq!(registry.unfinished(), 0);
}

#[tokio::test]
async fn an_upload_that_fails_leaves_nothing_behind() {
    let registry = Registry::new();
    let other = Digest::of(b"other");
    let whole = format!("/v2/acme/deck/blobs/uploads/?digest={other}");
    insta::assert_snapshot!(registry.tell("POST", &whole, &[], "bytes").await, @r#"
    400
    content-type: application/json
    content-length: 262
    {"errors":[{"code":"DIGEST_INVALID","message":"The bytes are those of sha256:277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9: send those of sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa, or ask for the right digest."}]}
    "#);
    insta::assert_snapshot!(registry.tell("POST", &whole, &[], "b".repeat(65)).await, @r#"
    413
    content-type: application/json
    content-length: 92
    {"errors":[{"code":"SIZE_INVALID","message":"More than the 64 bytes that are taken here."}]}
    "#);
    insta::assert_snapshot!(registry.tell("POST", "/v2/acme/deck/blobs/uploads/?digest=md5:0", &[], "b").await, @r#"
    400
    content-type: application/json
    content-length: 128
    {"errors":[{"code":"DIGEST_INVALID","message":"`md5:0` is not a digest: write `sha256:` and 64 lower-case hexadecimal digits"}]}
    "#);
    let broken = || Body::from_stream(futures_util::stream::iter([Ok(Bytes::from_static(b"by")), Err("gone")]));
    assert_eq!(registry.ask("POST", &whole, &[], broken()).await.status(), 400);
    for method in ["PATCH", "PUT"] {
        let upload = location(&registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await);
        assert_eq!(
            registry
                .ask(method, &format!("{upload}?digest={other}"), &[], broken())
                .await
                .status(),
            400
        );
        assert_eq!(registry.ask("GET", &upload, &[], "").await.status(), 404, "{method}");
    }
    let upload = location(&registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await);
    assert_eq!(registry.ask("PATCH", &upload, &[], "some").await.status(), 202);
    assert_eq!(registry.ask("DELETE", &upload, &[], "").await.status(), 204);
    assert_eq!(registry.unfinished(), 0);
    let blob = format!("/v2/acme/deck/blobs/{other}");
    assert_eq!(registry.ask("HEAD", &blob, &[], "").await.status(), 404);
}

#[tokio::test]
async fn what_was_acknowledged_can_be_continued() {
    let registry = Registry::new();
    let upload = location(&registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await);
    assert_eq!(registry.ask("PATCH", &upload, &[], "first").await.status(), 202);
    let broken = Body::from_stream(futures_util::stream::iter([
        Ok(Bytes::from_static(b"sec")),
        Err("gone"),
    ]));
    assert_eq!(registry.ask("PATCH", &upload, &[], broken).await.status(), 400);
    let status = registry.ask("GET", &upload, &[], "").await;
    assert_eq!(status.headers()["range"], "0-4");
    let end = format!("{upload}?digest={}", Digest::of(b"firstsecond"));
    assert_eq!(
        registry
            .ask("PUT", &end, &[("content-range", "5-10")], "second")
            .await
            .status(),
        201
    );
}

#[tokio::test]
async fn uploads_are_counted_and_belong_to_a_repository() {
    let registry = Registry::new();
    let upload = location(&registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await);
    let elsewhere = upload.replace("/deck/", "/other/");
    assert_eq!(registry.ask("PATCH", &elsewhere, &[], "x").await.status(), 404);
    registry.ask("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await;
    insta::assert_snapshot!(registry.tell("POST", "/v2/acme/deck/blobs/uploads/", &[], "").await, @r#"
    429
    content-type: application/json
    content-length: 121
    {"errors":[{"code":"TOOMANYREQUESTS","message":"Too many uploads are open: finish or cancel some, or try again later."}]}
    "#);
}

#[tokio::test]
async fn a_blob_is_mounted_only_from_where_it_is() {
    let registry = Registry::new();
    let digest = registry.blob("layer").await;
    let mount = |from: &str| format!("/v2/acme/copy/blobs/uploads/?mount={digest}&from={from}");
    for (from, status) in [("acme/none", 202), ("../..", 202), ("acme/deck", 201)] {
        assert_eq!(
            registry.ask("POST", &mount(from), &[], "").await.status(),
            status,
            "{from}"
        );
    }
    let (copy, original) = (
        format!("/v2/acme/copy/blobs/{digest}"),
        format!("/v2/acme/deck/blobs/{digest}"),
    );
    assert_eq!(registry.ask("DELETE", &original, &[], "").await.status(), 202);
    assert_eq!(registry.ask("DELETE", &original, &[], "").await.status(), 404);
    assert!(registry.tell("GET", &copy, &[], "").await.ends_with("layer"));
}

#[tokio::test]
async fn a_manifest_is_pushed_read_and_deleted() {
    let registry = Registry::new();
    let (digest, pushed) = registry.manifest("1.0.0", json!({})).await;
    insta::assert_snapshot!(told(pushed).await, @r#"
    201
    location: /v2/acme/deck/manifests/1.0.0
    docker-content-digest: sha256:a6a1d2d827153eb646f622e0ea13020fce08676bf5393fd6dd980280aaf065d6
    oci-tag: 1.0.0
    content-length: 0
    "#);
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/manifests/1.0.0", &[], "").await, @r#"
    200
    content-type: application/vnd.oci.image.manifest.v1+json
    docker-content-digest: sha256:a6a1d2d827153eb646f622e0ea13020fce08676bf5393fd6dd980280aaf065d6
    content-length: 357
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[{"mediaType":"text/plain","digest":"sha256:dac1d7cfa95021764849fd102524e141488c5e3a90f861dbb5a12d9ac8584f85","size":5}]}
    "#);
    let path = format!("/v2/acme/deck/manifests/{digest}");
    insta::assert_snapshot!(registry.tell("HEAD", &path, &[], "").await, @r#"
    200
    content-type: application/vnd.oci.image.manifest.v1+json
    docker-content-digest: sha256:a6a1d2d827153eb646f622e0ea13020fce08676bf5393fd6dd980280aaf065d6
    content-length: 357
    "#);
    assert_eq!(
        registry
            .manifest("DIGEST?tag=a&tag=b", json!({}))
            .await
            .1
            .headers()
            .get_all("oci-tag")
            .iter()
            .count(),
        2
    );
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/tags/list", &[], "").await, @r#"
    200
    content-type: application/json
    content-length: 45
    {"name":"acme/deck","tags":["1.0.0","a","b"]}
    "#);
    assert_eq!(
        registry
            .ask("DELETE", "/v2/acme/deck/manifests/a", &[], "")
            .await
            .status(),
        202
    );
    assert_eq!(registry.ask("GET", &path, &[], "").await.status(), 200);
    assert_eq!(registry.ask("DELETE", &path, &[], "").await.status(), 202);
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/manifests/b", &[], "").await, @r#"
    404
    content-type: application/json
    content-length: 90
    {"errors":[{"code":"MANIFEST_UNKNOWN","message":"This repository has no such manifest."}]}
    "#);
    assert_eq!(registry.ask("DELETE", &path, &[], "").await.status(), 404);
}

#[tokio::test]
async fn a_manifest_that_cannot_be_whole_is_refused() {
    let registry = Registry::new();
    let missing = json!({"layers": [{"mediaType": "text/plain", "digest": Digest::of(b"missing"), "size": 7}]});
    insta::assert_snapshot!(told(registry.manifest("1", missing).await.1).await, @r#"
    400
    content-type: application/json
    content-length: 201
    {"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"The manifest names sha256:ffa63583dfa6706b87d284b86b0d693a161e4840aad2c5cf6b5d27c3b9621f7d, which this repository does not have: push it first."}]}
    "#);
    let refused = [
        ("an index too", json!({"manifests": []}), "1", 400),
        ("version 1", json!({"schemaVersion": 1}), "1", 400),
        ("another type", json!({"mediaType": INDEX}), "1", 400),
        (
            "sha1",
            json!({"layers": [{"mediaType": "a/b", "digest": "sha1:00", "size": 7}]}),
            "1",
            400,
        ),
        ("too large", json!({"annotations": {"a": "a".repeat(1024)}}), "1", 413),
        (
            "another digest",
            json!({}),
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
            400,
        ),
        ("no tag", json!({}), ".hidden", 400),
    ];
    for (what, extra, reference, status) in refused {
        assert_eq!(registry.manifest(reference, extra).await.1.status(), status, "{what}");
    }
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/tags/list", &[], "").await, @r#"
    200
    content-type: application/json
    content-length: 30
    {"name":"acme/deck","tags":[]}
    "#);
    // Layers that may not be distributed, and manifests that come later, need not be there.
    let elsewhere = json!({"layers": [{"mediaType": "a/b", "digest": Digest::of(b"x"), "size": 1, "urls": ["u"]}]});
    assert_eq!(registry.manifest("1", elsewhere).await.1.status(), 201);
    let sparse =
        json!({"schemaVersion": 2, "manifests": [{"mediaType": MANIFEST, "digest": Digest::of(b"x"), "size": 1}]});
    let put = registry.ask(
        "PUT",
        "/v2/acme/deck/manifests/sparse",
        &[("content-type", INDEX)],
        sparse.to_string(),
    );
    assert_eq!(put.await.status(), 201);
}

#[tokio::test]
async fn referrers_are_listed_with_and_without_their_subject() {
    let registry = Registry::new();
    let subject = Digest::of(b"pushed later");
    let path = format!("/v2/acme/deck/referrers/{subject}");
    assert!(registry.tell("GET", &path, &[], "").await.contains(r#""manifests":[]"#));
    let refers = json!({
        "artifactType": "a/signature",
        "subject": {"mediaType": MANIFEST, "digest": subject, "size": 1},
        "annotations": {"k": "v"},
    });
    let (digest, pushed) = registry.manifest("DIGEST", refers).await;
    assert_eq!(pushed.headers()["oci-subject"], subject.to_string());
    insta::assert_snapshot!(registry.tell("GET", &path, &[], "").await, @r#"
    200
    content-type: application/vnd.oci.image.index.v1+json
    content-length: 293
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:11bc6e89659a0471d3e63eaa4a7aed98e161c324e80ea409ab0dc108fdee61a0","size":571,"artifactType":"a/signature","annotations":{"k":"v"}}]}
    "#);
    insta::assert_snapshot!(registry.tell("GET", &format!("{path}?artifactType=a/other"), &[], "").await, @r#"
    200
    content-type: application/vnd.oci.image.index.v1+json
    oci-filters-applied: artifactType
    content-length: 88
    {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}
    "#);
    assert!(
        registry
            .tell("GET", &format!("{path}?artifactType=a/signature"), &[], "")
            .await
            .contains("a/signature")
    );
    assert_eq!(
        registry
            .ask("GET", "/v2/acme/deck/referrers/sha256:0", &[], "")
            .await
            .status(),
        400
    );
    registry
        .ask("DELETE", &format!("/v2/acme/deck/manifests/{digest}"), &[], "")
        .await;
    assert!(registry.tell("GET", &path, &[], "").await.contains(r#""manifests":[]"#));
}

#[tokio::test]
async fn tags_come_in_pages() {
    let registry = Registry::new();
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/tags/list", &[], "").await, @r#"
    404
    content-type: application/json
    content-length: 81
    {"errors":[{"code":"NAME_UNKNOWN","message":"There is no such repository yet."}]}
    "#);
    for tag in ["b", "a", "C", "d"] {
        registry.manifest(tag, json!({})).await;
    }
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/tags/list?n=2", &[], "").await, @r#"
    200
    content-type: application/json
    link: </v2/acme/deck/tags/list?n=2&last=a>; rel="next"
    content-length: 37
    {"name":"acme/deck","tags":["C","a"]}
    "#);
    for (query, tags) in [
        ("n=0", "[]"),
        ("last=a", r#"["b","d"]"#),
        ("n=9&last=b", r#"["d"]"#),
        ("last=z", "[]"),
    ] {
        let told = registry
            .tell("GET", &format!("/v2/acme/deck/tags/list?{query}"), &[], "")
            .await;
        assert!(told.ends_with(&format!(r#""tags":{tags}}}"#)), "{query}: {told}");
        assert!(!told.contains("link:"), "{query}: {told}");
    }
    assert_eq!(
        registry
            .ask("GET", "/v2/acme/deck/tags/list?n=x", &[], "")
            .await
            .status(),
        400
    );
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

#[tokio::test]
async fn a_damaged_manifest_is_not_served() {
    let registry = Registry::new();
    let (digest, _) = registry.manifest("1.0.0", json!({})).await;
    let file = registry
        .folder
        .path()
        .join("repositories/acme/deck/manifests")
        .join(digest.hex());
    let mut content = std::fs::read(&file).unwrap();
    *content.last_mut().unwrap() = b' ';
    std::fs::write(&file, content).unwrap();
    insta::assert_snapshot!(registry.tell("GET", "/v2/acme/deck/manifests/1.0.0", &[], "").await, @r#"
    500
    content-type: application/json
    content-length: 97
    {"errors":[{"code":"UNKNOWN","message":"The registry cannot use its folder: ask its operator."}]}
    "#);
}

#[test]
fn what_nobody_may_see_is_not_printed() {
    let shown = format!("{:?} {:?}", Credentials::new("hunter2".to_owned()), Method::GET);
    assert!(!shown.contains("hunter2"));
}
