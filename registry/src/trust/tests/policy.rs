//! What a trust policy makes of an artifact and of approvals that stand.

use bytes::Bytes;
use jiff::SignedDuration;

use super::{package, revoke_key, revoke_publisher, tenant, verify};
use crate::artifact::Pulled;
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::fixture::{WIT, append, claim, component, key, key_added, now, policy, pulled, show, sign, state};
use crate::layout::Package;
use crate::ledger::{Entry, Grants, Scope, State};
use crate::policy::Policy;
use crate::signature::{SigningKey, Statement};

const BOM: &str = "https://cyclonedx.org/bom";

/// The ledger of the fixture, in which `acme` signs with the keys 1 and 3 too.
fn two_keys(policy: Policy) -> State {
    let mut state = state();
    append(&mut state, Scope::Host, key_added("acme", &key(3))).unwrap();
    state.under(policy)
}

fn other(kind: &str, digest: Digest, key: &SigningKey) -> Bytes {
    let said = serde_json::json!({"components": []});
    Statement::other(kind, &said, &"acme/deck".parse().unwrap(), digest).sign(key)
}

fn outcome(package: &Package, bundles: Vec<Bytes>, state: &State) -> String {
    show(verify("acme/deck", package, bundles, state, now()))
}

const BOTH: &str = "[namespaces.acme]\nall-of = [\"ann\", \"eve\"]\n";

#[test]
fn a_policy_asks_for_more_than_the_ledger() {
    let package = package();
    let good = claim(package.digest());
    let (ann, eve) = (sign(&good, &key(1)), sign(&good, &key(3)));
    let mut late = good;
    late.expires = now();
    let bom = other(BOM, package.digest(), &key(2));
    let asked = "[namespaces.acme]\nall-of = [\"ann\"]\nstatements = { cyclonedx = [\"ben\"] }\n";
    let nothing = Policy::of_nothing();
    let cases = [
        ("nothing is trusted", nothing, vec![ann.clone()]),
        ("one of two", policy(BOTH), vec![ann.clone()]),
        ("the same twice", policy(BOTH), vec![ann.clone(), ann.clone()]),
        (
            "the other is late",
            policy(BOTH),
            vec![sign(&late, &key(3)), ann.clone()],
        ),
        ("both", policy(BOTH), vec![eve, ann.clone()]),
        ("no bill", policy(asked), vec![ann.clone()]),
        (
            "a bill by another",
            policy(asked),
            vec![ann.clone(), other(BOM, package.digest(), &key(3))],
        ),
        (
            "a bill by a stranger",
            policy(asked),
            vec![ann.clone(), other(BOM, package.digest(), &key(9))],
        ),
        (
            "a bill of another",
            policy(asked),
            vec![ann.clone(), other(BOM, Digest::of(b""), &key(2))],
        ),
        ("a bill and nothing of ours", policy(asked), vec![bom.clone()]),
        ("a bill", policy(asked), vec![bom, ann]),
    ];
    let shown: Vec<_> = cases
        .into_iter()
        .map(|(name, policy, bundles)| format!("{name} -> {}", outcome(&package, bundles, &two_keys(policy))))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    nothing is trusted -> namespace-not-trusted: the trust policy does not name the namespace `acme`, so nothing in it is trusted: its administrator names it, or not
    one of two -> signatures-missing: the trust policy asks that `acme/deck` is signed by `eve`, and no such signature counts: have it signed with `skillhost publish`
    the same twice -> signatures-missing: the trust policy asks that `acme/deck` is signed by `eve`, and no such signature counts: have it signed with `skillhost publish`
    the other is late -> signatures-missing: the trust policy asks that `acme/deck` is signed by `eve`, and no such signature counts: have it signed with `skillhost publish`; another signature does not count: the signature expired on 2026-11-21T12:00:00Z: sign the artifact again
    both -> accepted
    no bill -> statement-missing: the trust policy asks for `cyclonedx` about `acme/deck`, signed by `ben`: attach one to this very artifact
    a bill by another -> statement-missing: the trust policy asks for `cyclonedx` about `acme/deck`, signed by `ben`: attach one to this very artifact
    a bill by a stranger -> statement-missing: the trust policy asks for `cyclonedx` about `acme/deck`, signed by `ben`: attach one to this very artifact
    a bill of another -> statement-missing: the trust policy asks for `cyclonedx` about `acme/deck`, signed by `ben`: attach one to this very artifact
    a bill and nothing of ours -> unsigned: the artifact has no signature that a host can use: publish it with `skillhost publish`, which signs it (signatures of cosign alone do not say for which skill they are)
    a bill -> accepted
    ");
}

