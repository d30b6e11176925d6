//! The API through its front door: who may do what, what is refused and how, and what lasts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use reqwest::{Method, StatusCode, header};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::house::{House, Reply};

/// A new route is a new line here: say who may use it, and look twice.
#[tokio::test]
async fn every_route_is_tried_as_nobody_as_each_role_and_as_another_tenant() {
    let house = House::start().await;
    let mut tokens = vec![("nobody", String::new())];
    for role in ["agent", "approver", "auditor"] {
        tokens.push((role, house.token(&house.admin, &[role], None).await));
    }
    tokens.push((
        "publisher",
        house.token(&house.admin, &["publisher"], Some("acme")).await,
    ));
    tokens.push(("admin", house.admin.clone()));
    tokens.push(("stranger", house.tenant("other").await));

    let document = house.get("/openapi.json", "").await.json();
    let mut table = String::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let mut let_in = Vec::new();
            for (who, token) in &tokens {
                let reply = Reply::of(house.request(method.clone(), &filled(path), token).json(&json!({}))).await;
                if is_let_in(&reply, who) {
                    let_in.push(*who);
                }
            }
            writeln!(table, "{method} {path}: {}", let_in.join(" ")).unwrap();
        }
    }
    insta::assert_snapshot!(table, @r"
    GET /healthz: nobody agent approver auditor publisher admin stranger
    GET /openapi.json: nobody agent approver auditor publisher admin stranger
    GET /readyz: nobody agent approver auditor publisher admin stranger
    GET /v1/approvals: approver auditor admin stranger
    POST /v1/approvals: approver admin stranger
    POST /v1/approvals/{digest}/revoke: approver admin stranger
    GET /v1/consents: approver auditor admin stranger
    POST /v1/consents/{id}: approver admin stranger
    POST /v1/digests/{digest}/revoke: admin
    POST /v1/files: agent admin stranger
    GET /v1/files/{sha256}: agent auditor admin stranger
    POST /v1/inspections: approver admin stranger
    GET /v1/pending: approver auditor admin stranger
    POST /v1/pending: approver admin stranger
    GET /v1/publishers: approver auditor publisher admin stranger
    POST /v1/publishers: admin
    GET /v1/publishers/{publisher}: approver auditor publisher admin stranger
    POST /v1/publishers/{publisher}/keys: admin
    POST /v1/publishers/{publisher}/keys/{key}/revoke: admin
    POST /v1/publishers/{publisher}/revoke: admin
    GET /v1/runs: agent auditor admin stranger
    GET /v1/runs/{id}: agent auditor admin stranger
    POST /v1/runs/{id}/cancel: agent admin stranger
    GET /v1/runs/{id}/events: auditor admin stranger
    GET /v1/runs/{id}/files/{name}: agent auditor admin stranger
    GET /v1/runs/{id}/journal: auditor admin stranger
    GET /v1/runs/{id}/logs: auditor admin stranger
    POST /v1/runs/{id}/resolve: approver admin stranger
    GET /v1/skills: agent approver auditor publisher admin stranger
    GET /v1/skills/{namespace}/{name}: agent approver auditor publisher admin stranger
    POST /v1/skills/{namespace}/{name}/rollback: approver admin stranger
    POST /v1/skills/{namespace}/{name}/tools/{tool}: agent admin stranger
    GET /v1/tenants: admin
    POST /v1/tenants: admin
    GET /v1/tenants/usage: admin
    GET /v1/tokens: auditor admin stranger
    POST /v1/tokens: admin stranger
    GET /v1/tokens/self: agent approver auditor publisher admin stranger
    POST /v1/tokens/{id}/revoke: admin stranger
    POST /v1/trials: approver admin stranger
    GET /v1/trust-policy: auditor admin stranger
    GET /v1/usage: auditor admin stranger
    ");
}

