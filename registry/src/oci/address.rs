//! Which addresses a redirect may lead to: the public internet, and nothing inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Resolves names to public addresses only, so that a registry cannot point us at a private service.
#[derive(Debug)]
pub(super) struct Public;

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if addresses.is_empty() {
                return Err("the name has no public address".into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Whether the host of this URL is this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether the URL names an address, and that address is private: such a URL is never resolved.
pub(super) fn names_private(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(_)) | None => false,
        Some(Host::Ipv4(address)) => !is_public(address.into()),
        Some(Host::Ipv6(address)) => !is_public(address.into()),
    }
}

/// Whether an address is globally reachable (IANA special-purpose address registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| is_public_v6(v6), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocol = a == 192 && b == 0 && c == 0;
    let benchmark = a == 198 && (b == 18 || b == 19);
    !(a == 0
        || a >= 224
        || shared
        || protocol
        || benchmark
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation())
}

/// Global unicast is 2000::/3; within it, tunnels and translations could carry a private IPv4 address.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let global = first & 0xe000 == 0x2000;
    let special = first == 0x2002 || (first == 0x2001 && (second < 0x0200 || second == 0x0db8));
    global && !special
}

#[cfg(test)]
mod tests {
    //! Addresses inside and outside.

    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        let inside = "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.0.0.1 192.0.2.1 \
            192.168.1.1 198.18.0.1 203.0.113.1 224.0.0.1 255.255.255.255 :: ::1 ::ffff:10.0.0.1 64:ff9b::a00:1 \
            2001::1 2001:db8::1 2002:a00:1:: fc00::1 fe80::1 ff02::1";
        for address in inside.split_whitespace() {
            assert!(address.parse().is_ok_and(|address| !is_public(address)), "{address}");
        }
        for address in ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:1.1.1.1"] {
            assert!(address.parse().is_ok_and(is_public), "{address}");
        }
    }

    #[test]
    fn a_private_address_is_seen_however_it_is_written() {
        for url in [
            "https://169.254.169.254/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::1]/",
        ] {
            assert!(Url::parse(url).is_ok_and(|url| names_private(&url)), "{url}");
        }
        for url in ["http://localhost:1/", "http://127.8.9.1/", "http://[::1]:5000/"] {
            assert!(Url::parse(url).is_ok_and(|url| is_loopback(&url)), "{url}");
        }
    }
}
