//! The ranges that are not the public Internet: IANA's registries of special-purpose addresses (RFC 6890), and where clouds
//! hand out credentials.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

use super::Reason;

/// No connection can mean what it says there, whatever a binding names.
pub(super) const NEVER_V4: &[(Ipv4Net, Reason)] = &[
    (v4([0, 0, 0, 0], 8), "this host"),
    (v4([224, 0, 0, 0], 4), "multicast"),
    (v4([255, 255, 255, 255], 32), "broadcast"),
];

/// Services of clouds that answer with credentials or with the machine's secrets.
pub(super) const METADATA_V4: &[(Ipv4Net, Reason)] = &[
    (v4([169, 254, 169, 254], 32), "metadata"), // AWS, Azure, Google, Oracle, DigitalOcean, Hetzner, OpenStack
    (v4([169, 254, 170, 2], 32), "metadata"),   // AWS: tasks of ECS
    (v4([169, 254, 170, 23], 32), "metadata"),  // AWS: pods of EKS
    (v4([169, 254, 169, 253], 32), "metadata"), // AWS: names
    (v4([169, 254, 169, 123], 32), "metadata"), // AWS: time
    (v4([169, 254, 0, 23], 32), "metadata"),    // Tencent
    (v4([169, 254, 10, 10], 32), "metadata"),   // Tencent
    (v4([169, 254, 42, 42], 32), "metadata"),   // Scaleway
    (v4([100, 100, 100, 200], 32), "metadata"), // Alibaba
    (v4([192, 0, 0, 192], 32), "metadata"),     // Oracle, classic
    (v4([168, 63, 129, 16], 32), "metadata"),   // Azure: the wire server, in public space
];

/// IANA IPv4 Special-Purpose Address Registry.
pub(super) const SPECIAL_V4: &[(Ipv4Net, Reason)] = &[
    (v4([10, 0, 0, 0], 8), "private"),
    (v4([100, 64, 0, 0], 10), "shared by a provider's customers"),
    (v4([127, 0, 0, 0], 8), "loopback"),
    (v4([169, 254, 0, 0], 16), "link-local"),
    (v4([172, 16, 0, 0], 12), "private"),
    (v4([192, 0, 0, 0], 24), "protocol assignments"),
    (v4([192, 0, 2, 0], 24), "documentation"),
    (v4([192, 31, 196, 0], 24), "AS112"),
    (v4([192, 52, 193, 0], 24), "multicast tunnelling"),
    (v4([192, 88, 99, 0], 24), "6to4 relay"),
    (v4([192, 168, 0, 0], 16), "private"),
    (v4([192, 175, 48, 0], 24), "AS112"),
    (v4([198, 18, 0, 0], 15), "benchmarking"),
    (v4([198, 51, 100, 0], 24), "documentation"),
    (v4([203, 0, 113, 0], 24), "documentation"),
    (v4([240, 0, 0, 0], 4), "reserved"),
];

pub(super) const NEVER_V6: &[(Ipv6Net, Reason)] = &[
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), "this host"),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast"),
];

pub(super) const METADATA_V6: &[(Ipv6Net, Reason)] = &[
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128), "metadata"), // AWS
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253], 128), "metadata"), // AWS: names
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x123], 128), "metadata"), // AWS: time
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23], 128), "metadata"),  // AWS: pods of EKS
    (v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128), "metadata"),  // Google
    (v6([0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128), "metadata"), // Oracle
    (v6([0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42], 128), "metadata"),   // Scaleway
    (v6([0xfe80, 0, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128), "metadata"), // OpenStack
];

/// IANA IPv6 Special-Purpose Address Registry, and what was withdrawn from it. Whatever lies outside of 2000::/3 and is not
/// listed is refused too.
pub(super) const SPECIAL_V6: &[(Ipv6Net, Reason)] = &[
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback"),
    (v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), "IPv4 in IPv6"),
    (v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96), "IPv4 in IPv6"),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), "IPv4 in IPv6"),
    (v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96), "NAT64"),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "local NAT64"),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), "discarded"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "Teredo"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "protocol assignments"),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "documentation"),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "6to4"),
    (v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), "AS112"),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "documentation"),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), "segment routing"),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "private"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local"),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "site-local"),
];

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6([a, b, c, d, e, f, g, h]: [u16; 8], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), length)
}
