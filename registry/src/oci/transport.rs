//! Connections: to the registry that was named, and, more warily, to where it sends us.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::{Certificate, NoProxy};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use url::Url;

use super::ClientSettings;
use crate::error::{Code, Error};
use crate::oci::address::Public;
use crate::tls::install_tls_provider;

/// HTTP clients, each made when it is first needed: a machine without certificates still reaches loopback.
#[derive(Debug, Default)]
pub(super) struct Transport {
    kept: Mutex<HashMap<(Peer, Option<String>), reqwest::Client>>,
}

/// Whom a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Peer {
    /// A registry that is spoken to without TLS.
    Plain,
    /// A registry or token server that the operator named.
    Secure,
    /// Where a registry redirects to: by TLS, and never into a private network.
    Away,
}

/// Who vouches for a registry's name, beside the authorities that the system knows.
#[derive(Clone, Debug)]
pub struct Authority {
    registry: String,
    certificates: Vec<Certificate>,
}

/// What stands between the host and registries outside.
#[derive(Clone)]
pub struct Proxy {
    proxy: reqwest::Proxy,
    direct: Option<NoProxy>,
}

impl Authority {
    /// Reads certificates in PEM that vouch for a registry, for its token server and for where it redirects to.
    ///
    /// # Errors
    /// `settings-invalid` where there is none, or one that cannot be read.
    pub fn read(registry: &str, pem: &[u8]) -> Result<Self, Error> {
        let told = || invalid(&format!("the certificates for `{registry}` are no PEM, or none"));
        let read = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let read = read.map_err(|cause| told().keep(cause))?;
        if read.is_empty() {
            return Err(told());
        }
        let (mut roots, mut certificates) = (RootCertStore::empty(), Vec::new());
        for certificate in read {
            certificates.push(Certificate::from_der(&certificate).map_err(|cause| told().keep(cause))?);
            roots.add(certificate).map_err(|cause| told().keep(cause))?;
        }
        Ok(Self {
            registry: registry.to_owned(),
            certificates,
        })
    }
}

impl Proxy {
    /// A proxy for everything that is spoken to by TLS, but for the hosts and networks that are reached directly (as
    /// `NO_PROXY` spells them). It resolves names itself, so it decides into which networks a registry may redirect.
    ///
    /// # Errors
    /// `settings-invalid` where the URL is none of a proxy of HTTP, or holds a password.
    pub fn new(url: &Url, login: Option<(&str, &str)>, direct: &[String]) -> Result<Self, Error> {
        let bare = url.username().is_empty() && url.password().is_none();
        if !bare || !matches!(url.scheme(), "http" | "https") {
            return Err(invalid(
                "a proxy is written `http://host:port`, its user and password apart",
            ));
        }
        let told = |cause| invalid("the proxy's URL cannot be used").keep(cause);
        let mut proxy = reqwest::Proxy::all(url.clone()).map_err(told)?;
        if let Some((user, password)) = login {
            proxy = proxy.basic_auth(user, password);
        }
        Ok(Self {
            proxy,
            direct: NoProxy::from_string(&direct.join(",")),
        })
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").finish_non_exhaustive()
    }
}

impl Transport {
    /// The client for this peer of a registry.
    ///
    /// # Errors
    /// `registry-unreachable` where the machine has no certificates to check TLS with.
    pub(super) fn to(&self, peer: Peer, registry: &str, settings: &ClientSettings) -> Result<reqwest::Client, Error> {
        let mut authorities = settings.authorities.iter();
        let authority = authorities.find(|authority| authority.registry == registry);
        let key = (peer, authority.map(|authority| authority.registry.clone()));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = kept.get(&key) {
            return Ok(client.clone());
        }
        let told = "TLS cannot be used: install the system's CA certificates.";
        let builder = builder(peer, authority, settings);
        let client = builder
            .build()
            .map_err(|cause| Error::new(Code::RegistryUnreachable, told).keep(cause))?;
        kept.insert(key, client.clone());
        Ok(client)
    }
}

fn builder(peer: Peer, authority: Option<&Authority>, settings: &ClientSettings) -> reqwest::ClientBuilder {
    install_tls_provider();
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(settings.connect)
        .read_timeout(settings.idle)
        .user_agent(concat!("skillhost/", env!("CARGO_PKG_VERSION")));
    let certificates = authority
        .into_iter()
        .flat_map(|authority| authority.certificates.clone());
    match (peer, &settings.proxy) {
        // A proxy on the way to loopback would be somebody else's loopback.
        (Peer::Plain, _) => builder.no_proxy().tls_certs_only([]),
        // Without a proxy of the settings, that of the environment is asked, as everywhere.
        (Peer::Secure, None) => builder.tls_certs_merge(certificates),
        (Peer::Secure, Some(Proxy { proxy, direct })) => {
            let proxy = proxy.clone().no_proxy(direct.clone());
            builder.proxy(proxy).tls_certs_merge(certificates)
        }
        // A proxy of the environment would resolve the name itself, behind the check.
        (Peer::Away, None) => {
            let builder = builder.no_proxy().dns_resolver(Arc::new(Public));
            builder.tls_certs_merge(certificates)
        }
        // What the operator reaches directly lies inside, where no redirect may lead.
        (Peer::Away, Some(Proxy { proxy, .. })) => builder.proxy(proxy.clone()).tls_certs_merge(certificates),
    }
}

fn invalid(why: &str) -> Error {
    Error::new(
        Code::SettingsInvalid,
        format!("The settings of registries cannot be used: {why}."),
    )
}
