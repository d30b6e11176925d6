//! Each range at its first and last address, beside its neighbours.

use proptest::prelude::*;

use super::*;

fn judge(address: &str, named: &[&str]) -> Result<(), Reason> {
    let named: Vec<String> = named.iter().map(|text| (*text).to_owned()).collect();
    Networks::parse(&named).unwrap().judge(address.parse().unwrap())
}

#[test]
fn public_addresses_are_allowed() {
    let addresses = [
        "1.0.0.0",
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "168.63.129.15",
        "2000::",
        "2001:200::",
        "2001:db7:ffff::",
        "2001:db9::",
        "2003::1",
        "2606:4700::1111",
        "3ffe:ffff::",
        "3fff:1000::",
    ];
    for address in addresses {
        assert_eq!(judge(address, &[]), Ok(()), "{address}");
    }
}

#[test]
fn each_range_is_refused_from_its_first_address_to_its_last() {
    let ranges = SPECIAL_V4.iter().chain(NEVER_V4).chain(METADATA_V4);
    for (network, _) in ranges {
        for address in [network.network(), network.broadcast()] {
            assert!(Networks::default().judge(address.into()).is_err(), "{address}");
        }
    }
    for (network, _) in SPECIAL_V6.iter().chain(NEVER_V6).chain(METADATA_V6) {
        for address in [network.network(), network.broadcast()] {
            assert!(Networks::default().judge(address.into()).is_err(), "{address}");
        }
    }
}

#[test]
fn a_named_network_opens_itself_and_no_more() {
    let cases: [(&str, &[&str], Result<(), Reason>); 18] = [
        ("10.1.2.3", &["10.1.0.0/16"], Ok(())),
        ("10.2.0.0", &["10.1.0.0/16"], Err("private")),
        ("127.0.0.1", &["127.0.0.1"], Ok(())),
        ("127.0.0.2", &["127.0.0.1"], Err("loopback")),
        ("::1", &["127.0.0.0/8"], Err("loopback")),
        ("::1", &["::1"], Ok(())),
        ("fd12::1", &["fd00::/8"], Ok(())),
        // Credentials are opened by name alone.
        ("169.254.169.254", &["169.254.0.0/16"], Err("metadata")),
        ("169.254.169.254", &["169.254.169.254/32"], Ok(())),
        ("100.100.100.200", &["100.64.0.0/10"], Err("metadata")),
        ("fd00:ec2::254", &["fd00::/8"], Err("metadata")),
        ("168.63.129.16", &["0.0.0.0/0"], Err("metadata")),
        // A translated address needs both halves.
        ("64:ff9b::808:808", &["64:ff9b::/96"], Ok(())),
        ("64:ff9b::a00:1", &["64:ff9b::/96"], Err("private")),
        (
            "64:ff9b::a9fe:a9fe",
            &["64:ff9b::/96", "169.254.0.0/16"],
            Err("metadata"),
        ),
        ("::ffff:127.0.0.1", &["127.0.0.0/8"], Err("IPv4 in IPv6")),
        // Nothing opens these.
        ("0.0.0.0", &["0.0.0.0/0"], Err("this host")),
        ("ff02::1", &["::/0"], Err("multicast")),
    ];
    for (address, named, verdict) in cases {
        assert_eq!(judge(address, named), verdict, "{address} by {named:?}");
    }
}

#[test]
fn what_is_no_network_is_said() {
    for text in ["", "10.0.0.0/33", "10.0.0", "localhost", "::/129", "10.0.0.0/8 "] {
        assert_eq!(Networks::parse(&[text.to_owned()]), Err(text));
    }
}

proptest! {
    /// What is allowed is public by the standard library's own words too.
    #[test]
    fn an_allowed_address_is_public(bits in any::<u32>()) {
        let address = Ipv4Addr::from(bits);
        if Networks::default().judge(address.into()).is_ok() {
            let inner = address.is_private() || address.is_loopback() || address.is_link_local() || address.is_unspecified();
            let special = address.is_broadcast() || address.is_documentation() || address.is_multicast();
            prop_assert!(!inner && !special);
        }
    }

    /// However an inner address is wrapped, it stays refused.
    #[test]
    fn a_wrapped_address_is_refused([high, rest] in any::<[u16; 2]>(), [a, b, c, d] in any::<[u16; 4]>()) {
        let wrapped = [
            Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, high, rest),
            Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, high, rest),
            Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, rest),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, rest),
            Ipv6Addr::new(0x64, 0xff9b, 1, a, b, c, high, rest),
            Ipv6Addr::new(0x2002, high, rest, a, b, c, d, 1),
            Ipv6Addr::new(0x2001, 0, high, rest, a, b, c, d),
            Ipv6Addr::new(0xfd00 | (a & 0xff), b, c, d, high, rest, 0, 1),
        ];
        for address in wrapped {
            prop_assert!(Networks::default().judge(address.into()).is_err(), "{}", address);
        }
    }
}
