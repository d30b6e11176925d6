//! Fetched tokens: once for all, kept, forgotten, and what endpoints do that mean harm.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use egress::credential::oauth::{Assertion, ClientAuth, Grant, SigningKey, TokenSettings, TokenSource};
use egress::{Client, Code, Credential, Error, RuleSettings, Secret, Sent};
use http::Method;
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::server::{Behaviour, Names, Server, answers, behaviour, get, read_request};

const PEM: &str = include_str!("../keys/client.pem");

/// A resource, and where its tokens come from.
struct Pair {
    client: Arc<Client>,
    resource: Server,
    endpoint: Server,
}

/// A resource that takes every token that ends in an even number.
fn resource() -> Behaviour {
    behaviour(|mut stream, seen| async move {
        while let Some(request) = read_request(&mut stream).await? {
            let even = request.contains("0\r\n\r\n") || request.contains("2\r\n\r\n");
            seen.requests.lock().unwrap().push(request);
            let status = if even { "200 OK" } else { "401 Unauthorized" };
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await?;
        }
        Ok(())
    })
}

/// An endpoint that numbers its tokens.
fn numbering(first: usize) -> Behaviour {
    let next = Arc::new(AtomicUsize::new(first));
    behaviour(move |mut stream, seen| {
        let next = Arc::clone(&next);
        async move {
            while let Some(request) = read_request(&mut stream).await? {
                seen.requests.lock().unwrap().push(request);
                // Whoever else asks has time to ask too.
                tokio::time::sleep(Duration::from_millis(50)).await;
                let number = next.fetch_add(1, Ordering::SeqCst);
                let body =
                    format!(r#"{{"access_token":"canary-token-{number}","token_type":"bearer","expires_in":"600"}}"#);
                stream.write_all(json("200 OK", &body).as_bytes()).await?;
            }
            Ok(())
        }
    })
}

fn json(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn settings(endpoint: &Server) -> TokenSettings {
    let mut rule: RuleSettings = endpoint.settings();
    rule.name = "tokens".to_owned();
    rule.base = format!("http://{}/oauth/token", endpoint.address);
    TokenSettings {
        endpoint: egress::Rule::new(rule).unwrap(),
        client: ClientAuth::Post {
            id: "client".to_owned(),
            secret: Secret::new("canary-secret"),
        },
        grant: Grant::ClientCredentials,
        scope: None,
        parameters: vec![("audience".to_owned(), "https://api.example/".to_owned())],
        lifetime: Duration::from_secs(60),
    }
}

impl Pair {
    async fn new(endpoint: Behaviour, change: impl FnOnce(&mut TokenSettings)) -> Self {
        let (resource, endpoint) = (Server::start(resource()).await, Server::start(endpoint).await);
        let mut settings = settings(&endpoint);
        change(&mut settings);
        let source = TokenSource::new(settings, Arc::new(Names::default()));
        let client = crate::server::client(resource.settings(), Some(Credential::oauth(source)));
        Self {
            client: Arc::new(client),
            resource,
            endpoint,
        }
    }

    async fn error(&self) -> Error {
        let error = get(&self.client, "/").await.unwrap_err();
        assert_eq!(self.resource.connections(), 0);
        error
    }
}

#[tokio::test]
async fn a_token_is_fetched_once_for_all_who_wait() {
    let pair = Pair::new(numbering(0), |_| ()).await;
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let client = Arc::clone(&pair.client);
            tokio::spawn(async move { get(&client, "/").await.unwrap().status })
        })
        .collect();
    while pair.endpoint.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    // Whoever asked first gives up: the others must not notice.
    waiting[0].abort();
    for each in waiting.into_iter().skip(1) {
        assert_eq!(each.await.unwrap(), 200);
    }
    assert_eq!(pair.endpoint.requests().len(), 1);
    let sent = pair.endpoint.requests().remove(0);
    let body = sent.split("\r\n\r\n").last().unwrap();
    insta::assert_snapshot!(body, @"grant_type=client_credentials&client_id=client&client_secret=canary-secret&audience=https%3A%2F%2Fapi.example%2F");
    assert!(sent.starts_with("POST /oauth/token HTTP/1.1\r\n"), "{sent}");
}

#[tokio::test]
async fn a_token_that_is_refused_is_fetched_again_once() {
    let pair = Pair::new(numbering(1), |_| ()).await;
    let (first, second) = tokio::join!(get(&pair.client, "/"), get(&pair.client, "/"));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (401, 401));
    assert!(pair.client.invalidate(&first));
    assert_eq!(get(&pair.client, "/").await.unwrap().status, 200);
    // The other reply came by the first token too: the second token stays.
    assert!(pair.client.invalidate(&second));
    assert_eq!(get(&pair.client, "/").await.unwrap().status, 200);
    assert_eq!(pair.endpoint.requests().len(), 2);
}

