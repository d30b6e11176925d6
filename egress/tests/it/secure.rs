//! TLS: who may answer for a name.

use std::sync::Arc;

use egress::{Client, Code, Rule, RuleSettings, Sent};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::server::{Behaviour, Names, Server, behaviour, get};

const AUTHORITY: &str = include_str!("../tls/authority.pem");
const GOOD: &str = include_str!("../tls/server.pem");
const EXPIRED: &str = include_str!("../tls/expired.pem");
const KEY: &str = include_str!("../tls/server.key");

/// A server with this certificate that answers one request on each connection, and says by which protocol and name.
fn serving(certificate: &'static str, versions: &[&'static rustls::SupportedProtocolVersion]) -> Behaviour {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap();
    let chain = CertificateDer::pem_slice_iter(certificate.as_bytes())
        .collect::<Result<_, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let mut config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    behaviour(move |stream, seen| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await?;
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                if stream.read_buf(&mut head).await? == 0 {
                    return Ok(());
                }
            }
            let (_, session) = stream.get_ref();
            let name = session.server_name().unwrap_or("no name").to_owned();
            let protocol = String::from_utf8_lossy(session.alpn_protocol().unwrap_or(b"none")).into_owned();
            seen.requests.lock().unwrap().push(format!("{name} by {protocol}"));
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                .await
        }
    })
}

fn client(server: &Server, host: &str, roots: Option<&str>) -> Client {
    let mut settings = RuleSettings::new("test", format!("https://{host}:{}/", server.port()));
    settings.networks = vec!["127.0.0.1".to_owned()];
    settings.roots = roots.map(str::to_owned);
    let names = Names::default()
        .with("api.example.test", &[&["127.0.0.1"]])
        .with("other.example.test", &[&["127.0.0.1"]]);
    Client::new(Rule::new(settings).unwrap(), None, Arc::new(names))
}

#[tokio::test]
async fn the_name_that_was_asked_for_is_proven() {
    for version in [&[&rustls::version::TLS13], &[&rustls::version::TLS12]] {
        let server = Server::start(serving(GOOD, version)).await;
        for (host, seen) in [("api.example.test", "api.example.test"), ("127.0.0.1", "no name")] {
            let reply = get(&client(&server, host, Some(AUTHORITY)), "/").await.unwrap();
            assert_eq!(reply.status, 200);
            assert_eq!(server.requests().last().unwrap(), &format!("{seen} by http/1.1"));
        }
    }
}

#[tokio::test]
async fn who_cannot_prove_it_gets_no_request() {
    let good = || serving(GOOD, &[&rustls::version::TLS13]);
    let cases = [
        ("another name", good(), "other.example.test", Some(AUTHORITY)),
        ("an authority that nobody named", good(), "api.example.test", None),
        ("another authority", good(), "api.example.test", Some(GOOD)),
        (
            "expired",
            serving(EXPIRED, &[&rustls::version::TLS13]),
            "api.example.test",
            Some(AUTHORITY),
        ),
        (
            "no TLS",
            behaviour(|mut stream, _| async move { stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await }),
            "api.example.test",
            Some(AUTHORITY),
        ),
        (
            "a hang-up",
            behaviour(|_, _| async { Ok(()) }),
            "api.example.test",
            Some(AUTHORITY),
        ),
    ];
    for (what, behaviour, host, roots) in cases {
        let server = Server::start(behaviour).await;
        let error = get(&client(&server, host, roots), "/").await.unwrap_err();
        assert_eq!(
            (error.code(), error.sent()),
            (Code::TlsFailed, Sent::No),
            "{what}: {error:?}"
        );
        assert_eq!((server.connections(), server.requests().len()), (1, 0), "{what}");
    }
}

/// A handshake that is never answered ends, and nothing was sent.
#[tokio::test]
async fn a_handshake_that_nobody_answers_ends() {
    let server = Server::start(behaviour(|stream, _| async move {
        let _stream = stream;
        std::future::pending().await
    }));
    let server = server.await;
    let mut settings = RuleSettings::new("test", format!("https://127.0.0.1:{}/", server.port()));
    settings.networks = vec!["127.0.0.1".to_owned()];
    settings.roots = Some(AUTHORITY.to_owned());
    settings.times.connect = std::time::Duration::from_millis(300);
    let error = get(&crate::server::client(settings, None), "/").await.unwrap_err();
    assert_eq!((error.code(), error.sent()), (Code::ConnectTimeout, Sent::No));
}