#[test]
fn another_statement_is_judged_as_strictly_as_ours() {
    let package = package();
    let ours = sign(&claim(package.digest()), &key(1));
    let said = Statement::other(
        BOM,
        &serde_json::json!({}),
        &"acme/deck".parse().unwrap(),
        package.digest(),
    );
    let bill = said.sign(&key(2));
    let asked = |window: &str| {
        let ann = format!("ann = {{ key = \"{}\" }}", key(1).public().id());
        let ben = format!("ben = {{ key = \"{}\"{window} }}", key(2).public().id());
        let rule = "[namespaces.acme]\nall-of = [\"ann\"]\nstatements = { cyclonedx = [\"ben\"] }\n";
        Policy::parse(&format!("[keys]\n{ann}\n{ben}\n{rule}")).unwrap()
    };
    let told = |bill: &Bytes, window: &str, entries: &[Entry]| {
        let mut state = two_keys(asked(window));
        for entry in entries {
            append(&mut state, Scope::Host, entry.clone()).unwrap();
        }
        let shown = outcome(&package, vec![bill.clone(), ours.clone()], &state);
        shown.split(':').next().unwrap().to_owned()
    };
    let late = format!(", not-after = {}", now());
    assert_eq!(told(&bill, "", &[]), "accepted");
    assert_eq!(
        told(&said.with_signature(&key(2).public(), &[7; 64]), "", &[]),
        "statement-missing"
    );
    assert_eq!(told(&bill, &late, &[]), "statement-missing");
    assert_eq!(told(&bill, "", &[revoke_key(&key(2))]), "statement-missing");
    assert_eq!(told(&bill, "", &[revoke_publisher("rival")]), "statement-missing");
}

