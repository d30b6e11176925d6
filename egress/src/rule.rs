//! Where one binding may go, and how much it may send and take.

use std::sync::Arc;

use http::HeaderName;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::address::Networks;
use crate::error::{Code, Error};
use crate::target::Target;

mod limits;
mod place;
#[cfg(test)]
mod tests;

pub use limits::{Caps, Times};
pub(crate) use place::{Place, Scheme};

/// What a binding may reach, as the operator wrote it.
#[derive(Clone, Debug)]
pub struct RuleSettings {
    /// The binding's name, for sentences and traces.
    pub name: String,
    /// Scheme, host, port and path below which the binding's own requests go: `https://example.atlassian.net/`. The
    /// credential goes here and nowhere else.
    pub base: String,
    /// Further places that requests may name by their real host.
    pub hosts: Vec<HostSettings>,
    /// Whether `base` and `hosts` may have the scheme `http`.
    pub plain_http: bool,
    /// Networks that are not public and that the binding may still reach: `10.1.0.0/16` or one address. An address where a
    /// cloud keeps credentials must be named by itself.
    pub networks: Vec<String>,
    /// Whether a path may hold `%2F`. Policy judges paths as they are spelled, so this is for APIs that need it.
    pub encoded_slashes: bool,
    /// Headers that only the host sets, beside those of the connection and of the credential.
    pub owned_headers: Vec<String>,
    /// PEM certificates of authorities that are trusted beside the machine's.
    pub roots: Option<String>,
    /// Most bytes.
    pub caps: Caps,
    /// Most time.
    pub times: Times,
}

/// A place beside the base.
#[derive(Clone, Debug)]
pub struct HostSettings {
    /// As the base is written; a bare `api.example.com` means `https://api.example.com/`.
    pub base: String,
    /// Whether the binding's credential goes there too.
    pub credential: bool,
}

/// What a binding may reach, checked. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Rule(Arc<Checked>);

#[derive(Debug)]
struct Checked {
    name: String,
    /// The base, and then the others.
    base: Place,
    hosts: Vec<Place>,
    networks: Networks,
    encoded_slashes: bool,
    owned_headers: Vec<HeaderName>,
    roots: Vec<CertificateDer<'static>>,
    caps: Caps,
    times: Times,
}

impl RuleSettings {
    /// A binding that may reach what lies below one base URL, with the default limits.
    pub fn new(name: impl Into<String>, base: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            base: base.into(),
            hosts: Vec::new(),
            plain_http: false,
            networks: Vec::new(),
            encoded_slashes: false,
            owned_headers: Vec::new(),
            roots: None,
            caps: Caps::default(),
            times: Times::default(),
        }
    }
}

impl Rule {
    /// Checks the settings of a binding.
    ///
    /// # Errors
    /// `rule-invalid`, with the setting that cannot hold.
    pub fn new(settings: RuleSettings) -> Result<Self, Error> {
        let plain = settings.plain_http;
        let base = Place::parse(&settings.base, plain, true)?;
        let hosts = settings.hosts.iter();
        let hosts = hosts.map(|host| Place::parse(&host.base, plain, host.credential));
        let networks = Networks::parse(&settings.networks);
        let owned = settings.owned_headers.iter().map(|name| header_name(name));
        Ok(Self(Arc::new(Checked {
            base,
            hosts: hosts.collect::<Result<_, _>>()?,
            networks: networks.map_err(|text| invalid(format!("`{text}` is no network.")))?,
            encoded_slashes: settings.encoded_slashes,
            owned_headers: owned.collect::<Result<_, _>>()?,
            roots: certificates(settings.roots.as_deref())?,
            caps: settings.caps,
            times: settings.times,
            name: settings.name,
        })))
    }

    /// The target of a request that names the binding: this path and query below the base.
    ///
    /// # Errors
    /// `target-malformed` and `path-not-allowed`.
    pub fn below(&self, path_and_query: &str) -> Result<Target, Error> {
        Target::below(self, path_and_query)
    }

    /// The target of a request that names a real host.
    ///
    /// # Errors
    /// `target-malformed`, and `scheme-`, `userinfo-`, `host-`, `port-` and `path-not-allowed`.
    pub fn at(&self, url: &str) -> Result<Target, Error> {
        Target::at(self, url)
    }

    /// The binding's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The caps of the binding.
    pub fn caps(&self) -> &Caps {
        &self.0.caps
    }

    /// The times of the binding.
    pub fn times(&self) -> &Times {
        &self.0.times
    }

    pub(crate) fn base(&self) -> &Place {
        &self.0.base
    }

    /// Every place, the base first.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        std::iter::once(&self.0.base).chain(&self.0.hosts)
    }

    pub(crate) fn networks(&self) -> &Networks {
        &self.0.networks
    }

    pub(crate) fn encoded_slashes(&self) -> bool {
        self.0.encoded_slashes
    }

    pub(crate) fn owns_header(&self, name: &HeaderName) -> bool {
        self.0.owned_headers.contains(name)
    }

    pub(crate) fn roots(&self) -> &[CertificateDer<'static>] {
        &self.0.roots
    }
}

pub(crate) fn invalid(told: impl Into<String>) -> Error {
    Error::new(Code::RuleInvalid, told)
}

fn header_name(text: &str) -> Result<HeaderName, Error> {
    text.parse()
        .map_err(|_| invalid(format!("`{text}` is no name of a header.")))
}

fn certificates(pem: Option<&str>) -> Result<Vec<CertificateDer<'static>>, Error> {
    let Some(pem) = pem else { return Ok(Vec::new()) };
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let read = read.map_err(|cause| invalid("The roots are no PEM certificates.").keep(cause.to_string()))?;
    if read.is_empty() {
        return Err(invalid("The roots hold no certificate."));
    }
    Ok(read)
}
