//! A credential is planted in a host, and its service shows it to whoever asks: it is found nowhere but there.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use reqwest::Method;
use serde_json::json;
use support::server::Server;
use support::traffic::Traffic;

use crate::granted::{READ, WRITE, run_of};
use crate::house::{Front, Reply};
use crate::program::Program;
use crate::published::{approve_with, publish_guest, tool};

/// Planted in every credential.
const CANARY: &str = "cNry-8f2b61d0c47e93a5-WqZ9x";

/// In every token that is fetched.
const TOKEN: &str = "tKen-c03e77a1f95d2b68-VbN4y";

/// The credentials that are tried, each behind the binding `echo`.
const CREDENTIALS: [(&str, &str); 4] = [
    (
        "header",
        r#"{ header = { name = "X-Api-Key", value = { file = "secrets/canary" } } }"#,
    ),
    (
        "basic",
        r#"{ basic = { user = "me", password = { file = "secrets/canary" } } }"#,
    ),
    ("bearer", r#"{ bearer = { file = "secrets/canary" } }"#),
    (
        "oauth",
        r#"{ oauth2 = { grant = "client-credentials", token-url = "http://ADDRESS/token", client-id = "me", client-secret = { file = "secrets/canary" } } }"#,
    ),
];

/// A service that says all that it was told, in its head and in its body. It lets nobody write, and gives two tokens.
fn service() -> Router {
    let given = Arc::new(AtomicUsize::new(0));
    let token = move |headers: HeaderMap, body: String| async move {
        let number = given.fetch_add(1, Ordering::SeqCst) + 1;
        if number <= 2 {
            let token = json!({"access_token": format!("{TOKEN}-{number}"), "token_type": "bearer", "scope": body});
            return (StatusCode::OK, token.to_string());
        }
        let (_, told) = shown(&headers);
        let refusal = json!({"error": "invalid_client", "error_description": format!("{told} {body}")});
        (StatusCode::BAD_REQUEST, refusal.to_string())
    };
    Router::new()
        .route("/token", post(token))
        .route(
            "/before",
            post(async |headers: HeaderMap| (StatusCode::UNAUTHORIZED, shown(&headers))),
        )
        .fallback(async |headers: HeaderMap| shown(&headers))
}

fn shown(headers: &HeaderMap) -> (HeaderMap, String) {
    let (mut head, mut body) = (HeaderMap::new(), String::new());
    for (name, value) in headers {
        let text = value.to_str().unwrap();
        for form in forms(text)
            .into_iter()
            .chain(text.strip_prefix("Basic ").map(forms).into_iter().flatten())
        {
            head.append("x-shown", HeaderValue::from_str(&form).unwrap());
            body += &format!("{name}: {form}\n");
        }
    }
    (head, body)
}

/// The spellings in which the service shows a text.
fn forms(text: &str) -> [String; 4] {
    let (base64, url) = (STANDARD.encode(text), URL_SAFE.encode(text));
    [text.to_owned(), base64, url, hex::encode(text)]
}

/// The spellings in which a secret is looked for: in base64 the digits that it alone decides, wherever it begins.
fn traces(secret: &str) -> Vec<String> {
    let mut traces = vec![secret.to_owned(), hex::encode(secret)];
    for before in 0..3 {
        let bytes = ["-".repeat(before).as_bytes(), secret.as_bytes()].concat();
        let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        traces.extend([STANDARD.encode(&bytes), URL_SAFE.encode(&bytes)].map(|digits| digits[from..to].to_owned()));
    }
    traces
}

/// What of a secret, in any spelling, stands in bytes.
fn found(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let sent = STANDARD.encode(format!("me:{CANARY}"));
    let mut traces = [CANARY, TOKEN, &sent].into_iter().flat_map(traces);
    traces.find(|trace| text.contains(trace))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_is_found_nowhere() {
    let (address, seen) = Server::new("service", service()).start().await.unwrap();
    let mut program = Program::start();
    program.say_all();
    std::fs::create_dir(program.folder().join("secrets")).unwrap();
    std::fs::write(program.folder().join("secrets/canary"), CANARY).unwrap();
    let reference = publish_guest(&program.front(), program.token(), "http").await;
    let mut shown = BTreeMap::new();
    for (name, credential) in CREDENTIALS {
        program.configure(&format!(
            "[tenants.default.http.echo]\nurl = \"http://{address}\"\nplain-http = true\n\
             private-networks = [\"127.0.0.0/8\"]\ncredential = {}\n",
            credential.replace("ADDRESS", &address.to_string())
        ));
        let front = program.front();
        approve_with(
            &front,
            program.token(),
            &reference,
            &json!({"bindings": [{"kind": "http", "name": "echo"}]}),
        )
        .await;
        seen.forget();
        // The last of these meets a token endpoint that refuses, where there is one.
        for (place, tool) in [READ, WRITE, WRITE].into_iter().enumerate() {
            shown.insert(
                format!("{name} {place} {tool}"),
                everything(&front, program.token(), tool).await,
            );
        }
        assert_seen(name, &seen);
    }
    program.kill();
    shown.insert("log".to_owned(), program.said());
    assert!(shown["log"].contains("TRACE"), "the host says all that it can");
    for (place, text) in &shown {
        assert_eq!(found(text.as_bytes()), None, "{place}: {text}");
    }
    for (name, _) in CREDENTIALS {
        let read = &shown[&format!("{name} 0 {READ}")];
        let blackened = read.contains("[redacted]") && read.contains("*****");
        assert!(blackened, "{name}: the service showed it: {read}");
    }
    look_into(&program);
}

/// The service got the credential, or nothing of this proves anything.
fn assert_seen(name: &str, seen: &Traffic) {
    let sent = seen.seen();
    let basic = format!("Basic {}", STANDARD.encode(format!("me:{CANARY}")));
    let (header, value) = match name {
        "header" => ("x-api-key", CANARY.to_owned()),
        "basic" => ("authorization", basic.clone()),
        "bearer" => ("authorization", format!("Bearer {CANARY}")),
        _ => ("authorization", format!("Bearer {TOKEN}-1")),
    };
    let has = |path: &str, value: &str| {
        let of_path = sent.iter().filter(|seen| seen.path == path);
        of_path
            .filter(|seen| seen.headers.get(header).is_some_and(|sent| sent == value))
            .count()
    };
    assert!(has("/kept", &value) > 0, "{name}: {sent:?}");
    if name == "oauth" {
        assert_eq!(
            (has("/token", &basic), has("/before", &format!("Bearer {TOKEN}-2"))),
            (3, 2),
            "{sent:?}"
        );
    }
}

/// All that is answered of one run.
async fn everything(front: &Front, token: &str, name: &str) -> String {
    let invoked = Reply::of(front.request(Method::POST, &tool(name), token).json(&json!({}))).await;
    let run = run_of(&invoked);
    let mut all = format!("{invoked:?} {}", invoked.text());
    for path in ["", "/journal", "/logs"] {
        let reply = front.get(&format!("/v1/runs/{run}{path}"), token).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        all += &format!("\n{:?} {}", reply.headers, reply.text());
    }
    all
}

/// Every file that the host left, but the one that holds the secret.
fn look_into(program: &Program) {
    let mut files = 0;
    let mut named = false;
    let mut folders = vec![program.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let hit = found(&bytes);
            if path == program.folder().join("secrets/canary") {
                assert_eq!(hit.as_deref(), Some(CANARY), "what is there is found");
                continue;
            }
            assert_eq!(hit, None, "{}", path.display());
            files += 1;
            named |= is_database(&path) && bytes.windows(11).any(|window| window == b"tests/guest");
        }
    }
    assert!(files > 3 && named, "the host's files were read: {files}");
}

fn is_database(path: &Path) -> bool {
    path.file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .starts_with(host::store::Store::FILE)
}