/// Answers of 200 without a token that can be used.
const USELESS: &[(&str, &str)] = &[
    ("no JSON", "<html>"),
    ("no token", r#"{"token_type":"bearer"}"#),
    ("another type", r#"{"access_token":"canary-x","token_type":"mac"}"#),
    ("an empty token", r#"{"access_token":"","token_type":"bearer"}"#),
    (
        "a second header",
        r#"{"access_token":"canary-x\r\nhost: evil","token_type":"bearer"}"#,
    ),
    (
        "a life of words",
        r#"{"access_token":"canary-x","token_type":"bearer","expires_in":"long"}"#,
    ),
];

fn refusing() -> Vec<(&'static str, Behaviour)> {
    let refused = |body: &str| answers(json("400 Bad Request", body));
    vec![
        ("a refusal", refused(r#"{"error":"invalid_client"}"#)),
        ("a refusal that shows it", refused(r#"{"error":"canary-secret"}"#)),
        ("a refusal of nothing", answers(json("401 Unauthorized", ""))),
    ]
}

fn unavailable() -> Vec<(&'static str, Behaviour)> {
    vec![
        ("busy", answers(json("429 Too Many Requests", ""))),
        ("broken", answers(json("503 Service Unavailable", "canary-secret"))),
        ("a hang-up", behaviour(|_, _| async { Ok(()) })),
    ]
}

fn malformed() -> Vec<(&'static str, Behaviour)> {
    let useless = USELESS
        .iter()
        .map(|(what, body)| (*what, answers(json("200 OK", body))));
    let long = format!(r#"{{"access_token":"{}","token_type":"bearer"}}"#, "x".repeat(32 << 10));
    let away = "HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let more = [
        ("a token of 32 KiB", answers(json("200 OK", &long))),
        ("without end", answers(json("200 OK", &" ".repeat(9 << 20)))),
        ("a redirect", answers(away)),
        ("garbage", answers("220 mail.example\r\n")),
    ];
    useless.chain(more).collect()
}

#[tokio::test]
async fn endpoints_that_mean_harm_end_with_a_code() {
    let groups = [
        (Code::TokenRefused, refusing()),
        (Code::TokenUnavailable, unavailable()),
        (Code::TokenMalformed, malformed()),
    ];
    for (code, group) in groups {
        for (what, endpoint) in group {
            let error = Pair::new(endpoint, |_| ()).await.error().await;
            // Nothing was sent of the request that needed the token, whatever was sent to the endpoint.
            assert_eq!((error.code(), error.sent()), (code, Sent::No), "{what}: {error:?}");
            assert_eq!(error.retryable(), code == Code::TokenUnavailable, "{what}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{what}: {error:?}");
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_never_answers_ends() {
    let endpoint = Server::start(behaviour(|stream: TcpStream, _| hold(stream))).await;
    let mut rule = endpoint.settings();
    rule.times.head = Duration::from_millis(300);
    let rule = egress::Rule::new(rule).unwrap();
    let pair = Pair::new(numbering(0), |settings| settings.endpoint = rule).await;
    let error = pair.error().await;
    assert_eq!((error.code(), error.sent()), (Code::TokenUnavailable, Sent::No));
    // Whoever waits less than the endpoint may take is told why nothing was sent.
    let mut rule = pair.resource.settings();
    rule.times.total = Duration::from_millis(300);
    let source = TokenSource::new(settings(&endpoint), Arc::new(Names::default()));
    let client = crate::server::client(rule, Some(Credential::oauth(source)));
    let error = get(&client, "/").await.unwrap_err();
    assert_eq!((error.code(), error.sent()), (Code::TokenUnavailable, Sent::No));
}

async fn hold(stream: TcpStream) -> io::Result<()> {
    let _stream = stream;
    std::future::pending().await
}

/// An account must not be locked because many runs ask at once.
#[tokio::test]
async fn a_refused_credential_is_not_shown_again_at_once() {
    let pair = Pair::new(answers(json("401 Unauthorized", "{}")), |_| ()).await;
    for _ in 0..10 {
        assert_eq!(pair.error().await.code(), Code::TokenRefused);
    }
    assert_eq!(pair.endpoint.requests().len(), 1);
    let pair = Pair::new(answers(json("503 Service Unavailable", "")), |_| ()).await;
    for _ in 0..3 {
        assert_eq!(pair.error().await.code(), Code::TokenUnavailable);
    }
    assert_eq!(pair.endpoint.requests().len(), 3);
}

/// The endpoint is judged as any target.
#[tokio::test]
async fn the_endpoint_is_reached_only_where_its_rule_allows() {
    let endpoint = Server::start(numbering(0)).await;
    let port = endpoint.port();
    let pair = Pair::new(numbering(0), |settings| {
        let mut rule = RuleSettings::new("tokens", format!("http://127.0.0.1:{port}/token"));
        rule.plain_http = true;
        settings.endpoint = egress::Rule::new(rule).unwrap();
    });
    assert_eq!(pair.await.error().await.code(), Code::AddressForbidden);
    assert_eq!(endpoint.connections(), 0);
}

/// As Salesforce checks it: the signature, and who asks for whom, where, and until when.
fn believing() -> Behaviour {
    behaviour(|mut stream, seen| async move {
        while let Some(request) = read_request(&mut stream).await? {
            let form = request.split("\r\n\r\n").last().unwrap();
            let form: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
            let told = believe(&form);
            seen.requests.lock().unwrap().push(told.clone().unwrap_or_default());
            let answer = match told {
                Some(_) => json("200 OK", r#"{"access_token":"canary-token-0","token_type":"Bearer"}"#),
                None => json("400 Bad Request", r#"{"error":"invalid_grant"}"#),
            };
            stream.write_all(answer.as_bytes()).await?;
        }
        Ok(())
    })
}

/// The claims, if they hold.
fn believe(form: &[(String, String)]) -> Option<String> {
    let field = |name: &str| {
        form.iter()
            .find(|(each, _)| each == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(field("grant_type")?, "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let (message, signature) = field("assertion")?.rsplit_once('.')?;
    let PrivateKeyDer::Pkcs8(der) = PrivateKeyDer::from_pem_slice(PEM.as_bytes()).ok()? else {
        return None;
    };
    let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).ok()?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref().to_vec());
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    key.verify(message.as_bytes(), &signature).ok()?;
    let (header, claims) = message.split_once('.')?;
    let header = URL_SAFE_NO_PAD.decode(header).ok()?;
    assert_eq!(String::from_utf8(header).unwrap(), r#"{"alg":"RS256","typ":"JWT"}"#);
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let read: serde_json::Value = serde_json::from_str(&claims).ok()?;
    let (issued, ends) = (read["iat"].as_u64()?, read["exp"].as_u64()?);
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().ok()?.as_secs();
    let holds = ends == issued + 180 && issued <= now && now < ends && !read["jti"].as_str()?.is_empty();
    holds.then(|| format!("{} for {} at {}", read["iss"], read["sub"], read["aud"]))
}

fn assertion(pem: &str) -> Grant {
    let key = SigningKey::from_pem(&Secret::new(pem)).unwrap();
    Grant::JwtBearer(Assertion::new(key, "client", "user@example", "https://login.example"))
}

#[tokio::test]
async fn a_signed_statement_brings_a_token() {
    for pem in [PEM, include_str!("../keys/client-pkcs1.pem")] {
        let pair = Pair::new(believing(), |settings| {
            settings.client = ClientAuth::None;
            settings.grant = assertion(pem);
        });
        let pair = pair.await;
        assert_eq!(get(&pair.client, "/").await.unwrap().status, 200);
        assert_eq!(
            pair.endpoint.requests(),
            [r#""client" for "user@example" at "https://login.example""#]
        );
    }
}

/// The control of the endpoint above.
#[tokio::test]
async fn a_statement_that_has_ended_brings_none() {
    let pair = Pair::new(believing(), |settings| {
        let Grant::JwtBearer(mut assertion) = assertion(PEM) else {
            unreachable!()
        };
        assertion.lifetime = Duration::ZERO;
        settings.grant = Grant::JwtBearer(assertion);
    });
    let error = pair.await.error().await;
    insta::assert_snapshot!(error.told(), @"The token endpoint `tokens` does not accept the credential: invalid_grant.");
}

#[test]
fn keys_that_cannot_sign_are_refused() {
    let keys = [
        include_str!("../keys/weak.pem"),
        include_str!("../keys/curve.pem"),
        include_str!("../tls/server.pem"),
        "canary",
        "",
        &PEM.replace("MII", "MIJ"),
    ];
    for pem in keys {
        let error = SigningKey::from_pem(&Secret::new(pem)).unwrap_err();
        assert_eq!(error.code(), Code::CredentialInvalid);
        assert!(!format!("{error:?}").contains("canary"));
    }
}

/// A call's own method does not matter to the token's request.
#[tokio::test]
async fn a_write_waits_for_its_token_and_is_sent_once() {
    let pair = Pair::new(numbering(0), |_| ()).await;
    let target = pair.client.rule().below("/").unwrap();
    let reply = pair
        .client
        .send(egress::Request::new(Method::POST, target))
        .await
        .unwrap();
    assert_eq!((reply.status.as_u16(), pair.resource.requests().len()), (200, 1));
}