#[test]
fn a_signature_that_differs_from_the_component_is_not_counted() {
    let package = package();
    let good = claim(package.digest());
    let mut other = good.clone();
    other.version = "1.0.1".parse().unwrap();
    let bundles = vec![sign(&other, &key(3)), sign(&good, &key(1))];
    insta::assert_snapshot!([
        outcome(&package, bundles.clone(), &two_keys(policy(BOTH))),
        outcome(&package, bundles, &two_keys(Policy::of_the_ledger())),
    ].join("\n"), @r"
    signatures-missing: the trust policy asks that `acme/deck` is signed by `eve`, and no such signature counts: have it signed with `skillhost publish`; another signature does not count: the signature does not hold here: it was made for version 1.0.1, and the component says that it is 1.0.0
    accepted
    ");
}

/// The artifact with these bytes for its component, signed again by the key of this number.
fn with_component(component: &Bytes, signer: Option<u8>) -> Pulled {
    let package = package();
    let manifest = String::from_utf8(package.manifest().to_vec()).unwrap();
    let part = |bytes: &Bytes| format!("\"digest\":\"{}\",\"size\":{}", Digest::of(bytes), bytes.len());
    let changed = manifest.replace(&part(package.component()), &part(component));
    assert_ne!(changed, manifest);
    let good = claim(Digest::of(changed.as_bytes()));
    let bundles = signer.iter().map(|number| sign(&good, &key(*number))).collect();
    Pulled::from_parts("acme/deck".parse().unwrap(), changed.into(), component.clone(), bundles).unwrap()
}

/// Reading a component is work, which strangers should not be able to ask for.
#[test]
fn a_component_is_read_only_for_those_whom_the_policy_trusts() {
    let told = |signer, policy| {
        let pulled = with_component(&Bytes::from_static(b"no component"), signer);
        pulled.verify(&two_keys(policy), now()).unwrap_err().code()
    };
    assert_eq!(told(Some(1), Policy::of_the_ledger()), Code::NotAComponent);
    assert_eq!(told(Some(1), policy(BOTH)), Code::SignaturesMissing);
    assert_eq!(told(Some(9), Policy::of_the_ledger()), Code::SignedByStranger);
}

/// Who pushed a component with another tool hears first what is missing from it, and not that it is unsigned too.
#[test]
fn what_nobody_signed_is_told_what_it_lacks() {
    let bare = Bytes::from(component(WIT));
    let told = |signer| show(with_component(&bare, signer).verify(&state(), now()));
    assert!(told(None).starts_with("declaration-missing: "), "{}", told(None));
    assert!(told(Some(9)).starts_with("signed-by-stranger: "), "{}", told(Some(9)));
}

#[test]
fn what_holds_is_kept_and_what_does_not_is_left() {
    let package = package();
    let good = claim(package.digest());
    let held = [
        sign(&good, &key(1)),
        other(BOM, package.digest(), &key(2)),
        sign(&good, &key(3)),
        Statement::of_cosign(package.digest()).sign(&key(1)),
    ];
    let junk = [
        Bytes::from_static(b"{}"),
        sign(&good, &key(9)),
        other(BOM, Digest::of(b""), &key(2)),
        Statement::of_skill(&good).with_signature(&key(1).public(), &[7; 64]),
    ];
    let mixed = held
        .iter()
        .zip(&junk)
        .flat_map(|(held, junk)| [junk.clone(), held.clone()])
        .collect();
    let state = two_keys(policy(BOTH));
    let verified = verify("acme/deck", &package, mixed, &state, now()).unwrap();
    assert_eq!(verified.pulled().bundles(), held);
    let signed: Vec<_> = verified
        .signed()
        .iter()
        .map(|signed| format!("{} {}", signed.statement, signed.key))
        .collect();
    assert_eq!(verified.key(), key(1).public().id());
    insta::assert_snapshot!(signed.join("\n"), @r"
    https://skillhost.dev/skill/v1 sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2
    https://cyclonedx.org/bom sha256:47dea58ea00fae9417ee19d76755bfef690899021132effb04fe1f9e4f0c8059
    https://skillhost.dev/skill/v1 sha256:8cef065b7af83669150b7d32704d3d3e75c3e9aee0d4f6740544c68e81b377aa
    https://sigstore.dev/cosign/sign/v1 sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2
    ");
    let entry = verified.approve(Grants::default(), "we make decks".to_owned()).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&entry).unwrap(), @r#"
    {
      "kind": "approved",
      "skill": "acme/deck",
      "version": "1.0.0",
      "digest": "sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238",
      "publisher": "acme",
      "key": "sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2",
      "signed": [
        {
          "statement": "https://skillhost.dev/skill/v1",
          "key": "sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2"
        },
        {
          "statement": "https://cyclonedx.org/bom",
          "key": "sha256:47dea58ea00fae9417ee19d76755bfef690899021132effb04fe1f9e4f0c8059"
        },
        {
          "statement": "https://skillhost.dev/skill/v1",
          "key": "sha256:8cef065b7af83669150b7d32704d3d3e75c3e9aee0d4f6740544c68e81b377aa"
        },
        {
          "statement": "https://sigstore.dev/cosign/sign/v1",
          "key": "sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2"
        }
      ],
      "grants": {
        "bindings": [],
        "limits": {},
        "configuration": {}
      },
      "reason": "we make decks"
    }
    "#);
}

#[test]
fn a_window_is_asked_of_the_statement_and_of_the_clock() {
    let package = package();
    let hour = SignedDuration::from_hours(1);
    let from = |start: jiff::Timestamp, end: jiff::Timestamp| {
        let keys = format!(
            "ann = {{ key = \"{}\", not-before = {start}, not-after = {end} }}",
            key(1).public().id()
        );
        Policy::parse(&format!("[keys]\n{keys}\n[namespaces.acme]\nall-of = [\"ann\"]\n")).unwrap()
    };
    let bundle = || vec![sign(&claim(package.digest()), &key(1))];
    let at = |policy: Policy, at| show(verify("acme/deck", &package, bundle(), &two_keys(policy), at));
    insta::assert_snapshot!([
        at(from(now(), now() + hour), now()),
        at(from(now() + hour, now() + hour + hour), now() + hour),
        at(from(now() - hour, now() + hour), now() + hour),
    ].join("\n"), @r"
    accepted
    key-not-valid: the trust policy has the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 sign from 2026-11-21T13:00:00Z on, and this is of 2026-11-21T12:00:00Z: sign with another
    key-not-valid: the trust policy has the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 sign until 2026-11-21T13:00:00Z, and this is of 2026-11-21T13:00:00Z: sign with another
    ");
    // What was approved while the key signed goes on when it does not any more; what it never might have signed does not.
    let during = two_keys(from(now(), now() + hour));
    let verified = verify("acme/deck", &package, bundle(), &during, now()).unwrap();
    let (mut state, entry) = (during, verified.approve(Grants::default(), "good".to_owned()).unwrap());
    append(&mut state, Scope::Tenant(tenant("red")), entry).unwrap();
    let load = |state: &State| show(pulled("acme/deck", &package, bundle()).approved(state, &tenant("red")));
    assert_eq!(load(&state), "accepted");
    let later = state.under(from(now() + hour, now() + hour + hour));
    assert!(load(&later).starts_with("key-not-valid: "), "{}", load(&later));
}

/// A skill that the keys 1 and 3 signed, key 2 made a bill of, and `red` approved.
fn approved(policy: Policy) -> (Package, State, Vec<Bytes>) {
    let package = package();
    let good = claim(package.digest());
    let bundles = vec![
        sign(&good, &key(1)),
        sign(&good, &key(3)),
        other(BOM, package.digest(), &key(2)),
    ];
    let mut state = two_keys(policy);
    let verified = verify("acme/deck", &package, bundles.clone(), &state, now()).unwrap();
    let entry = verified.approve(Grants::default(), "good".to_owned()).unwrap();
    append(&mut state, Scope::Tenant(tenant("red")), entry).unwrap();
    (package, state, bundles)
}

/// What the ledger says, before and after the artifact is looked at again: both must say the same.
fn stands(package: &Package, bundles: &[Bytes], state: &State) -> String {
    let current = show(state.current(&tenant("red"), &"acme/deck".parse().unwrap()));
    let loaded: Result<_, Error> = pulled("acme/deck", package, bundles.to_vec()).approved(state, &tenant("red"));
    assert_eq!(show(loaded), current);
    current
}

#[test]
fn an_approval_stands_as_long_as_enough_of_it_does() {
    let bill = "[namespaces.acme]\nany-of = [\"ann\", \"eve\"]\nstatements = { cyclonedx = [\"ben\"] }\n";
    let then = |rule: &str, entries: &[Entry]| {
        let (package, mut state, bundles) = approved(if rule.is_empty() {
            Policy::of_the_ledger()
        } else {
            policy(rule)
        });
        for entry in entries {
            append(&mut state, Scope::Host, entry.clone()).unwrap();
        }
        stands(&package, &bundles, &state)
    };
    let shown = [
        ("no policy, one of two keys revoked", then("", &[revoke_key(&key(1))])),
        ("no policy, the other revoked", then("", &[revoke_key(&key(3))])),
        (
            "no policy, both revoked",
            then("", &[revoke_key(&key(1)), revoke_key(&key(3))]),
        ),
        ("both asked for, one revoked", then(BOTH, &[revoke_key(&key(3))])),
        ("any asked for, one revoked", then(bill, &[revoke_key(&key(1))])),
        ("the key of the bill revoked", then(bill, &[revoke_key(&key(2))])),
        (
            "the publisher of the bill revoked",
            then(bill, &[revoke_publisher("rival")]),
        ),
        ("the publisher revoked", then(bill, &[revoke_publisher("acme")])),
    ]
    .map(|(name, outcome)| format!("{name} -> {outcome}"));
    insta::assert_snapshot!(shown.join("\n"), @r"
    no policy, one of two keys revoked -> accepted
    no policy, the other revoked -> accepted
    no policy, both revoked -> key-revoked: the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 was revoked: it was lost; sign with another
    both asked for, one revoked -> signatures-missing: the trust policy asks that `acme/deck` is signed by `eve`, and no such signature counts: have it signed with `skillhost publish`
    any asked for, one revoked -> accepted
    the key of the bill revoked -> statement-missing: the trust policy asks for `cyclonedx` about `acme/deck`, signed by `ben`: attach one to this very artifact
    the publisher of the bill revoked -> statement-missing: the trust policy asks for `cyclonedx` about `acme/deck`, signed by `ben`: attach one to this very artifact
    the publisher revoked -> publisher-revoked: the publisher `acme` was revoked: it went astray
    ");
}

#[test]
fn another_policy_holds_for_what_was_approved_before() {
    let (package, state, bundles) = approved(Policy::of_the_ledger());
    let shown = [
        Policy::of_the_ledger(),
        Policy::of_nothing(),
        policy(BOTH),
        policy("[namespaces.acme]\nall-of = [\"ben\"]\n"),
        policy("[namespaces.acme]\nall-of = [\"ann\"]\nstatements = { spdx = [\"ben\"] }\n"),
        policy("[namespaces.acme]\nall-of = [\"ann\"]\nstatements = { cyclonedx = [\"ben\"] }\n"),
    ]
    .map(|policy| stands(&package, &bundles, &state.clone().under(policy)));
    insta::assert_snapshot!(shown.join("\n"), @r"
    accepted
    namespace-not-trusted: the trust policy does not name the namespace `acme`, so nothing in it is trusted: its administrator names it, or not
    accepted
    signatures-missing: the trust policy asks that `acme/deck` is signed by `ben`, and no such signature counts: have it signed with `skillhost publish`
    statement-missing: the trust policy asks for `spdx` about `acme/deck`, signed by `ben`: attach one to this very artifact
    accepted
    ");
}

#[test]
fn an_approval_of_before_there_were_policies_rests_on_its_key() {
    let (package, state, bundles) = approved(Policy::of_the_ledger());
    let verified = verify("acme/deck", &package, bundles.clone(), &state, now()).unwrap();
    let mut entry = serde_json::to_value(verified.approve(Grants::default(), "good".to_owned()).unwrap()).unwrap();
    let old = entry.as_object_mut().unwrap();
    assert!(old.remove("signed").is_some());
    let mut state = two_keys(Policy::of_the_ledger());
    append(
        &mut state,
        Scope::Tenant(tenant("red")),
        serde_json::from_value(entry).unwrap(),
    )
    .unwrap();
    assert_eq!(stands(&package, &bundles, &state), "accepted");
    append(&mut state, Scope::Host, revoke_key(&key(1))).unwrap();
    let refused = state
        .current(&tenant("red"), &"acme/deck".parse().unwrap())
        .unwrap_err();
    assert_eq!(refused.code(), Code::KeyRevoked);
}

#[test]
fn an_approval_names_a_key_that_signed() {
    let (package, state, bundles) = approved(Policy::of_the_ledger());
    let verified = verify("acme/deck", &package, bundles, &state, now()).unwrap();
    let mut entry = verified.approve(Grants::default(), "good".to_owned()).unwrap();
    if let Entry::Approved { signed, .. } = &mut entry {
        signed.retain(|signed| signed.key != key(1).public().id());
    }
    let refused = show(state.check(&entry, &Scope::Tenant(tenant("red"))));
    insta::assert_snapshot!(refused, @r"entry-invalid: this cannot be decided: the key that is named is not among those that signed");
}
