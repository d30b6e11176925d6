//! Credentials that sign, that set several headers, and whose tokens come from anywhere.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use egress::credential::{Sign, Signed, Token, TokenSource, Tokens, Unsigned, Watch};
use egress::{Code, Credential, Error, HostSettings, Request, Secret, Sent};
use http::{HeaderName, HeaderValue, Method};

use crate::server::{Server, client, get};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// Writes down what it signs, and says so in its headers.
struct Notary {
    owns: Vec<HeaderName>,
    saw: Arc<Mutex<Vec<String>>>,
    signs: Result<Vec<(&'static str, &'static str)>, Code>,
    forgets: bool,
}

impl Notary {
    fn new(signs: Result<Vec<(&'static str, &'static str)>, Code>) -> Self {
        Self {
            owns: vec![
                HeaderName::from_static("authorization"),
                HeaderName::from_static("x-date"),
            ],
            saw: Arc::default(),
            signs,
            forgets: false,
        }
    }
}

#[async_trait]
impl Sign for Notary {
    fn headers(&self) -> &[HeaderName] {
        &self.owns
    }

    async fn sign(&self, request: &Unsigned<'_>) -> Result<Signed, Error> {
        self.saw.lock().unwrap().push(format!("{request:#?}"));
        let signs = self.signs.clone().map_err(|code| Error::new(code, "No signature."))?;
        let header = |(name, value): (&str, &str)| (name.parse().unwrap(), Secret::new(value));
        Ok(Signed {
            headers: signs.into_iter().map(header).collect(),
            secrets: vec![Secret::new("s3ssion-token")],
        })
    }

    fn forget(&self) -> bool {
        self.forgets
    }
}

