//! Signatures that are copied, mixed, multiplied or bent.

use bytes::Bytes;

use super::{lines, outcome};
use crate::digest::Digest;
use crate::fixture::{
    Stock, append, claim, key, key_added, now, pack, pem, policy, publisher_added, show, sign, skill, state,
    stock_added,
};
use crate::ledger::{Entry, Scope};
use crate::policy::Policy;
use crate::signature::tests::{raw, with_the_order};
use crate::signature::{Claim, Statement};
use crate::trust::tests::{package, verify};

#[test]
fn b2_a_signature_holds_for_one_publisher_name_and_version() {
    let package = package();
    let bundle = || vec![sign(&claim(package.digest()), &key(1))];
    let mut state = state();
    append(&mut state, Scope::Host, publisher_added("acme", &["acme-labs"])).unwrap();
    // The same bytes but for the version: the signature of 1.0.0 is laid beside 1.0.1.
    let other = pack(&skill("1.0.1"));
    let mut renamed = claim(other.digest());
    renamed.version = "1.0.0".parse().unwrap();
    insta::assert_snapshot!(lines([
        ("as it was signed", outcome("acme/deck", &package, bundle(), &state)),
        ("another name", outcome("acme/other", &package, bundle(), &state)),
        ("another namespace of the same publisher", outcome("acme-labs/deck", &package, bundle(), &state)),
        ("another publisher's namespace", outcome("rival/deck", &package, bundle(), &state)),
        ("another version's artifact", outcome("acme/deck", &other, bundle(), &state)),
        ("another version's number", outcome("acme/deck", &other, vec![sign(&renamed, &key(1))], &state)),
    ]), @r"
    as it was signed -> accepted
    another name -> statement-mismatch: the signature does not hold here: it was made for the skill `acme/deck`, not `acme/other`
    another namespace of the same publisher -> statement-mismatch: the signature does not hold here: it was made for the skill `acme/deck`, not `acme-labs/deck`
    another publisher's namespace -> namespace-not-owned: the publisher `acme` does not own `rival`: only its owner signs `rival/deck`
    another version's artifact -> statement-mismatch: the signature does not hold here: it was made for the artifact sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238, not sha256:fe93784ab916b02ded6bff7ccd6069f7d0541193f031b4662292dc9861f1d881
    another version's number -> statement-mismatch: the signature does not hold here: it was made for version 1.0.0, and the component says that it is 1.0.1
    ");
}

#[test]
fn b3_a_signature_of_another_protocol_is_none_of_ours() {
    let package = package();
    let statement = Statement::of_skill(&claim(package.digest()));
    let ours = statement.to_be_signed();
    let payload = &ours[ours.len() - ours.iter().rev().position(|byte| *byte == b' ').unwrap()..];
    let typed = |kind: &str| {
        [
            format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).as_bytes(),
            payload,
        ]
        .concat()
    };
    let others = [
        ("the payload alone", payload.to_vec()),
        (
            "a checkpoint with the payload as its text",
            [payload, b"\n1\n"].concat(),
        ),
        (
            "an envelope of another type",
            typed("application/vnd.skillhost.checkpoint+json"),
        ),
        ("an envelope with a line break", [ours.as_slice(), b"\n"].concat()),
    ];
    let forged = others.map(|(name, bytes)| {
        let bundle = statement.with_signature(&key(1).public(), &raw(&key(1), &bytes));
        (name, outcome("acme/deck", &package, vec![bundle], &state()))
    });
    insta::assert_snapshot!(lines(forged), @r"
    the payload alone -> signature-invalid: the signature is not one of the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 that it names: sign the artifact again
    a checkpoint with the payload as its text -> signature-invalid: the signature is not one of the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 that it names: sign the artifact again
    an envelope of another type -> signature-invalid: the signature is not one of the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 that it names: sign the artifact again
    an envelope with a line break -> signature-invalid: the signature is not one of the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 that it names: sign the artifact again
    ");
    let bundle = statement.with_signature(&key(1).public(), &raw(&key(1), &typed("application/vnd.in-toto+json")));
    assert_eq!(outcome("acme/deck", &package, vec![bundle], &state()), "accepted");
}

#[test]
fn b4_keys_are_counted_once_and_strangers_not_at_all() {
    let package = package();
    let good = claim(package.digest());
    let mut trusted = state();
    append(&mut trusted, Scope::Host, key_added("acme", &key(3))).unwrap();
    let state = trusted.under(policy(
        "[namespaces.acme]\nany-of = [\"ann\", \"ben\", \"eve\"]\nminimum = 2\n",
    ));
    let mut renewed = good.clone();
    renewed.issued = now() - jiff::SignedDuration::from_hours(1);
    let junk = |number: u16| match number % 5 {
        0 => Bytes::from(number.to_be_bytes().to_vec()),
        1 => sign(&good, &crate::fixture::from_seed(&[0x40 | number.to_be_bytes()[1]; 32])),
        2 => Statement::of_skill(&good).with_signature(&key(3).public(), &[number.to_be_bytes()[1]; 64]),
        3 => sign(&claim(Digest::of(&number.to_be_bytes())), &key(3)),
        _ => Statement::of_cosign(package.digest()).sign(&key(3)),
    };
    let many = || (0..500).map(junk).chain([sign(&good, &key(1))]).collect::<Vec<_>>();
    let told = |bundles| outcome("acme/deck", &package, bundles, &state);
    insta::assert_snapshot!(lines([
        ("one of two", told(vec![sign(&good, &key(1))])),
        ("the same key twice", told(vec![sign(&good, &key(1)), sign(&renewed, &key(1))])),
        ("one and 500 of junk", told(many())),
        ("two and 500 of junk", told(many().into_iter().chain([sign(&good, &key(3))]).collect())),
    ]), @r"
    one of two -> signatures-missing: the trust policy asks that `acme/deck` is signed by 2 of `ann`, `ben`, `eve`, and 1 of these count: have it signed with `skillhost publish`
    the same key twice -> signatures-missing: the trust policy asks that `acme/deck` is signed by 2 of `ann`, `ben`, `eve`, and 1 of these count: have it signed with `skillhost publish`
    one and 500 of junk -> signatures-missing: the trust policy asks that `acme/deck` is signed by 2 of `ann`, `ben`, `eve`, and 1 of these count: have it signed with `skillhost publish`; another signature does not count: the signature does not hold here: it was made for the artifact sha256:583c7dfb7b3055d99465544032a571e10a134b1b6f769422bbb71fd7fa167a5d, not sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238
    two and 500 of junk -> accepted
    ");
}

#[test]
fn b5_a_signature_has_one_form_and_a_key_one_name() {
    let package = package();
    let statement = Statement::of_skill(&claim(package.digest()));
    let good = raw(&key(1), &statement.to_be_signed());
    let signed = |signature: &[u8]| {
        outcome(
            "acme/deck",
            &package,
            vec![statement.with_signature(&key(1).public(), signature)],
            &state(),
        )
    };
    // The neutral point as R and nothing as S: it fits every message under a key of small order.
    let small = [[1].as_slice(), &[0; 63]].concat();
    let registered = |point: &str| {
        let der = hex::decode(format!("302a300506032b6570032100{point}")).unwrap();
        let entry = Entry::KeyAdded {
            publisher: "acme".parse().unwrap(),
            key: Digest::of(&der),
            public_key: pem(&der),
        };
        show(state().check(&entry, &Scope::Host))
    };
    insta::assert_snapshot!(lines([
        ("as it was signed", signed(&good)),
        ("S and the order", signed(&with_the_order(good))),
        ("R of small order", signed(&small)),
        ("an empty one", signed(&[])),
        ("a key of order 1", registered(&format!("01{}", "00".repeat(31)))),
        ("a key of order 8", registered("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
        ("a key in two forms", registered(&format!("f0{}7f", "ff".repeat(30)))),
        ("no point", registered(&format!("02{}", "00".repeat(31)))),
    ]), @r"
    as it was signed -> accepted
    S and the order -> signature-invalid: the signature is not one of the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 that it names: sign the artifact again
    R of small order -> signature-invalid: the signature is not one of the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 that it names: sign the artifact again
    an empty one -> signature-invalid: the signature is not one of the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 that it names: sign the artifact again
    a key of order 1 -> key-invalid: the key cannot be used: it is weak: anybody could sign with it, so make another
    a key of order 8 -> key-invalid: the key cannot be used: it is weak: anybody could sign with it, so make another
    a key in two forms -> key-invalid: the key cannot be used: it is weak: anybody could sign with it, so make another
    no point -> key-invalid: the key cannot be used: its bytes are no point of the curve of Ed25519
    ");
    // ECDSA has two forms of each signature, and its keys sign for publishers too: neither makes two of one key.
    let stock = Stock::generate();
    let mut trusted = state();
    append(&mut trusted, Scope::Host, stock_added("acme", &stock)).unwrap();
    let bundles = vec![stock.sign(&statement), stock.sign(&statement)];
    let verified = verify("acme/deck", &package, bundles.clone(), &trusted, now()).unwrap();
    assert_eq!((verified.key(), verified.signed().len()), (stock.public().id(), 1));
    let named = format!(
        "[keys]\nann.key = \"{}\"\nben.key = \"{}\"\n",
        stock.public().id(),
        key(1).public().id()
    );
    let two = format!("{named}[namespaces.acme]\nany-of = [\"ann\", \"ben\"]\nminimum = 2\n");
    let trusted = trusted.under(Policy::parse(&two).unwrap());
    assert!(outcome("acme/deck", &package, bundles.clone(), &trusted).starts_with("signatures-missing: "));
    let more = [bundles, vec![sign(&claim(package.digest()), &key(1))]].concat();
    assert_eq!(outcome("acme/deck", &package, more, &trusted), "accepted");
}

#[test]
fn b16_parts_of_two_bundles_make_none() {
    let packages = [package(), pack(&skill("1.0.0-again"))];
    let mut state = state();
    append(&mut state, Scope::Host, key_added("acme", &key(3))).unwrap();
    let keys = [key(1), key(3)];
    let claims = [0, 1].map(|n: usize| Claim {
        version: ["1.0.0", "1.0.0-again"][n].parse().unwrap(),
        ..claim(packages[n].digest())
    });
    let mut accepted = Vec::new();
    // Artifact, what is said, who is named, who signed, and what was signed: each of the first or of the second.
    for mix in 0..32_usize {
        let [artifact, said, hint, signer, signed] = [0, 1, 2, 3, 4].map(|bit| (mix >> bit) & 1);
        let statement = Statement::of_skill(&claims[said]);
        let signature = raw(&keys[signer], &Statement::of_skill(&claims[signed]).to_be_signed());
        let bundle = statement.with_signature(&keys[hint].public(), &signature);
        if verify("acme/deck", &packages[artifact], vec![bundle], &state, now()).is_ok() {
            accepted.push((artifact, said, hint, signer, signed));
        }
    }
    // Either key may sign either artifact: what must fit is all the rest.
    assert_eq!(
        accepted,
        [(0, 0, 0, 0, 0), (0, 0, 1, 1, 0), (1, 1, 0, 0, 1), (1, 1, 1, 1, 1)]
    );
}
