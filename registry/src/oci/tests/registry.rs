//! A registry on loopback whose every answer a test may replace.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LINK, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderName, StatusCode};
use serde_json::{Value, json};

use crate::digest::Digest;
use crate::layout::{Attachment, BUNDLE, Descriptor, INDEX, MANIFEST, Package};

/// Makes one answer, given the value of `Authorization`.
pub(super) type Answer = Arc<dyn Fn(&str) -> Response + Send + Sync>;

/// A skill with one signature, and the answers to every path that a pull asks for.
pub(super) struct Registry {
    pub(super) package: Package,
    pub(super) attachment: Attachment,
    answers: HashMap<String, Answer>,
}

/// A registry that listens.
pub(super) struct Running {
    /// `127.0.0.1:port`
    pub(super) host: String,
    seen: Arc<Mutex<Vec<(String, String)>>>,
}

impl Registry {
    /// Artifact and signature lie where they should; the signature is listed by the registry.
    pub(super) fn good() -> Self {
        let (package, attachment) = crate::layout::tests::signed();
        let mut registry = Self {
            answers: HashMap::new(),
            package,
            attachment,
        };
        let (manifest, signature) = (
            registry.package.manifest().clone(),
            registry.attachment.manifest().clone(),
        );
        registry.put(&registry.path("manifest"), MANIFEST, &manifest);
        registry.put(&format!("manifests/{}", Digest::of(&manifest)), MANIFEST, &manifest);
        for blob in [
            registry.package.config(),
            registry.package.component(),
            registry.attachment.bundle(),
        ]
        .map(Bytes::clone)
        {
            registry.put(
                &format!("blobs/{}", Digest::of(&blob)),
                "application/octet-stream",
                &blob,
            );
        }
        registry.put(&registry.path("signature"), MANIFEST, &signature);
        let list = index([json!(registry.attachment.descriptor())]);
        registry.put(&registry.path("referrers"), INDEX, &list);
        registry
    }

    /// The six things that a pull reads.
    pub(super) const STEPS: [&'static str; 6] = ["manifest", "config", "component", "referrers", "signature", "bundle"];

    /// The path of one of them, below the repository.
    pub(super) fn path(&self, step: &str) -> String {
        let digest = |bytes: &Bytes| Digest::of(bytes);
        match step {
            "manifest" => "manifests/1.0.0".to_owned(),
            "config" => format!("blobs/{}", digest(self.package.config())),
            "component" => format!("blobs/{}", digest(self.package.component())),
            "bundle" => format!("blobs/{}", digest(self.attachment.bundle())),
            "signature" => format!("manifests/{}", digest(self.attachment.manifest())),
            "fallback" => format!("manifests/sha256-{}", self.package.digest().hex()),
            _ => format!("referrers/{}", self.package.digest()),
        }
    }

    /// Answers this path with these bytes.
    pub(super) fn put(&mut self, path: &str, content_type: &'static str, bytes: &[u8]) {
        let bytes = Bytes::copy_from_slice(bytes);
        self.set(path, move |_| ok(content_type, &bytes));
    }

    /// Answers this path like this.
    pub(super) fn set(&mut self, path: &str, answer: impl Fn(&str) -> Response + Send + Sync + 'static) {
        self.answers.insert(format!("/v2/acme/deck/{path}"), Arc::new(answer));
    }

    /// Answers one of the steps like this.
    pub(super) fn at(&mut self, step: &str, answer: impl Fn(&str) -> Response + Send + Sync + 'static) {
        self.set(&self.path(step), answer);
    }

    /// Answers this whole path, outside the repository.
    pub(super) fn outside(&mut self, path: &str, answer: impl Fn(&str) -> Response + Send + Sync + 'static) {
        self.answers.insert(path.to_owned(), Arc::new(answer));
    }

    /// Lets nobody see anything without this `Authorization`.
    pub(super) fn guard(&mut self, wanted: &'static str, challenge: &str) {
        for answer in self.answers.values_mut() {
            let (open, challenge) = (Arc::clone(answer), challenge.to_owned());
            *answer = Arc::new(move |authorization| {
                if authorization == wanted {
                    return open(authorization);
                }
                status(401, &[(WWW_AUTHENTICATE, &challenge)])
            });
        }
    }

    /// Moves the list of signatures from the registry's own to the tag that clients keep.
    pub(super) fn without_referrers(&mut self) {
        let list = index([json!(self.attachment.descriptor())]);
        self.answers
            .remove(&format!("/v2/acme/deck/{}", self.path("referrers")));
        self.put(&self.path("fallback"), INDEX, &list);
    }

    /// Starts to listen.
    pub(super) async fn listen(self) -> Running {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (answers, log) = (Arc::new(self.answers), Arc::clone(&seen));
        let app = Router::new().fallback(move |request: Request| {
            let authorization = request
                .headers()
                .get(AUTHORIZATION)
                .map_or("", |value| value.to_str().unwrap());
            log.lock()
                .unwrap()
                .push((request.uri().to_string(), authorization.to_owned()));
            let answer = answers.get(request.uri().path());
            let answer = answer.map_or_else(|| status(404, &[]), |answer| answer(authorization));
            async move { answer }
        });
        #[expect(clippy::disallowed_methods, reason = "no test waits for a silent client")]
        tokio::spawn(async move { axum::serve(listener, app).await });
        Running { host, seen }
    }
}

impl Running {
    /// The requests that came, each with its `Authorization`.
    pub(super) fn seen(&self) -> Vec<(String, String)> {
        self.seen.lock().unwrap().clone()
    }
}

/// A list of manifests.
pub(super) fn index(manifests: impl IntoIterator<Item = Value>) -> Bytes {
    let manifests: Vec<Value> = manifests.into_iter().collect();
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})
        .to_string()
        .into()
}

