//! Connections: to the registry that was named, and, more warily, to where it sends us.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::error::{Code, Error};
use crate::oci::address::Public;
use crate::tls::install_tls_provider;

/// HTTP clients, each made when it is first needed: a machine without certificates still reaches loopback.
#[derive(Debug)]
pub(super) struct Transport {
    connect: Duration,
    idle: Duration,
    plain: OnceLock<reqwest::Client>,
    secure: OnceLock<reqwest::Client>,
    away: OnceLock<reqwest::Client>,
}

/// Whom a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    /// A registry that is spoken to without TLS.
    Plain,
    /// A registry or token server that the operator named.
    Secure,
    /// Where a registry redirects to: by TLS, and never into a private network.
    Away,
}

impl Transport {
    pub(super) const fn new(connect: Duration, idle: Duration) -> Self {
        Self {
            connect,
            idle,
            plain: OnceLock::new(),
            secure: OnceLock::new(),
            away: OnceLock::new(),
        }
    }

    /// The client for this peer.
    ///
    /// # Errors
    /// `registry-unreachable` where the machine has no certificates to check TLS with.
    pub(super) fn to(&self, peer: Peer) -> Result<&reqwest::Client, Error> {
        let (kept, builder) = match peer {
            // A proxy on the way to loopback would be somebody else's loopback.
            Peer::Plain => (&self.plain, self.builder().no_proxy().tls_certs_only([])),
            Peer::Secure => (&self.secure, self.builder()),
            // A proxy would resolve the name itself, behind the check.
            Peer::Away => (&self.away, self.builder().no_proxy().dns_resolver(Arc::new(Public))),
        };
        if let Some(client) = kept.get() {
            return Ok(client);
        }
        let told = "TLS cannot be used: install the system's CA certificates.";
        let client = builder
            .build()
            .map_err(|cause| Error::new(Code::RegistryUnreachable, told).keep(cause))?;
        Ok(kept.get_or_init(|| client))
    }

    fn builder(&self) -> reqwest::ClientBuilder {
        install_tls_provider();
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.connect)
            .read_timeout(self.idle)
            .user_agent(concat!("skillhost/", env!("CARGO_PKG_VERSION")))
    }
}
