//! Keys, statements and bundles, good and tampered with.

mod vectors;

use std::os::unix::fs::PermissionsExt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::bundle::{self, pae};
use super::{Bundle, Claim, Heading, PublicKey, SigningKey, Statement};
use crate::digest::Digest;
use crate::fixture::{Stock, claim, from_seed, key, p256_pem, pem, show};

/// RFC 8032, section 7.1: secret key, public key, message, signature.
const VECTORS: [[&str; 4]; 3] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
];

/// The order of the base point, little-endian (RFC 8032, section 5.1).
const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/// A bundle around any payload, signed as one of ours.
pub(crate) fn stated(payload: &[u8], key: &SigningKey) -> Bytes {
    bundle::write(payload, &key.public(), &key.sign(&pae(payload)))
}

/// What the key signs, whatever it is.
pub(crate) fn raw(key: &SigningKey, bytes: &[u8]) -> [u8; 64] {
    key.sign(bytes)
}

/// The signature with S + L for S, which fits the same equation; only the strict rules refuse it.
pub(crate) fn with_the_order(mut signature: [u8; 64]) -> [u8; 64] {
    let mut carry = 0;
    for (digit, order) in signature[32..].iter_mut().zip(bytes::<32>(ORDER)) {
        let sum = u16::from(*digit) + u16::from(order) + carry;
        *digit = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    signature
}

fn bytes<const N: usize>(digits: &str) -> [u8; N] {
    hex::decode(digits).unwrap().try_into().unwrap()
}

fn spki(key: &[u8; 32]) -> String {
    let mut der = hex::decode("302a300506032b6570032100").unwrap();
    der.extend_from_slice(key);
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode(der)
    )
}

#[test]
fn signatures_are_those_of_rfc_8032() {
    for [seed, public, message, signature] in VECTORS {
        let key = from_seed(&bytes(seed));
        let message = hex::decode(message).unwrap();
        assert_eq!(key.public().to_pem().unwrap(), spki(&bytes(public)));
        assert_eq!(hex::encode(key.sign(&message)), signature);
        assert!(key.public().has_signed(&message, &hex::decode(signature).unwrap()));
        assert!(!key.public().has_signed(b"other", &hex::decode(signature).unwrap()));
    }
}

#[test]
fn a_signature_has_one_form() {
    let [seed, _, message, signature] = VECTORS[2];
    let key = from_seed(&bytes(seed)).public();
    let signature = with_the_order(bytes(signature));
    assert!(!key.has_signed(&hex::decode(message).unwrap(), &signature));
}

#[test]
fn keys_of_small_order_and_odd_encodings_are_refused() {
    let weak = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        // The prime itself and one more: other encodings of 0 and 1.
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for digits in weak {
        let outcome = show(PublicKey::from_pem(&spki(&bytes(digits))));
        assert!(outcome.starts_with("key-invalid: "), "{digits}: {outcome}");
    }
}

