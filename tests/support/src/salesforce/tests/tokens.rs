//! Who is given a token.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

use super::super::oauth::{Ask, Denied};
use super::super::{CLIENT_ID, CLIENT_KEY, CLIENT_SECRET, PASSWORD, USERNAME};

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn sign(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(header), part(claims));
    let key = PrivatePkcs8KeyDer::from_pem_slice(CLIENT_KEY.as_bytes()).unwrap();
    let pair = RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature)
        .unwrap();
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

fn judge(host: &str, authorization: Option<&str>, form: &[(&str, &str)]) -> Result<(), Denied> {
    let form: Vec<_> = form
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Ask {
        host,
        authorization,
        form: &form,
    }
    .judge()
}

#[test]
fn an_assertion_is_believed_only_if_all_of_it_is_right() {
    let good = json!({ "iss": CLIENT_ID, "sub": USERNAME, "aud": "https://login.salesforce.com", "exp": now() + 180 });
    let bearer = json!({ "alg": "RS256" });
    let ask = |assertion: &str| {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", assertion),
        ];
        judge("acme.my.salesforce.com", None, &form).map_err(|Denied(_, why)| why)
    };
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        ask(&sign(&bearer, &claims))
    };
    assert_eq!(ask(&sign(&bearer, &good)), Ok(()));
    assert_eq!(with("aud", json!("https://test.salesforce.com")), Ok(()));
    assert_eq!(with("aud", json!("https://acme.my.salesforce.com")), Ok(()));
    assert_eq!(
        with("exp", json!((now() + 180).to_string())),
        Ok(()),
        "simple-salesforce writes it as text"
    );
    assert_eq!(with("exp", json!(now() - 1)), Err("expired authorization code"));
    assert_eq!(with("exp", json!(now() + 3600)), Err("invalid assertion"));
    assert_eq!(with("exp", Value::Null), Err("expired authorization code"));
    assert_eq!(with("aud", json!("https://example.com")), Err("audience is invalid"));
    assert_eq!(with("iss", json!("somebody")), Err("client identifier invalid"));
    assert_eq!(
        with("sub", json!("somebody@acme.example")),
        Err("user hasn't approved this consumer")
    );
    assert_eq!(ask(&sign(&json!({ "alg": "none" }), &good)), Err("invalid assertion"));
    let forged = sign(&bearer, &good).replacen('.', ".e30", 1);
    for wrong in [forged.as_str(), "", "a.b", "a.b.c"] {
        assert_eq!(ask(wrong), Err("invalid assertion"), "{wrong}");
    }
}

#[test]
fn a_client_says_its_secret_in_a_header_or_in_the_form() {
    let basic = |pair: &str| format!("Basic {}", BASE64_STANDARD.encode(pair));
    let home = "acme.my.salesforce.com";
    let grant = ("grant_type", "client_credentials");
    let right = basic(&format!("{CLIENT_ID}:{CLIENT_SECRET}"));
    assert_eq!(judge(home, Some(&right), &[grant]), Ok(()));
    assert_eq!(
        judge(
            home,
            None,
            &[grant, ("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)]
        ),
        Ok(())
    );
    let denied = [
        (
            judge("test.salesforce.com", Some(&right), &[grant]),
            "request not supported on this domain",
        ),
        (
            judge(home, Some(&basic(&format!("{CLIENT_ID}:wrong"))), &[grant]),
            "invalid client credentials",
        ),
        (judge(home, Some("Basic !"), &[grant]), "client identifier invalid"),
        (judge(home, None, &[grant]), "client identifier invalid"),
        (
            judge(home, Some(&right), &[("grant_type", "guess")]),
            "grant type not supported",
        ),
        (judge(home, Some(&right), &[]), "grant type not supported"),
    ];
    for (found, expected) in denied {
        assert_eq!(found.unwrap_err().1, expected);
    }
}

#[test]
fn a_password_needs_the_client_too() {
    let form = |password| {
        let grant = [
            ("grant_type", "password"),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
        ];
        [grant.as_slice(), &[("username", USERNAME), ("password", password)]].concat()
    };
    assert_eq!(judge("login.salesforce.com", None, &form(PASSWORD)), Ok(()));
    assert_eq!(
        judge("login.salesforce.com", None, &form("guess")),
        Err(Denied("invalid_grant", "authentication failure"))
    );
    assert_eq!(
        judge("login.salesforce.com", None, &form(PASSWORD)[3..]).unwrap_err().0,
        "unsupported_grant_type"
    );
}
