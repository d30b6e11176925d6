//! Which addresses nothing may be sent to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

mod special;
#[cfg(test)]
mod tests;

use special::{METADATA_V4, METADATA_V6, NEVER_V4, NEVER_V6, SPECIAL_V4, SPECIAL_V6};

/// The private networks that a binding names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Networks(Vec<IpNet>);

/// What an address is that may not be reached, for the operator's log.
pub(crate) type Reason = &'static str;

impl Networks {
    /// Reads networks: `10.1.0.0/16`, or one address.
    ///
    /// # Errors
    /// The text that is neither.
    pub(crate) fn parse(texts: &[String]) -> Result<Self, &str> {
        let network = |text: &str| match text.parse::<IpNet>() {
            Ok(network) => Some(network),
            Err(_) => text.parse::<IpAddr>().ok().map(IpNet::from),
        };
        let read = texts.iter().map(|text| network(text).ok_or(text.as_str()));
        read.collect::<Result<_, _>>().map(Self)
    }

    /// Judges one address: public, or in a network that the binding names.
    ///
    /// # Errors
    /// What the address is instead.
    pub(crate) fn judge(&self, address: IpAddr) -> Result<(), Reason> {
        match address {
            IpAddr::V4(address) => self.judge_v4(address),
            IpAddr::V6(address) => self.judge_v6(address),
        }
    }

    fn judge_v4(&self, address: Ipv4Addr) -> Result<(), Reason> {
        if let Some(reason) = listed_v4(NEVER_V4, address) {
            return Err(reason);
        }
        if let Some(reason) = listed_v4(METADATA_V4, address) {
            return self.unless_named_alone(address.into(), reason);
        }
        match listed_v4(SPECIAL_V4, address) {
            Some(reason) => self.unless_named(address.into(), reason),
            None => Ok(()),
        }
    }

    fn judge_v6(&self, address: Ipv6Addr) -> Result<(), Reason> {
        if let Some(reason) = listed_v6(NEVER_V6, address) {
            return Err(reason);
        }
        if let Some(reason) = listed_v6(METADATA_V6, address) {
            return self.unless_named_alone(address.into(), reason);
        }
        // A translated address ends where the IPv4 address within it says, so both must be allowed.
        if let Some(inner) = embedded(address) {
            self.judge_v4(inner)?;
        }
        match listed_v6(SPECIAL_V6, address) {
            Some(reason) => self.unless_named(address.into(), reason),
            // RFC 4291, 2.4: everything global that is assigned begins with 001.
            None if address.octets()[0] >> 5 == 1 => Ok(()),
            None => self.unless_named(address.into(), "not assigned"),
        }
    }

    fn unless_named(&self, address: IpAddr, reason: Reason) -> Result<(), Reason> {
        let named = self.0.iter().any(|network| network.contains(&address));
        if named { Ok(()) } else { Err(reason) }
    }

    /// Credentials of the machine itself lie behind such an address: a wider network is not meant to open it.
    fn unless_named_alone(&self, address: IpAddr, reason: Reason) -> Result<(), Reason> {
        let named = self.0.contains(&IpNet::from(address));
        if named { Ok(()) } else { Err(reason) }
    }
}

fn listed_v4(list: &[(Ipv4Net, Reason)], address: Ipv4Addr) -> Option<Reason> {
    let found = list.iter().find(|(network, _)| network.contains(&address));
    found.map(|(_, reason)| *reason)
}

fn listed_v6(list: &[(Ipv6Net, Reason)], address: Ipv6Addr) -> Option<Reason> {
    let found = list.iter().find(|(network, _)| network.contains(&address));
    found.map(|(_, reason)| *reason)
}

/// The IPv4 address that an IPv6 address stands for: mapped and compatible (RFC 4291, 2.5.5), NAT64 (RFC 6052, 2.1) and
/// 6to4 (RFC 3056).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0 | 0xffff) | (0, 0, 0, 0, 0xffff, 0) if address.segments() != [0, 0, 0, 0, 0, 0, 0, 1] => {
            Some(of(g, h))
        }
        (0x64, 0xff9b, ..) => Some(of(g, h)),
        (0x2002, high, low, ..) => Some(of(high, low)),
        _ => None,
    }
}