/// A list of so many signatures.
pub(super) fn many(count: usize) -> Bytes {
    index((0..count).map(|number| json!(Descriptor::of(BUNDLE, number.to_string().as_bytes()))))
}

pub(super) fn ok(content_type: &str, bytes: &Bytes) -> Response {
    ([(CONTENT_TYPE, content_type)], bytes.clone()).into_response()
}

pub(super) fn status(status: u16, headers: &[(HeaderName, &str)]) -> Response {
    let mut response = StatusCode::from_u16(status).unwrap().into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

pub(super) fn redirect(to: &str) -> Response {
    status(307, &[(LOCATION, to)])
}

/// Bytes without an end, as fast as they are read.
pub(super) fn endless() -> Response {
    let chunk = Bytes::from(vec![b' '; 1 << 16]);
    manifest_of(Body::from_stream(stream::repeat(chunk).map(Ok::<_, Infallible>)))
}

/// One byte, and then another a while later, for ever.
pub(super) fn drip() -> Response {
    let bytes = stream::repeat(Bytes::from_static(b" ")).then(|byte| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok::<_, Infallible>(byte)
    });
    manifest_of(Body::from_stream(bytes))
}

/// Headers, and then nothing.
pub(super) fn stall() -> Response {
    manifest_of(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()))
}

/// A body that ends before its length.
pub(super) fn break_off() -> Response {
    let mut response = manifest_of(Body::from_stream(stream::iter([
        Ok(Bytes::from_static(b"{")),
        Err(std::io::Error::other("gone")),
    ])));
    response.headers_mut().insert(CONTENT_LENGTH, 100.into());
    response
}

/// A body whose declared length is beyond every cap.
pub(super) fn declared() -> Response {
    let mut response = stall();
    response.headers_mut().insert(CONTENT_LENGTH, (1_u64 << 40).into());
    response
}

pub(super) fn compressed() -> Response {
    let mut response = ok(MANIFEST, &Bytes::from_static(b"\x1f\x8b"));
    response.headers_mut().insert(CONTENT_ENCODING, "gzip".parse().unwrap());
    response
}

/// A list that says there is more, at `next`.
pub(super) fn page(next: &str) -> Response {
    let mut response = ok(INDEX, &index([]));
    response
        .headers_mut()
        .insert(LINK, format!("<{next}>; rel=\"next\"").parse().unwrap());
    response
}

fn manifest_of(body: Body) -> Response {
    ([(CONTENT_TYPE, MANIFEST)], body).into_response()
}
