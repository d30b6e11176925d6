//! Digests as they are written and read.

use super::Digest;
use crate::fixture::show;

/// The SHA-256 of `abc` (FIPS 180-4, the example of NIST).
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn a_digest_is_the_sha_256_of_its_bytes() {
    let digest = Digest::of(b"abc");
    assert_eq!(digest.hex(), ABC);
    assert_eq!(
        (digest.to_string(), format!("{digest:?}")),
        (format!("sha256:{ABC}"), format!("sha256:{ABC}"))
    );
    assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
    assert_eq!(Digest::from_hex(ABC).unwrap(), digest);
    assert_eq!(Digest::from_bytes(*digest.as_bytes()), digest);
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
}

#[test]
fn a_digest_has_one_spelling() {
    for bad in [
        String::new(),
        ABC.to_owned(),
        format!("sha256:{}", ABC.to_uppercase()),
        format!("SHA256:{ABC}"),
        format!("sha512:{ABC}"),
        format!("sha256:{ABC}0"),
        format!("sha256:{}", &ABC[1..]),
        format!("sha256:{}g", &ABC[1..]),
        format!("sha256: {}", &ABC[1..]),
    ] {
        assert!(bad.parse::<Digest>().is_err(), "{bad}");
        assert!(serde_json::from_value::<Digest>(bad.into()).is_err());
    }
    insta::assert_snapshot!(show("md5:\u{202e}".parse::<Digest>()), @r"digest-malformed: `md5:\u{202e}` is not a digest: write `sha256:` and 64 lower-case hexadecimal digits");
}
