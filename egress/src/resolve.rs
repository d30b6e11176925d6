//! Names become addresses, once for each request, and every address is judged.

use std::io;
use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use url::Host;

use crate::error::{Code, Error};
use crate::rule::Rule;
use crate::target::Target;

#[cfg(test)]
mod tests;

/// Most addresses that are tried.
const TRIED: usize = 8;

/// Turns names into addresses. What it answers is checked by who asks.
#[async_trait]
pub trait Resolve: Send + Sync + 'static {
    /// Every address of a name, those to be tried first in front.
    ///
    /// # Errors
    /// When nobody knows, or nobody answers.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver: its hosts file, its name servers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// The addresses of one target, each of them judged. Nothing else is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judged(Vec<SocketAddr>);

impl Judged {
    /// Resolves the host of a target, once, and judges all that comes back: one forbidden address among good ones means that
    /// somebody tries something.
    ///
    /// # Errors
    /// `name-unresolved` and `address-forbidden`.
    pub(crate) async fn new(rule: &Rule, target: &Target, resolver: &dyn Resolve) -> Result<Self, Error> {
        let addresses = match target.parsed_host() {
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
            Host::Domain(name) => look_up(name, resolver).await?,
        };
        for address in &addresses {
            rule.networks().judge(*address).map_err(|reason| {
                let told = format!("`{}` lies at an address that the binding may not reach.", target.host());
                Error::new(Code::AddressForbidden, told).keep(format!("{address} is {reason}"))
            })?;
        }
        let sockets = addresses
            .into_iter()
            .map(|address| SocketAddr::new(address, target.port()));
        Ok(Self(sockets.take(TRIED).collect()))
    }

    /// The addresses, in the order in which they are tried.
    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.0
    }
}

async fn look_up(name: &str, resolver: &dyn Resolve) -> Result<Vec<IpAddr>, Error> {
    let unresolved = || Error::new(Code::NameUnresolved, format!("`{name}` has no address."));
    let found = resolver.resolve(name).await;
    let found = found.map_err(|cause| unresolved().keep(cause))?;
    if found.is_empty() {
        return Err(unresolved());
    }
    Ok(found)
}