#[tokio::test]
async fn a_signer_sees_the_request_as_it_goes_out() {
    let server = Server::answering(OK).await;
    let notary = Notary::new(Ok(vec![("authorization", "Signature abc"), ("x-date", "today")]));
    let saw = Arc::clone(&notary.saw);
    let client = client(server.settings(), Some(Credential::signed(notary)));
    let target = client.rule().below("/model/a%3ab/invoke?x=1%202").unwrap();
    let mut request = Request::new(Method::POST, target);
    request.headers.insert("x-mine", HeaderValue::from_static("1"));
    request.added.insert("x-added", HeaderValue::from_static("2"));
    request.body = Bytes::from_static(b"{}");
    client.send(request).await.unwrap();
    let plain = |text: String| text.replace(&server.address.to_string(), "ADDRESS").replace('\r', "");
    insta::assert_snapshot!(plain(saw.lock().unwrap().join("")), @r#"
    Unsigned {
        method: POST,
        scheme: "http",
        authority: "ADDRESS",
        path: "/model/a%3Ab/invoke",
        query: Some(
            "x=1%202",
        ),
        headers: {
            "host": "ADDRESS",
            "x-mine": "1",
            "x-added": "2",
            "accept-encoding": "identity",
            "user-agent": "skillhost/0.0.0",
            "content-length": "2",
        },
        body: b"{}",
    }
    "#);
    insta::assert_snapshot!(plain(server.requests().join("")), @r"
    POST /model/a%3Ab/invoke?x=1%202 HTTP/1.1
    host: ADDRESS
    x-mine: 1
    x-added: 2
    accept-encoding: identity
    user-agent: skillhost/0.0.0
    content-length: 2
    authorization: Signature abc
    x-date: today

    {}
    ");
}

#[tokio::test]
async fn a_signer_signs_only_where_the_credential_goes() {
    let server = Server::answering(OK).await;
    let mut settings = server.settings();
    settings.base = format!("http://{}/with", server.address);
    settings.hosts = vec![HostSettings {
        base: format!("http://{}/", server.address),
        credential: false,
    }];
    let notary = Notary::new(Ok(vec![("x-date", "today")]));
    let saw = Arc::clone(&notary.saw);
    let client = client(settings, Some(Credential::signed(notary)));
    for (path, signed) in [("/without", 0), ("/with", 1)] {
        let target = client.rule().at(&format!("http://{}{path}", server.address)).unwrap();
        client.send(Request::new(Method::GET, target)).await.unwrap();
        assert_eq!(saw.lock().unwrap().len(), signed, "{path}");
    }
    // Its headers are no caller's, wherever they go.
    let mut request = Request::new(Method::GET, client.rule().below("").unwrap());
    request.headers.insert("x-date", HeaderValue::from_static("yesterday"));
    let error = client.send(request).await.unwrap_err();
    assert_eq!(error.code(), Code::HeaderNotAllowed);
}

/// Nothing is sent without the signature that belongs to it.
#[tokio::test]
async fn what_is_not_signed_is_not_sent() {
    let server = Server::answering(OK).await;
    let cases = [
        (Err(Code::TokenUnavailable), Code::TokenUnavailable),
        (Err(Code::TokenRefused), Code::TokenRefused),
        (Ok(vec![("x-other", "1")]), Code::CredentialInvalid),
        (Ok(vec![("host", "evil.example")]), Code::CredentialInvalid),
        (Ok(vec![("x-date", "a\r\nb: c")]), Code::CredentialInvalid),
        (Ok(vec![("x-date", "")]), Code::CredentialInvalid),
    ];
    for (signs, code) in cases {
        let client = client(server.settings(), Some(Credential::signed(Notary::new(signs))));
        let error = get(&client, "/").await.unwrap_err();
        assert_eq!((error.code(), error.sent()), (code, Sent::No));
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_signer_hides_its_secrets_and_says_whether_it_has_others() {
    let server = Server::answering("HTTP/1.1 401 No\r\ncontent-length: 13\r\n\r\ns3ssion-token").await;
    for forgets in [true, false] {
        let mut notary = Notary::new(Ok(vec![("x-date", "today")]));
        notary.forgets = forgets;
        let client = client(server.settings(), Some(Credential::signed(notary)));
        let reply = get(&client, "/").await.unwrap();
        assert_eq!(reply.body, "*************");
        assert_eq!(client.invalidate(&reply), forgets);
    }
}

#[tokio::test]
async fn a_key_is_sent_in_as_many_headers_as_it_takes() {
    let server = Server::answering(OK).await;
    let key = || Secret::new("s3cret-key");
    let credential = Credential::headers([("x-api-key", key()), ("api-key", key())]).unwrap();
    let client = client(server.settings(), Some(credential));
    get(&client, "/").await.unwrap();
    let sent = server.requests().join("");
    assert!(
        sent.contains("\r\nx-api-key: s3cret-key\r\napi-key: s3cret-key\r\n"),
        "{sent}"
    );
    for name in ["x-api-key", "api-key", "api_key", "authorization"] {
        let mut request = Request::new(Method::GET, client.rule().below("/").unwrap());
        request.headers.insert(name, HeaderValue::from_static("mine"));
        assert_eq!(
            client.check(&request).unwrap_err().code(),
            Code::HeaderNotAllowed,
            "{name}"
        );
    }
    let error = Credential::headers([("x-api-key", key()), ("te", key())]).unwrap_err();
    assert_eq!(error.code(), Code::CredentialInvalid);
}

/// Numbers its tokens, and counts how often it was told that one was refused.
#[derive(Clone, Default)]
struct Numbered {
    fetched: Arc<AtomicUsize>,
    forgotten: Arc<AtomicUsize>,
    told: Arc<Mutex<Vec<(String, Duration)>>>,
}

#[async_trait]
impl Tokens for Numbered {
    async fn token(&self) -> Result<Token, Error> {
        let number = self.fetched.fetch_add(1, Ordering::SeqCst);
        Ok(Token {
            token: Secret::new(format!("canary-token-{number}")),
            lifetime: None,
        })
    }

    fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
    }
}

impl Watch for Numbered {
    fn fetched(&self, token: &str, lifetime: Duration) {
        self.told.lock().unwrap().push((token.to_owned(), lifetime));
    }
}

#[tokio::test]
async fn tokens_may_come_from_anywhere() {
    let server = Server::answering("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n").await;
    let (numbered, life) = (Numbered::default(), Duration::from_secs(600));
    let source = TokenSource::of("numbers", numbered.clone(), life, Some(Arc::new(numbered.clone())));
    let client = client(server.settings(), Some(Credential::oauth(source)));
    let replies = [get(&client, "/").await.unwrap(), get(&client, "/").await.unwrap()];
    assert!(replies.iter().all(|reply| client.invalidate(reply)));
    get(&client, "/").await.unwrap();
    let sent = server.requests().join("");
    let sent: Vec<&str> = sent
        .lines()
        .filter_map(|line| line.strip_prefix("authorization: "))
        .collect();
    assert_eq!(
        sent,
        [
            "Bearer canary-token-0",
            "Bearer canary-token-0",
            "Bearer canary-token-1"
        ]
    );
    assert_eq!(numbered.forgotten.load(Ordering::SeqCst), 1);
    let told = ["canary-token-0", "canary-token-1"].map(|token| (token.to_owned(), life));
    assert_eq!(*numbered.told.lock().unwrap(), told);
}
