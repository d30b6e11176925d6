//! Tokens that a host fetches for a real skill: with a statement that it signs, anew when a session ended, and refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use support::salesforce::{CLIENT_ID, CLIENT_KEY, CLIENT_SECRET, Simulator, USERNAME};
use support::server::Server;
use support::traffic::Traffic;

use crate::program::{Program, repository};

/// A host on which the skill reaches this service with tokens from there.
fn configure(program: &mut Program, address: std::net::SocketAddr, grant: &str) {
    program.configure(&format!(
        "[tenants.default.http.salesforce]\nurl = \"http://{address}\"\nplain-http = true\n\
         private-networks = [\"127.0.0.0/8\"]\n\n\
         [tenants.default.http.salesforce.credential.oauth2]\n\
         token-url = \"http://{address}/services/oauth2/token\"\n{grant}\n"
    ));
}

fn bearer(key: &str) -> String {
    format!(
        "grant = \"jwt-bearer\"\nissuer = \"{CLIENT_ID}\"\nsubject = \"{USERNAME}\"\n\
         audience = \"https://127.0.0.1\"\nkey = {{ file = \"{key}\" }}"
    )
}

fn query(program: &Program) -> Value {
    let input = json!({"question": {"soql": "SELECT Name FROM Account"}}).to_string();
    let out = program.run(&["invoke", "skillhost/salesforce", "query", "--input", &input, "--json"]);
    let mut answer: Value =
        serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&out.stderr)));
    answer["run"] = json!("run");
    answer
}

fn fetched(traffic: &Traffic) -> usize {
    traffic.count("POST", "/services/oauth2/token")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_the_host_signs_is_exchanged_for_a_token() {
    let (address, simulator) = Simulator::start().await.unwrap();
    simulator.load("Account", &json!({"Name": "Acme"})).unwrap();
    let mut program = Program::start();
    std::fs::write(program.folder().join("key.pem"), CLIENT_KEY).unwrap();
    configure(&mut program, address, &bearer("key.pem"));
    program.approved_with("salesforce", &["--grant", "http:salesforce"]);
    for _ in 0..2 {
        assert_eq!(query(&program)["value"]["records"]["rows"], json!([["Acme"]]));
    }
    assert_eq!(fetched(simulator.traffic()), 1, "once for all runs");
    simulator.expire_sessions();
    assert_eq!(query(&program)["value"]["records"]["rows"], json!([["Acme"]]));
    assert_eq!(fetched(simulator.traffic()), 2, "anew when the session ended");

    let asked = simulator
        .traffic()
        .seen()
        .into_iter()
        .find(|seen| seen.path.ends_with("/token"))
        .unwrap();
    let form: std::collections::BTreeMap<String, String> = url::form_urlencoded::parse(asked.body.as_bytes())
        .into_owned()
        .collect();
    let mut parts = form["assertion"]
        .split('.')
        .map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut json = || serde_json::from_slice::<Value>(&parts.next().unwrap()).unwrap();
    let (header, mut claims) = (json(), json());
    let life = claims["exp"].as_i64().unwrap() - jiff::Timestamp::now().as_second();
    assert!((1..=300).contains(&life), "{claims}");
    for name in ["exp", "iat", "nbf", "jti"] {
        if claims.get(name).is_some() {
            claims[name] = json!(name);
        }
    }
    let told = format!("{} {header} {claims}", form["grant_type"]);
    insta::assert_snapshot!(told, @r#"urn:ietf:params:oauth:grant-type:jwt-bearer {"alg":"RS256","typ":"JWT"} {"iss":"3MVG9simulated.client","sub":"agent@acme.example","aud":"https://127.0.0.1","iat":"iat","exp":"exp","jti":"jti"}"#);

    // Another key than the client's is known to nobody.
    let other = repository().join("egress/tests/keys/client.pem");
    std::fs::copy(other, program.folder().join("other.pem")).unwrap();
    configure(&mut program, address, &bearer("other.pem"));
    insta::assert_snapshot!(query(&program), @r#"{"ok":false,"error":{"code":"unauthorized","message":"The token endpoint `salesforce` does not accept the credential: invalid_grant.","details":[]},"files":[],"run":"run"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_fetched_anew_once_and_then_the_skill_is_told() {
    let given = Arc::new(AtomicUsize::new(0));
    let token = move || async move {
        let number = given.fetch_add(1, Ordering::SeqCst);
        json!({"access_token": format!("simulated-token-{number}"), "token_type": "Bearer"}).to_string()
    };
    let ended = json!([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]).to_string();
    let service = Router::new()
        .route("/services/oauth2/token", post(token))
        .fallback(async move || (StatusCode::UNAUTHORIZED, ended));
    let (address, traffic) = Server::new("service", service).start().await.unwrap();
    let mut program = Program::start();
    std::fs::write(program.folder().join("secret"), CLIENT_SECRET).unwrap();
    let grant =
        format!("grant = \"client-credentials\"\nclient-id = \"{CLIENT_ID}\"\nclient-secret = {{ file = \"secret\" }}");
    configure(&mut program, address, &grant);
    program.approved_with("salesforce", &["--grant", "http:salesforce"]);
    insta::assert_snapshot!(query(&program), @r#"{"ok":false,"error":{"code":"unauthorized","message":"Session expired or invalid. Ask an administrator to renew the credential of the binding.","details":[["status","401"],["error-code","INVALID_SESSION_ID"]]},"files":[],"run":"run"}"#);
    assert_eq!((fetched(&traffic), traffic.seen().len()), (2, 4));
}
