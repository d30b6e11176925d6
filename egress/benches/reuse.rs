//! What a kept connection saves: `cargo bench -p egress --bench reuse` prints the time of one small GET on loopback, by a new
//! connection each and by a kept one, without and with TLS. Between machines a new connection costs two more round trips.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it prints figures, and stops where it cannot"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use egress::{Client, Request, Rule, RuleSettings, SystemResolver};
use http::Method;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const REQUESTS: u32 = 2_000;

#[tokio::main]
async fn main() {
    for (secure, idle) in [(false, 0), (false, 30), (true, 0), (true, 30)] {
        let client = client(secure, idle).await;
        once(&client).await;
        let begun = Instant::now();
        for _ in 0..REQUESTS {
            once(&client).await;
        }
        let each = begun.elapsed() / REQUESTS;
        let (how, which) = (
            if secure { "TLS" } else { "plain" },
            if idle == 0 { "new" } else { "kept" },
        );
        println!("{how:>5}, {which:>4} connection: {each:>8.1?} a request");
    }
}

async fn once(client: &Client) {
    let target = client.rule().below("/").unwrap();
    client.send(Request::new(Method::GET, target)).await.unwrap();
}

async fn client(secure: bool, idle: u64) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let scheme = if secure { "https" } else { "http" };
    let mut settings = RuleSettings::new("bench", format!("{scheme}://{}/", listener.local_addr().unwrap()));
    settings.plain_http = true;
    settings.networks = vec!["127.0.0.1".to_owned()];
    settings.roots = Some(include_str!("../tests/tls/authority.pem").to_owned());
    settings.times.idle = Duration::from_secs(idle);
    tokio::spawn(serve(listener, secure.then(acceptor)));
    Client::new(Rule::new(settings).unwrap(), None, Arc::new(SystemResolver))
}

fn acceptor() -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let chain = CertificateDer::from_pem_slice(include_bytes!("../tests/tls/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../tests/tls/server.key")).unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![chain], key).unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(listener: TcpListener, acceptor: Option<TlsAcceptor>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            match acceptor {
                None => answer(stream).await,
                Some(acceptor) => answer(acceptor.accept(stream).await.unwrap()).await,
            }
        });
    }
}

/// Every request of the bench comes in one piece.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut buffer = [0; 1024];
    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
        if stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            .await
            .is_err()
        {
            return;
        }
    }
}
