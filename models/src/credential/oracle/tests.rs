//! Signatures as Oracle's own library for Python makes them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::credential::vectors::{Asked, NOW, signed};

/// One key in both spellings; what PKCS#1 signs is what PKCS#8 does.
const KEYS: [&str; 2] = [
    include_str!("../../../../egress/tests/keys/client.pem"),
    include_str!("../../../../egress/tests/keys/client-pkcs1.pem"),
];

#[derive(Deserialize)]
struct Vectors {
    oracle: Account,
}

#[derive(Deserialize)]
struct Account {
    tenancy: String,
    user: String,
    fingerprint: String,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    request: Asked,
    signed: BTreeMap<String, String>,
}

#[tokio::test]
async fn signatures_are_those_of_oracles_library() {
    let Vectors { oracle } = serde_json::from_str(include_str!("../vectors/oracle.json")).unwrap();
    for pem in KEYS {
        let signer = Signer::new(&oracle.tenancy, &oracle.user, &oracle.fingerprint, &Secret::new(pem));
        let mut signer = signer.unwrap();
        signer.clock = NOW;
        for vector in &oracle.vectors {
            assert_eq!(
                signed(&signer, &vector.request).await,
                vector.signed,
                "{}",
                vector.request.url
            );
        }
    }
}

#[tokio::test]
async fn a_body_without_a_type_is_not_signed() {
    let signer = Signer::new("t", "u", "f", &Secret::new(KEYS[0])).unwrap();
    let unsigned = Unsigned {
        method: &Method::POST,
        scheme: "https",
        authority: "host",
        path: "/",
        query: None,
        headers: &http::HeaderMap::new(),
        body: &bytes::Bytes::new(),
    };
    let error = signer.sign(&unsigned).await.unwrap_err();
    assert_eq!(error.code(), Code::CredentialInvalid);
}

#[test]
fn names_that_a_signature_cannot_hold_are_refused() {
    let key = Secret::new(KEYS[0]);
    for (tenancy, user, fingerprint) in [("", "u", "f"), ("t", "u\"", "f"), ("t", "u", "f\n"), ("t", "ü", "f")] {
        let error = Signer::new(tenancy, user, fingerprint, &key).unwrap_err();
        assert_eq!(error.code(), Code::CredentialInvalid);
    }
    assert!(Signer::new("t", "u", "f", &Secret::new("no key")).is_err());
}
