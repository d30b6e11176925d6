//! A credential shows itself nowhere: not in errors, not in what is printed for debugging, not in traces. A program of its own:
//! what tests trace at the same time as this one begins to listen, it would not always hear.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that panics has failed"
)]

#[expect(dead_code, reason = "the other tests use the rest of it")]
#[path = "it/server.rs"]
mod server;

use std::io::Write;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use egress::credential::oauth::{ClientAuth, Grant, TokenSettings, TokenSource};
use egress::credential::{Sign, Signed, Unsigned};
use egress::{Credential, Request, Secret};
use http::{HeaderName, HeaderValue, Method};
use tokio::io::AsyncWriteExt;
use tracing_subscriber::fmt::MakeWriter;

use server::{Behaviour, Names, Server, behaviour, client, read_request};

const CANARY: &str = "canary-5f3e9a71";

/// Everything that was traced.
#[derive(Clone, Debug, Default)]
struct Traced(Arc<Mutex<Vec<u8>>>);

impl Write for Traced {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Traced {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// How the canary stands in a basic credential.
const ENCODED: &str = "OmNhbmFyeS01ZjNlOWE3MQ";

fn assert_hidden(what: &str, text: &str) {
    assert!(!text.contains(CANARY) && !text.contains(ENCODED), "{what}: {text}");
}

/// Answers once with what it was sent, in one line.
fn mirror(answer: &'static str) -> Behaviour {
    behaviour(move |mut stream, seen| async move {
        let Some(request) = read_request(&mut stream).await? else {
            return Ok(());
        };
        let line = request.replace("\r\n", " ");
        seen.requests.lock().unwrap().push(request);
        stream.write_all(answer.replace("REQUEST", &line).as_bytes()).await
    })
}

/// Its signature is the canary.
struct Signer([HeaderName; 1]);

#[async_trait]
impl Sign for Signer {
    fn headers(&self) -> &[HeaderName] {
        &self.0
    }

    async fn sign(&self, _: &Unsigned<'_>) -> Result<Signed, egress::Error> {
        let [name] = self.0.clone();
        Ok(Signed {
            headers: vec![(name, Secret::new(CANARY))],
            secrets: vec![Secret::new(CANARY)],
        })
    }
}

fn credentials(endpoint: &Server) -> Vec<(&'static str, Credential)> {
    let secret = || Secret::new(CANARY);
    let mut rule = endpoint.settings();
    rule.name = "tokens".to_owned();
    let settings = TokenSettings {
        endpoint: egress::Rule::new(rule).unwrap(),
        client: ClientAuth::Basic {
            id: "id".to_owned(),
            secret: secret(),
        },
        grant: Grant::ClientCredentials,
        scope: None,
        parameters: Vec::new(),
        lifetime: std::time::Duration::from_secs(60),
    };
    assert_hidden("settings", &format!("{settings:?}"));
    let source = TokenSource::new(settings, Arc::new(Names::default()));
    vec![
        ("header", Credential::header("x-api-key", secret()).unwrap()),
        ("basic", Credential::basic("", secret()).unwrap()),
        ("bearer", Credential::bearer(secret()).unwrap()),
        ("oauth", Credential::oauth(source)),
        (
            "signed",
            Credential::signed(Signer([HeaderName::from_static("x-signature")])),
        ),
    ]
}

/// Every way in which a request ends, for every kind of credential, with everything traced.
#[tokio::test]
async fn a_credential_is_found_nowhere() {
    let traced = Traced::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(traced.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let token = format!(r#"{{"access_token":"{CANARY}","token_type":"bearer"}}"#);
    let token = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{token}", token.len());
    let endpoint = Server::answering(token).await;
    let ways = [
        (
            "mirrored",
            mirror("HTTP/1.1 200 OK\r\nx-saw: REQUEST\r\nconnection: close\r\n\r\nREQUEST"),
        ),
        ("mirrored in garbage", mirror("REQUEST\r\n\r\n")),
        (
            "mirrored in a header's name",
            mirror("HTTP/1.1 200 REQUEST\r\nREQUEST: REQUEST\r\n\r\n"),
        ),
        (
            "mirrored in a head that ends",
            mirror("HTTP/1.1 200 OK\r\nx-saw: REQUEST"),
        ),
        (
            "mirrored in a chunk",
            mirror("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nREQUEST"),
        ),
        ("hung up", behaviour(|_, _| async { Ok(()) })),
    ];
    let mut arrived = 0;
    for (way, behaviour) in ways {
        for (kind, credential) in credentials(&endpoint) {
            let server = Server::start(Arc::clone(&behaviour)).await;
            let what = format!("{kind}, {way}");
            assert_hidden(&what, &format!("{credential:?}"));
            let client = client(server.settings(), Some(credential));
            assert_hidden(&what, &format!("{client:?} {:?}", client.rule()));
            let mut request = Request::new(Method::GET, client.rule().below("/").unwrap());
            request.headers.insert("x-mine", HeaderValue::from_static("1"));
            match client.send(request).await {
                Ok(reply) => assert_hidden(&what, &format!("{reply:?} {:?} {:?}", reply.headers, reply.body)),
                Err(error) => assert_hidden(&what, &chain(&error)),
            }
            let requests = server.requests().join("");
            arrived += usize::from(requests.contains(CANARY) || requests.contains("Basic "));
        }
    }
    // The control: it was sent, wherever somebody read it.
    assert_eq!(arrived, 25);
    let traced = String::from_utf8(traced.0.lock().unwrap().clone()).unwrap();
    assert!(traced.contains("status=200"), "{traced}");
    assert_hidden("traces", &traced);
}

fn chain(error: &egress::Error) -> String {
    let mut text = format!("{error} {error:?} {}", error.told());
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text.push_str(&format!(" {cause} {cause:?}"));
        next = cause.source();
    }
    text
}

/// A header that cannot be one says nothing of what it holds.
#[test]
fn a_credential_that_cannot_be_sent_is_not_shown_either() {
    let broken = || Secret::new(format!("{CANARY}\r\nx: y"));
    let errors = [
        Credential::header("x-api-key", broken()),
        Credential::header("host", Secret::new(CANARY)),
        Credential::header("no name", Secret::new(CANARY)),
        Credential::bearer(broken()),
        Credential::bearer(Secret::new("")),
        Credential::basic("a:b", Secret::new(CANARY)),
    ];
    for error in errors {
        let error = error.unwrap_err();
        assert_eq!(error.code(), egress::Code::CredentialInvalid);
        assert_hidden("error", &chain(&error));
    }
}
