//! Serves a simulator over HTTP/1.1, with every request recorded and faults shown where they were ordered.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::traffic::{Fault, Traffic};

/// Larger request bodies end the connection.
const BODY_LIMIT: usize = 16 << 20;

/// A simulated service that is not listening yet.
pub struct Server {
    name: &'static str,
    router: Router,
    admin: Router,
    traffic: Traffic,
}

/// How a request came in, for services that say where they are: `http` or `https`. An extension of every request.
#[derive(Clone, Copy, Debug)]
pub struct Scheme(pub &'static str);

/// What a service proves its name with.
pub struct Certificate(TlsAcceptor);

impl Certificate {
    /// Reads a chain and its private key, both PEM.
    ///
    /// # Errors
    /// If a file cannot be read or the two do not belong together.
    pub fn read(chain: &Path, key: &Path) -> anyhow::Result<Self> {
        Self::parse(&std::fs::read(chain)?, &std::fs::read(key)?)
    }

    /// The same from what stands in the files.
    ///
    /// # Errors
    /// If one is no PEM or the two do not belong together.
    pub fn parse(chain: &[u8], key: &[u8]) -> anyhow::Result<Self> {
        let chain = CertificateDer::pem_slice_iter(chain).collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(key)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let settings = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok(Self(TlsAcceptor::from(Arc::new(settings))))
    }

    /// The handshake of one connection.
    pub(crate) fn accept(&self, stream: TcpStream) -> tokio_rustls::Accept<TcpStream> {
        self.0.accept(stream)
    }
}

impl Server {
    /// A service of this name that answers with these routes.
    #[must_use]
    pub fn new(name: &'static str, router: Router) -> Self {
        let (admin, traffic) = (Router::new(), Traffic::default());
        Self {
            name,
            router,
            admin,
            traffic,
        }
    }

    /// Adds routes to the port from which tests in other processes steer the service.
    #[must_use]
    pub fn with_admin(mut self, admin: Router) -> Self {
        self.admin = admin;
        self
    }

    /// Serves the handle on what was seen, and the service's own routes, to other processes: `GET /__seen`,
    /// `DELETE /__seen`, and `POST /__faults` with an [`Order`](crate::traffic::Order).
    #[must_use]
    pub fn admin(&self) -> Self {
        Self::new("admin", self.traffic.router().merge(self.admin.clone()))
    }

    /// The service's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The handle on what it will have seen.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.traffic.clone()
    }

    /// Listens on a free port of loopback, without TLS, until the runtime ends.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start(self) -> anyhow::Result<(SocketAddr, Traffic)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, traffic) = (listener.local_addr()?, self.traffic());
        tokio::spawn(self.run(listener, None));
        Ok((address, traffic))
    }

    /// Serves until the listener fails.
    ///
    /// # Errors
    /// If the listener fails.
    pub async fn run(self, listener: TcpListener, certificate: Option<Certificate>) -> anyhow::Result<()> {
        let scheme = Scheme(if certificate.is_some() { "https" } else { "http" });
        let router = self.router.layer(axum::Extension(scheme));
        loop {
            let (stream, _) = listener.accept().await?;
            let (router, traffic) = (router.clone(), self.traffic.clone());
            match &certificate {
                None => drop(tokio::spawn(serve(stream, router, traffic))),
                Some(Certificate(acceptor)) => {
                    let handshake = acceptor.accept(stream);
                    tokio::spawn(async move {
                        if let Ok(stream) = handshake.await {
                            serve(stream, router, traffic).await;
                        }
                    });
                }
            }
        }
    }
}

/// The connection ends without an answer.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed without an answer")
    }
}

impl std::error::Error for Closed {}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin, router: Router, traffic: Traffic) {
    let service = service_fn(|request| answer(request, router.clone(), traffic.clone()));
    // What goes wrong here is the client's to notice: it left, or it met a fault that was ordered.
    let _ended = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn answer(request: Request<Incoming>, router: Router, traffic: Traffic) -> Result<Response<Body>, Closed> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), BODY_LIMIT).await.map_err(|_| Closed)?;
    let fault = traffic.arrived(&parts, &body);
    match fault {
        Some(Fault::Unavailable) => return Ok(page(StatusCode::SERVICE_UNAVAILABLE, "Down for maintenance")),
        Some(Fault::Garbage) => return Ok(page(StatusCode::OK, "Welcome to the hotel's network")),
        Some(Fault::Close) => return Err(Closed),
        Some(fault @ Fault::Slow(milliseconds)) => {
            traffic.meets(fault);
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        }
        Some(Fault::LoseReply | Fault::LateReply(_)) | None => {}
    }
    let request = Request::from_parts(parts, Body::from(body));
    let response = tower::ServiceExt::oneshot(router, request).await;
    if let Some(fault @ Fault::LateReply(milliseconds)) = fault {
        traffic.meets(fault);
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    match (fault, response) {
        (Some(Fault::LoseReply), _) => Err(Closed),
        (_, Ok(response)) => Ok(response),
        (_, Err(never)) => match never {},
    }
}

fn page(status: StatusCode, title: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(format!("<html><title>{title}</title></html>")));
    *response.status_mut() = status;
    response
}