#[tokio::test]
async fn what_is_somebody_elses_looks_like_what_is_not_there() {
    let house = House::start().await;
    let stranger = house.tenant("other").await;
    let file = Reply::of(
        house
            .request(Method::POST, "/v1/files?name=a.txt", &house.admin)
            .body("mine"),
    )
    .await
    .json();
    let token = house.get("/v1/tokens/self", &house.admin).await.json();
    let (sha256, id) = (file["sha256"].as_str().unwrap(), token["id"].as_str().unwrap());
    let missing = "0".repeat(64);
    let no_id = "00000000-0000-7000-8000-000000000000";
    for (method, theirs, nowhere) in [
        (
            Method::GET,
            format!("/v1/files/{sha256}"),
            format!("/v1/files/{missing}"),
        ),
        (
            Method::POST,
            format!("/v1/tokens/{id}/revoke"),
            format!("/v1/tokens/{no_id}/revoke"),
        ),
    ] {
        let mine = Reply::of(house.request(method.clone(), &theirs, &house.admin).json(&json!({}))).await;
        assert!(mine.status.is_success() || method == Method::POST, "{}", mine.text());
        let theirs = Reply::of(house.request(method.clone(), &theirs, &stranger).json(&json!({}))).await;
        let nowhere = Reply::of(house.request(method, &nowhere, &stranger).json(&json!({}))).await;
        assert_eq!(theirs.status, StatusCode::NOT_FOUND);
        assert_eq!((theirs.status, &theirs.body), (nowhere.status, &nowhere.body));
    }
    assert_eq!(
        house.get("/v1/tokens", &stranger).await.json()["tokens"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn refusals_say_what_to_change() {
    let house = House::start().await;
    let cases = [
        (
            "no token",
            Reply::of(house.request(Method::GET, "/v1/skills", "")).await,
        ),
        ("half a token", house.get("/v1/skills", &house.admin[..40]).await),
        (
            "another scheme",
            Reply::of(house.request(Method::GET, "/v1/skills", "").basic_auth("me", Some("x"))).await,
        ),
        ("no such path", house.get("/v1/nothing", &house.admin).await),
        (
            "another method",
            Reply::of(house.request(Method::DELETE, "/v1/tokens", &house.admin)).await,
        ),
        (
            "no JSON",
            Reply::of(house.request(Method::POST, "/v1/tokens", &house.admin).body("{}")).await,
        ),
        ("broken JSON", json_text(&house, "/v1/tokens", "{").await),
        (
            "a name twice",
            json_text(&house, "/v1/tokens", r#"{"name": "a", "name": "b"}"#).await,
        ),
        (
            "an unknown name",
            json_text(&house, "/v1/tokens", r#"{"name": "a", "roles": [], "color": 1}"#).await,
        ),
        (
            "no roles",
            json_text(&house, "/v1/tokens", r#"{"name": "a", "roles": []}"#).await,
        ),
        (
            "too large",
            json_text(&house, "/v1/tokens", &format!("\"{}\"", "a".repeat(300 << 10))).await,
        ),
        ("no such state", house.get("/v1/runs?state=asleep", &house.admin).await),
        ("a cursor", house.get("/v1/runs?cursor=x", &house.admin).await),
        ("no such skill", house.get("/v1/skills/acme/deck", &house.admin).await),
        (
            "a reference",
            json_text(&house, "/v1/inspections", r#"{"reference": "deck"}"#).await,
        ),
        (
            "nothing there",
            json_text(&house, "/v1/inspections", r#"{"reference": "acme/deck:1.0.0"}"#).await,
        ),
        ("a tenant", json_text(&house, "/v1/tenants", r#"{"name": "*"}"#).await),
        (
            "a tenant twice",
            json_text(&house, "/v1/tenants", r#"{"name": "default"}"#).await,
        ),
        (
            "a publisher",
            json_text(&house, "/v1/publishers/acme/keys", r#"{"public_key": "none"}"#).await,
        ),
        (
            "a file's name",
            Reply::of(house.request(Method::POST, "/v1/files?name=a/b", &house.admin).body("")).await,
        ),
    ];
    let mut told = String::new();
    for (case, reply) in cases {
        let kind = reply.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert_eq!(kind, "application/problem+json", "{case}");
        let body = reply.json();
        assert_eq!(body["status"], reply.status.as_u16(), "{case}");
        let detail = body["detail"]
            .as_str()
            .unwrap()
            .replace(&house.address().port().to_string(), "PORT");
        writeln!(
            told,
            "{case}: {} {} {detail}",
            body["status"],
            body["code"].as_str().unwrap()
        )
        .unwrap();
    }
    insta::assert_snapshot!(told, @r#"
    no token: 401 unauthorized send one header `Authorization: Bearer skh_...`
    half a token: 401 unauthorized a token starts with `skh_` and 72 digits follow: this one was cut or mistyped
    another scheme: 401 unauthorized send one header `Authorization: Bearer skh_...`
    no such path: 404 unknown there is no such path, or it is not yours
    another method: 405 method-not-allowed this path takes another method: GET /openapi.json lists them
    no JSON: 415 media-type-unsupported send JSON, with the header `Content-Type: application/json`
    broken JSON: 400 json-malformed the body cannot be read as JSON: EOF while parsing an object at line 1 column 1
    a name twice: 400 json-malformed the body cannot be read as JSON: the name "name" comes twice in one object at line 1 column 20
    an unknown name: 400 body-invalid the body does not fit: unknown field `color`, expected one of `name`, `roles`, `publisher`, `days`
    no roles: 400 token-invalid a token needs at least one role
    too large: 413 body-too-large the body may have 256 KiB: upload what is large with POST /v1/files
    no such state: 400 query-invalid the parameters after `?` do not fit: state: unknown variant `asleep`, expected one of `running`, `suspended`, `succeeded`, `tool-error`, `failed`, `cancelled`
    a cursor: 400 cursor-invalid a cursor is the `cursor` of the page before, as it is
    no such skill: 404 not-approved no version of `acme/deck` is approved: an approver accepts it with `skillhost approve`
    a reference: 400 reference-malformed `localhost:PORT/deck` is not a reference (`deck` is not the name of a skill: write `namespace/name`): write `host[:port]/namespace/name[:tag][@sha256:digest]`.
    nothing there: 404 artifact-not-found The registry `localhost:PORT` has no such artifact: check the name, the tag and the digest.
    a tenant: 400 body-invalid the body does not fit: `*` cannot be a name: use 1 to 64 of a-z, 0-9 and single hyphens inside
    a tenant twice: 409 exists it exists already: take another name
    a publisher: 400 key-invalid the key cannot be used: it is neither an Ed25519 nor a P-256 key in SPKI PEM, which begins with `-----BEGIN PUBLIC KEY-----`
    a file's name: 400 file-name-invalid the name of a file is 1 to 255 bytes without `/`, `\` and control characters, and not `.` or `..`
    "#);
}

#[tokio::test]
async fn decisions_tokens_and_files_survive_a_restart() {
    let house = House::start().await;
    let (_, key) = key();
    let added = json!({"name": "acme", "namespaces": ["acme"]});
    assert_eq!(
        house.post("/v1/publishers", &house.admin, &added).await.status,
        StatusCode::CREATED
    );
    let added = json!({"public_key": key});
    assert_eq!(
        house
            .post("/v1/publishers/acme/keys", &house.admin, &added)
            .await
            .status,
        StatusCode::CREATED
    );
    let agent = house.token(&house.admin, &["agent"], None).await;
    let upload = house.request(Method::POST, "/v1/files?name=caf\u{e9}.txt", &agent);
    let file = Reply::of(upload.header(header::CONTENT_TYPE, "text/plain").body("a file")).await;
    assert_eq!(file.status, StatusCode::CREATED, "{}", file.text());
    let before = house.get("/v1/publishers/acme", &house.admin).await.json();

    let house = house.restart().await;
    let after = house.get("/v1/publishers/acme", &house.admin).await.json();
    assert_eq!(before, after);
    let back = house
        .get(
            &format!("/v1/files/{}", file.json()["sha256"].as_str().unwrap()),
            &agent,
        )
        .await;
    assert_eq!(back.text(), "a file");
    let shown: BTreeMap<_, _> = [
        "content-type",
        "content-length",
        "content-disposition",
        "x-content-type-options",
    ]
    .map(|name| (name, back.headers[name].to_str().unwrap().to_owned()))
    .into();
    insta::assert_json_snapshot!(shown, @r#"
    {
      "content-disposition": "attachment; filename*=UTF-8''caf%C3%A9.txt",
      "content-length": "6",
      "content-type": "text/plain",
      "x-content-type-options": "nosniff"
    }
    "#);
    house.shutdown().await;
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once() {
    let house = House::start().await;
    let agent = house.token(&house.admin, &["agent"], None).await;
    let own = house.get("/v1/tokens/self", &agent).await.json();
    let revoke = format!("/v1/tokens/{}/revoke", own["id"].as_str().unwrap());
    assert_eq!(
        house.post(&revoke, &house.admin, &json!({})).await.status,
        StatusCode::OK
    );
    assert_eq!(
        house.get("/v1/tokens/self", &agent).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn publishers_push_into_their_namespaces_and_nobody_else_does() {
    let house = House::start().await;
    house
        .post(
            "/v1/publishers",
            &house.admin,
            &json!({"name": "acme", "namespaces": ["acme"]}),
        )
        .await;
    let publisher = house.token(&house.admin, &["publisher"], Some("acme")).await;
    let agent = house.token(&house.admin, &["agent"], None).await;
    let begin = async |repository: &str, token: &str| {
        let path = format!("/v2/{repository}/blobs/uploads/");
        Reply::of(house.request(Method::POST, &path, token))
            .await
            .status
            .as_u16()
    };
    assert_eq!(begin("acme/deck", &publisher).await, 202);
    assert_eq!(begin("other/deck", &publisher).await, 403);
    assert_eq!(begin("acme/deck", &agent).await, 403);
    assert_eq!(begin("acme/deck", &house.admin).await, 403);
    assert_eq!(begin("acme/deck", "").await, 401);
    let login = Reply::of(
        house
            .request(Method::GET, "/v2/", "")
            .basic_auth("anybody", Some(&agent)),
    )
    .await;
    assert_eq!(login.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_dawdles_is_sent_away_and_others_are_served() {
    let house = House::start_with(|settings| settings.head = std::time::Duration::from_millis(200)).await;
    let mut silent = tokio::net::TcpStream::connect(house.address()).await.unwrap();
    let mut slow = tokio::net::TcpStream::connect(house.address()).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHos").await.unwrap();
    assert_eq!(house.get("/healthz", "").await.status, StatusCode::NO_CONTENT);
    for stream in [&mut silent, &mut slow] {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
        assert!(!rest.starts_with(b"HTTP/1.1 2"));
    }
}

#[tokio::test]
async fn a_host_starts_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
    let start = async || {
        let mut settings = host::serve::Settings::new(data.clone(), keys.clone());
        settings.listen.set_port(0);
        host::serve::start(settings).await
    };
    let mut told = Vec::new();
    let mut tell = |error: &dyn std::error::Error| {
        told.push(error.to_string().replace(folder.path().to_str().unwrap(), ""));
    };
    tell(&start().await.err().unwrap());
    host::serve::init(&data, &keys).await.unwrap();
    tell(&host::serve::init(&data, &keys).await.err().unwrap());
    let running = start().await.unwrap();
    tell(&start().await.err().unwrap());
    running.shutdown().await.unwrap();
    std::fs::rename(keys.join("host.key"), folder.path().join("away")).unwrap();
    tell(&start().await.err().unwrap());
    host::seal::HostKey::create(&keys).unwrap();
    tell(&start().await.err().unwrap());
    insta::assert_snapshot!(told.join("\n"), @r"
    there is no host in this data folder: make one with `skillhost init`
    there is a host in this data folder already: `skillhost serve` starts it
    another process uses this data folder: stop it first
    the host's key is missing: put it back at /keys/host.key, without it nothing in the data folder can be read
    the host's key does not open the tenant `default`: use the keys folder that belongs to this data folder
    ");
}

/// Each parameter of a path with something of the right form.
fn filled(path: &str) -> String {
    let digest = format!("sha256:{}", "0".repeat(64));
    path.replace("{namespace}", "acme")
        .replace("{name}", "deck")
        .replace("{tool}", "make")
        .replace("{id}", "00000000-0000-7000-8000-000000000000")
        .replace("{sha256}", &"0".repeat(64))
        .replace("{publisher}", "acme")
        .replace("{key}", &digest)
        .replace("{digest}", &digest)
}

fn is_let_in(reply: &Reply, who: &str) -> bool {
    let code = || reply.json()["code"].as_str().unwrap().to_owned();
    match reply.status {
        StatusCode::UNAUTHORIZED => {
            assert_eq!((who, code().as_str()), ("nobody", "unauthorized"));
            false
        }
        StatusCode::FORBIDDEN if code() == "forbidden" => false,
        status => {
            assert!(!status.is_server_error() || reply.headers[header::CONTENT_TYPE] == "application/json");
            true
        }
    }
}

async fn json_text(house: &House, path: &str, text: &str) -> Reply {
    let request = house.request(Method::POST, path, &house.admin);
    Reply::of(
        request
            .header(header::CONTENT_TYPE, "application/json")
            .body(text.to_owned()),
    )
    .await
}

fn key() -> (registry::signature::SigningKey, String) {
    let key = registry::signature::SigningKey::generate().unwrap();
    let public = key.public().to_pem().unwrap();
    (key, public)
}