#[test]
fn an_odd_encoding_of_a_good_point_is_refused() {
    // y = 3 is a point of the curve; p + 3 says the same in other bytes.
    let good = (2..19_u8).find(|y| {
        let mut plain = [0; 32];
        plain[0] = *y;
        PublicKey::from_pem(&spki(&plain)).is_ok()
    });
    let mut odd: [u8; 32] = bytes("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    odd[0] = 0xed + good.unwrap();
    let outcome = show(PublicKey::from_pem(&spki(&odd)));
    insta::assert_snapshot!(outcome, @r"key-invalid: the key cannot be used: it is weak: anybody could sign with it, so make another");
}

#[test]
fn keys_are_read_from_pem_only() {
    let rsa = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL\n-----END PUBLIC KEY-----\n";
    let key = key(7);
    insta::assert_snapshot!([
        show(PublicKey::from_pem("")),
        show(PublicKey::from_pem(rsa)),
        show(PublicKey::from_pem(key.to_pem().unwrap().as_ref())),
        show(SigningKey::from_pem("")),
        show(SigningKey::from_pem(&key.public().to_pem().unwrap())),
    ].join("\n"), @r"
    key-invalid: the key cannot be used: it is neither an Ed25519 nor a P-256 key in SPKI PEM, which begins with `-----BEGIN PUBLIC KEY-----`
    key-invalid: the key cannot be used: it is neither an Ed25519 nor a P-256 key in SPKI PEM, which begins with `-----BEGIN PUBLIC KEY-----`
    key-invalid: the key cannot be used: it is neither an Ed25519 nor a P-256 key in SPKI PEM, which begins with `-----BEGIN PUBLIC KEY-----`
    key-invalid: the key cannot be used: it is not an Ed25519 key in PKCS#8 PEM: make one with `skillhost keygen`
    key-invalid: the key cannot be used: it is not an Ed25519 key in PKCS#8 PEM: make one with `skillhost keygen`
    ");
}

#[test]
fn keys_are_written_as_openssl_reads_them() {
    let key = key(7);
    insta::assert_snapshot!(key.to_pem().unwrap().as_ref(), @r"
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH
    -----END PRIVATE KEY-----
    ");
    insta::assert_snapshot!(key.public().to_pem().unwrap(), @r"
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEA6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=
    -----END PUBLIC KEY-----
    ");
    insta::assert_snapshot!(format!("{key:?}\n{:?}", key.public()), @r"
    SigningKey(sha256:324be2dea8bc44461b0233e51fa48902ed6b1cc671e7739af2551e0bfe68f54e)
    PublicKey(sha256:324be2dea8bc44461b0233e51fa48902ed6b1cc671e7739af2551e0bfe68f54e)
    ");
    let again = SigningKey::from_pem(key.to_pem().unwrap().as_ref()).unwrap();
    assert_eq!(again.public(), key.public());
    assert_ne!(
        SigningKey::generate().unwrap().public(),
        SigningKey::generate().unwrap().public()
    );
}

#[test]
fn a_key_file_is_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.key");
    key(7).write(&path).unwrap();
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(SigningKey::read(&path).unwrap().public(), key(7).public());
    mode(0o400);
    assert!(SigningKey::read(&path).is_ok());
    for open in [0o640, 0o604, 0o620, 0o601, 0o700] {
        mode(open);
        assert!(SigningKey::read(&path).is_err(), "{open:o}");
    }
    insta::assert_snapshot!([
        show(SigningKey::read(&path)),
        show(SigningKey::read(&folder.path().join("absent"))),
        show(key(8).write(&path)),
    ].join("\n"), @r"
    key-invalid: the key cannot be used: others than its owner may read the file, or run it: close it with `chmod 600 FILE`
    key-invalid: the key cannot be used: the file cannot be read: entity not found
    key-invalid: the key cannot be used: a file of this name is there already: choose another name
    ");
    mode(0o600);
    assert_eq!(SigningKey::read(&path).unwrap().public(), key(7).public());
}

#[test]
fn the_signed_bytes_are_those_of_dsse() {
    // The example of the DSSE protocol has another type; the form is the same.
    assert_eq!(pae(b"hello"), b"DSSEv1 28 application/vnd.in-toto+json 5 hello");
    assert_eq!(pae(b""), b"DSSEv1 28 application/vnd.in-toto+json 0 ");
}

#[test]
fn bundles_have_the_form_that_cosign_verifies() {
    let digest = Digest::of(b"manifest");
    let ours = Statement::of_skill(&claim(digest)).sign(&key(1));
    let theirs = Statement::of_cosign(digest).sign(&key(1));
    insta::assert_snapshot!(String::from_utf8(theirs.to_vec()).unwrap(), @r#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"/RENMB0vB33hQUuPmfRBsUA/qyB7IFL70sBl5O6OfcI="}},"dsseEnvelope":{"payload":"eyJfdHlwZSI6Imh0dHBzOi8vaW4tdG90by5pby9TdGF0ZW1lbnQvdjEiLCJzdWJqZWN0IjpbeyJkaWdlc3QiOnsic2hhMjU2IjoiMDViM2FiZjI1NzlhNWViNjY0MDNjZDc4YmU1NTdmZDg2MDYzM2ExZmUyMTAzYzc2NDIwMzBkZWZlMzJjNjU3ZiJ9LCJhbm5vdGF0aW9ucyI6e319XSwicHJlZGljYXRlVHlwZSI6Imh0dHBzOi8vc2lnc3RvcmUuZGV2L2Nvc2lnbi9zaWduL3YxIiwicHJlZGljYXRlIjp7fX0=","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"44UvPlRnp2you+H2fh0fPxnbIAruQEBP9B5lz8bUhW1JHTQezSF1q3KfOc2pZxfCrFCxKbRzO4ke1RJAjldGDA=="}]}}"#);
    let payload = |bundle: &[u8]| String::from_utf8(Bundle::read(bundle).unwrap().payload().to_vec()).unwrap();
    insta::assert_snapshot!(payload(&theirs), @r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"05b3abf2579a5eb66403cd78be557fd860633a1fe2103c7642030defe32c657f"},"annotations":{}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}"#);
    insta::assert_snapshot!(payload(&ours), @r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"acme/deck","digest":{"sha256":"05b3abf2579a5eb66403cd78be557fd860633a1fe2103c7642030defe32c657f"}}],"predicateType":"https://skillhost.dev/skill/v1","predicate":{"publisher":"acme","skill":"acme/deck","version":"1.0.0","digest":"sha256:05b3abf2579a5eb66403cd78be557fd860633a1fe2103c7642030defe32c657f","mediaType":"application/vnd.oci.image.manifest.v1+json","purpose":"run","issued":"2026-11-21T12:00:00Z","expires":"2027-11-21T12:00:00Z"}}"#);
    assert!(Statement::is_ours(payload(&ours).as_bytes()));
    assert!(!Statement::is_ours(payload(&theirs).as_bytes()));
}

#[test]
fn a_bundle_is_signed_by_its_key_and_no_other() {
    let bundle = Bundle::read(&Statement::of_skill(&claim(Digest::of(b""))).sign(&key(1))).unwrap();
    assert_eq!(bundle.hint(), key(1).public().id());
    assert!(bundle.is_signed_by(&key(1).public()));
    assert!(!bundle.is_signed_by(&key(2).public()));
}

#[test]
fn a_signature_of_another_length_is_none() {
    let statement = Statement::of_skill(&claim(Digest::of(b"")));
    let signature = key(1).sign(&statement.to_be_signed());
    for bad in [&signature[..63], &[signature.as_slice(), &[0]].concat(), &[]] {
        let bundle = Bundle::read(&statement.with_signature(&key(1).public(), bad)).unwrap();
        assert!(!bundle.is_signed_by(&key(1).public()), "{} bytes", bad.len());
    }
}

#[test]
fn a_signature_may_be_made_elsewhere() {
    let statement = Statement::of_skill(&claim(Digest::of(b"")));
    let signature = key(1).sign(&statement.to_be_signed());
    assert_eq!(
        statement.with_signature(&key(1).public(), &signature),
        statement.sign(&key(1))
    );
}

#[test]
fn what_is_not_exactly_a_bundle_is_passed_over() {
    let good = Statement::of_skill(&claim(Digest::of(b""))).sign(&key(1));
    let good = String::from_utf8(good.to_vec()).unwrap();
    let with = |from: &str, to: &str| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        changed
    };
    assert!(Bundle::read(good.as_bytes()).is_some());
    assert!(Bundle::read(with("{\"sig\":", "{\"keyid\":\"x\",\"sig\":").as_bytes()).is_some());
    assert!(Bundle::read(with("{\"publicKey\"", "{\"tlogEntries\":[],\"publicKey\"").as_bytes()).is_some());
    let padding = " ".repeat((1 << 20) - good.len());
    assert!(Bundle::read(format!("{good}{padding}").as_bytes()).is_some());
    for bad in [
        format!("{good}{padding} "),
        format!("{good}{{}}"),
        String::new(),
        "[]".to_owned(),
        with("v0.3+json", "v0.2+json"),
        with("application/vnd.in-toto+json", "application/json"),
        with("\"signatures\":[", "\"signatures\":[{\"sig\":\"\"},"),
        with("{\"mediaType\"", "{\"more\":1,\"mediaType\""),
        with("\"payload\":", "\"payload\":\"\",\"payload\":"),
        with("\"payloadType\":", "\"kind\":1,\"payloadType\":"),
        with("{\"sig\":\"", "{\"sig\":\"A"),
        with("{\"sig\":\"", "{\"sig\":\"*"),
        with("{\"hint\":\"", "{\"hint\":\"AAAA"),
    ] {
        assert!(Bundle::read(bad.as_bytes()).is_none(), "{bad}");
    }
}

#[test]
fn a_claim_is_read_as_cosign_writes_it() {
    let claim = claim(Digest::of(b"manifest"));
    let bundle = Bundle::read(&Statement::of_skill(&claim).sign(&key(1))).unwrap();
    let good = String::from_utf8(bundle.payload().to_vec()).unwrap();
    let older = good.replace("in-toto.io/Statement/v1", "in-toto.io/Statement/v0.1");
    for name in [
        "acme/deck",
        "127.0.0.1:5000/acme/deck",
        "ghcr.io/mirror/acme/deck",
        "/acme/deck",
    ] {
        let named = older.replace("\"name\":\"acme/deck\"", &format!("\"name\":\"{name}\""));
        assert_eq!(Claim::read(named.as_bytes()), Some(claim.clone()), "{name}");
    }
    for name in [
        "",
        "deck",
        "notacme/deck",
        "acme/deck/",
        "acme/deck:1.0.0",
        "acme/decks",
    ] {
        let named = older.replace("\"name\":\"acme/deck\"", &format!("\"name\":\"{name}\""));
        assert_eq!(Claim::read(named.as_bytes()), None, "{name}");
    }
}

#[test]
fn a_heading_says_of_what_it_is_and_about_what() {
    let digest = Digest::of(b"manifest");
    let read = |text: &str| Heading::read(text.replace("HEX", &digest.hex()).as_bytes());
    let one = r#"{"_type":"https://in-toto.io/Statement/v0.1","subject":[{"digest":{"sha256":"HEX"}}],"predicateType":"x","predicate":{}}"#;
    let heading = read(one).unwrap();
    assert!(heading.is_about(digest) && !heading.is_about(Digest::of(b"other")));
    assert_eq!(heading.into_predicate_type(), "x");
    let several = one.replace(
        "[{",
        r#"[{"name":"a","digest":{"sha1":"00"}},{"digest":{"sha256":"00","sha512":"1"}},{"#,
    );
    assert!(read(&several).unwrap().is_about(digest));
    for (from, to) in [
        ("[{\"digest\":{\"sha256\":\"HEX\"}}]", "[]"),
        ("sha256", "sha512"),
        ("HEX", ""),
    ] {
        assert!(!read(&one.replace(from, to)).unwrap().is_about(digest), "{to}");
    }
    for (from, to) in [
        ("Statement/v0.1", "Statement/v2"),
        (
            "\"predicateType\":\"x\"",
            "\"predicateType\":\"x\",\"predicateType\":\"y\"",
        ),
        ("\"sha256\":\"HEX\"", "\"sha256\":\"HEX\",\"sha256\":\"HEX\""),
        ("\"subject\":", "\"subjects\":"),
        ("\"digest\":", "\"digests\":"),
    ] {
        assert!(read(&one.replace(from, to)).is_none(), "{to}");
    }
}

#[test]
fn a_claim_is_read_strictly() {
    let claim = claim(Digest::of(b"manifest"));
    let bundle = Bundle::read(&Statement::of_skill(&claim).sign(&key(1))).unwrap();
    assert_eq!(Claim::read(bundle.payload()), Some(claim));
    let good = String::from_utf8(bundle.payload().to_vec()).unwrap();
    let other = Digest::of(b"other").hex();
    for (from, to) in [
        ("in-toto.io/Statement/v1", "in-toto.io/Statement/v0"),
        ("skillhost.dev/skill/v1", "skillhost.dev/skill/v2"),
        ("\"name\":\"acme/deck\"", "\"name\":\"acme/other\""),
        (&good[good.find("sha256\":\"").unwrap() + 9..][..64], &other),
        ("{\"_type\"", "{\"more\":1,\"_type\""),
        ("\"predicate\":{", "\"predicate\":{\"more\":1,"),
        ("\"purpose\":", "\"purpose\":\"run\",\"purpose\":"),
        ("\"digest\":{", "\"digest\":{\"sha512\":\"\","),
        (
            "\"subject\":[",
            "\"subject\":[{\"name\":\"\",\"digest\":{\"sha256\":\"\"}},",
        ),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        assert_eq!(Claim::read(changed.as_bytes()), None, "{changed}");
    }
}

#[test]
fn a_key_of_stock_tools_signs_our_statement() {
    let (stock, statement) = (Stock::generate(), Statement::of_skill(&claim(Digest::of(b""))));
    let bundle = Bundle::read(&stock.sign(&statement)).unwrap();
    assert_eq!(bundle.hint(), stock.public().id());
    assert!(bundle.is_signed_by(&stock.public()));
    assert!(!bundle.is_signed_by(&Stock::generate().public()));
    assert!(!bundle.is_signed_by(&key(1).public()));
    let other = Statement::of_skill(&claim(Digest::of(b"other")));
    let moved = Bundle::read(&other.with_signature(&stock.public(), &stock.signature(&statement))).unwrap();
    assert!(!moved.is_signed_by(&stock.public()));
    let pem = stock.public().to_pem().unwrap();
    assert_eq!(PublicKey::from_pem(&pem).unwrap(), stock.public());
}

/// The base point of P-256 (SEC 2, section 2.4.2), written as `openssl ec -pubout` writes a key.
const OPENSSL: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
-----END PUBLIC KEY-----
";

#[test]
fn points_that_are_none_are_refused() {
    let known = PublicKey::from_pem(OPENSSL).unwrap();
    assert_eq!(known.to_pem().unwrap(), OPENSSL);
    let x = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    let y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    let prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    let zero = "00".repeat(32);
    let point = |head: &str, x: &str, y: &str| {
        let point = hex::decode(format!("{head}{x}{y}")).unwrap();
        show(PublicKey::from_pem(&p256_pem(&point)))
    };
    assert_eq!(point("04", x, y), "accepted");
    insta::assert_snapshot!([
        ("off the curve", point("04", x, x)),
        ("the origin", point("04", &zero, &zero)),
        ("the prime for zero", point("04", prime, &zero)),
        ("compressed", point("03", x, "")),
        ("compressed and filled up", point("03", x, y)),
        ("hybrid", point("07", x, y)),
        ("cut", point("04", x, &y[..62])),
        ("longer", point("04", x, &format!("{y}00"))),
        ("infinite", point("00", "", "")),
    ].map(|(name, outcome)| format!("{name} -> {outcome}")).join("\n"), @r"
    off the curve -> key-invalid: the key cannot be used: its point does not lie on the curve P-256, or is not written out in full
    the origin -> key-invalid: the key cannot be used: its point does not lie on the curve P-256, or is not written out in full
    the prime for zero -> key-invalid: the key cannot be used: its point does not lie on the curve P-256, or is not written out in full
    compressed -> key-invalid: the key cannot be used: it is neither an Ed25519 nor a P-256 key in SPKI PEM, which begins with `-----BEGIN PUBLIC KEY-----`
    compressed and filled up -> key-invalid: the key cannot be used: its point does not lie on the curve P-256, or is not written out in full
    hybrid -> key-invalid: the key cannot be used: its point does not lie on the curve P-256, or is not written out in full
    cut -> key-invalid: the key cannot be used: it is neither an Ed25519 nor a P-256 key in SPKI PEM, which begins with `-----BEGIN PUBLIC KEY-----`
    longer -> key-invalid: the key cannot be used: it is neither an Ed25519 nor a P-256 key in SPKI PEM, which begins with `-----BEGIN PUBLIC KEY-----`
    infinite -> key-invalid: the key cannot be used: it is neither an Ed25519 nor a P-256 key in SPKI PEM, which begins with `-----BEGIN PUBLIC KEY-----`
    ");
}

/// Other algorithms, other curves and parameters of its own (CVE-2020-0601) in the same envelope.
#[test]
fn keys_of_other_kinds_are_refused() {
    let of = |der: &str| show(PublicKey::from_pem(&pem(&hex::decode(der).unwrap())));
    let point = "04".to_owned() + &"11".repeat(64);
    let told: Vec<_> = [
        // X25519, which does not sign; the curves P-384 and secp256k1; P-256 by parameters instead of by name.
        format!("302a300506032b656e032100{}", "09".repeat(32)),
        format!(
            "3076301006072a8648ce3d020106052b81040022036200{}",
            "04".to_owned() + &"11".repeat(96)
        ),
        format!("3056301006072a8648ce3d020106052b8104000a034200{point}"),
        format!("305b301506072a8648ce3d020130090201010604ffffffff034200{point}"),
        "3000".to_owned(),
    ]
    .map(|der| of(&der))
    .into();
    assert!(
        told.iter()
            .all(|told| told.starts_with("key-invalid: the key cannot be used: it is neither")),
        "{told:?}"
    );
}
