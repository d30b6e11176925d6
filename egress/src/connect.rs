//! Connections, only to judged addresses, and with TLS only to who the target names.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use url::Host;

use crate::error::{Code, Error};
use crate::resolve::Judged;
use crate::target::Target;

/// Bytes both ways.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// An open way to a target.
pub(crate) struct Opened {
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) peer: SocketAddr,
}

/// Opens a way to one of the addresses.
///
/// # Errors
/// `connect-failed` and `tls-failed`.
pub(crate) async fn open(
    target: &Target,
    judged: &Judged,
    tls: Option<Arc<ClientConfig>>,
    within: Duration,
) -> Result<Opened, Error> {
    let (stream, peer) = reach(target, judged, within).await?;
    let stream: Box<dyn Stream> = match tls {
        None => Box::new(stream),
        Some(config) => {
            let secured = TlsConnector::from(config).connect(server_name(target)?, stream).await;
            Box::new(secured.map_err(|cause| tls_failed(target, cause))?)
        }
    };
    Ok(Opened { stream, peer })
}

/// Tries the addresses in order, each with its share of the time that is left, so that one that swallows packets does not
/// take it all.
async fn reach(target: &Target, judged: &Judged, within: Duration) -> Result<(TcpStream, SocketAddr), Error> {
    let end = Instant::now() + within;
    let mut causes = String::new();
    let count = judged.addresses().len();
    for (tried, address) in judged.addresses().iter().enumerate() {
        let left = u32::try_from(count - tried).unwrap_or(u32::MAX);
        let share = end.saturating_duration_since(Instant::now()) / left;
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Requests are written whole: waiting to fill a packet only costs time.
                let _ = stream.set_nodelay(true);
                return Ok((stream, *address));
            }
            Ok(Err(cause)) => causes.push_str(&format!("{address}: {cause}; ")),
            Err(_) => causes.push_str(&format!("{address}: no answer; ")),
        }
    }
    let told = format!("`{}` takes no connection.", target.host());
    Err(Error::new(Code::ConnectFailed, told).keep(causes))
}

fn server_name(target: &Target) -> Result<ServerName<'static>, Error> {
    match target.parsed_host() {
        Host::Ipv4(address) => Ok(ServerName::IpAddress((*address).into())),
        Host::Ipv6(address) => Ok(ServerName::IpAddress((*address).into())),
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|cause| tls_failed(target, cause)),
    }
}

pub(crate) fn tls_failed(target: &Target, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    let told = format!(
        "`{}` could not prove over TLS that it is who it should be.",
        target.host()
    );
    Error::new(Code::TlsFailed, told).keep(cause)
}
