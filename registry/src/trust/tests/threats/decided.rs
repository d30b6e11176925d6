//! What administrators decided, which no publisher and no registry undoes.

use jiff::SignedDuration;

use super::{lines, red};
use crate::component::embed;
use crate::digest::Digest;
use crate::fixture::{
    WIT, append, claim, component, key, key_added, manifest, now, pack, show, sign, skill, skill_md, state,
};
use crate::ledger::{Entry, Grants, Scope, State};
use crate::trust::tests::{approved, load, revoke_digest, revoke_key, revoke_publisher, tenant, verify};

#[test]
fn b6_an_old_version_needs_words_of_its_own() {
    let mut state = state();
    let entry = |version: &str, state: &State| {
        let package = pack(&skill(version));
        let mut claim = claim(package.digest());
        claim.version = version.parse().unwrap();
        let verified = verify("acme/deck", &package, vec![sign(&claim, &key(1))], state, now()).unwrap();
        verified.approve(Grants::default(), "we make decks".to_owned()).unwrap()
    };
    for version in ["2.0.0-rc.1", "2.0.0"] {
        let entry = entry(version, &state);
        append(&mut state, red(), entry).unwrap();
    }
    let lower = |version: &str, scope: Scope| show(state.check(&entry(version, &state), &scope));
    insta::assert_snapshot!(lines([
        ("an old version as the latest", lower("1.9.9", red())),
        ("its candidate", lower("2.0.0-rc.1", red())),
        ("the same, built again", lower("2.0.0+build.7", red())),
        ("a newer one", lower("2.0.1", red())),
        ("an old one for who had none", lower("1.9.9", Scope::Tenant(tenant("blue")))),
        ("with words of its own", show(state.check(&entry("1.9.9", &state).as_downgrade(), &red()))),
    ]), @r"
    an old version as the latest -> version-lower: version 1.9.9 of `acme/deck` is lower than 2.0.0, which was approved before: whoever serves old versions brings back their faults; approve it as a downgrade where you want it
    its candidate -> version-lower: version 2.0.0-rc.1 of `acme/deck` is lower than 2.0.0, which was approved before: whoever serves old versions brings back their faults; approve it as a downgrade where you want it
    the same, built again -> accepted
    a newer one -> accepted
    an old one for who had none -> accepted
    with words of its own -> accepted
    ");
    // Taken back, the higher version still counts: that is when an old one with a hole would be offered.
    let digest = pack(&skill("2.0.0")).digest();
    let reason = "it leaks".to_owned();
    append(&mut state, red(), Entry::ApprovalRevoked { digest, reason }).unwrap();
    let offered = show(state.check(&entry("1.9.9", &state), &red()));
    assert!(offered.starts_with("version-lower: "), "{offered}");
    let meant = entry("1.9.9", &state).as_downgrade();
    append(&mut state, red(), meant).unwrap();
    let current = state.current(&tenant("red"), &"acme/deck".parse().unwrap()).unwrap();
    assert_eq!(current.version.to_string(), "1.9.9");
    assert_eq!(
        state.highest(&tenant("red"), &current.skill).unwrap().to_string(),
        "2.0.0"
    );
}

#[test]
fn b6_no_version_is_so_high_that_none_can_follow() {
    let declared = |version: &str| {
        let files = [skill_md("deck")];
        show(embed(&component(WIT), &manifest("acme/deck", version), WIT, &files))
    };
    insta::assert_snapshot!(lines(
        ["4294967295.4294967295.4294967295", "18446744073709551615.0.0", "0.4294967296.0", "0.0.4294967296", "99999999999999999999.0.0"]
            .map(|version| (version, declared(version)))
    ), @r#"
    4294967295.4294967295.4294967295 -> accepted
    18446744073709551615.0.0 -> manifest-invalid: skill.toml: a number of `skill.version` is higher than 4294967295, which no version could follow
    0.4294967296.0 -> manifest-invalid: skill.toml: a number of `skill.version` is higher than 4294967295, which no version could follow
    0.0.4294967296 -> manifest-invalid: skill.toml: a number of `skill.version` is higher than 4294967295, which no version could follow
    99999999999999999999.0.0 -> manifest-invalid: skill.toml cannot be used: TOML parse error at line 3, column 11
      |
    3 | version = "99999999999999999999.0.0"
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^
    value of major version number exceeds u64::MAX
    "#);
}

#[test]
fn b7_what_a_frozen_registry_offers_is_refused_in_the_end() {
    let day = |days: i64| now() + SignedDuration::from_hours(24 * days);
    let package = pack(&skill("1.0.0"));
    let mut signed = claim(package.digest());
    signed.expires = day(30);
    let (bundles, mut state) = (vec![sign(&signed, &key(1))], state());
    let offered = |days| verify("acme/deck", &package, bundles.clone(), &state, day(days));
    insta::assert_snapshot!(lines([
        ("at first", show(offered(0))),
        ("on the last day", show(offered(29))),
        ("forty days on", show(offered(40))),
    ]), @r"
    at first -> accepted
    on the last day -> accepted
    forty days on -> statement-expired: the signature expired on 2026-12-21T12:00:00Z: sign the artifact again
    ");
    // Whoever approved it in time is told until when that holds, and runs it on.
    let verified = offered(0).unwrap();
    assert_eq!(verified.expires(), Some(day(30)));
    let entry = verified.approve(Grants::default(), "we make decks".to_owned()).unwrap();
    append(&mut state, red(), entry).unwrap();
    assert_eq!(show(load(&package, &state, &bundles, "red")), "accepted");
}

#[test]
fn b8_what_is_revoked_runs_no_more_and_keys_can_be_exchanged() {
    let (package, state, bundles) = approved(Grants::default());
    let then = |entries: &[Entry]| {
        let mut state = state.clone();
        for entry in entries {
            append(&mut state, Scope::Host, entry.clone()).unwrap();
        }
        // What is in memory asks the ledger; what is on disk is looked at again.
        let current = show(state.current(&tenant("red"), &"acme/deck".parse().unwrap()));
        let loaded = show(load(&package, &state, &bundles, "red"));
        assert_eq!(current, loaded);
        current
    };
    insta::assert_snapshot!(lines([
        ("before", then(&[])),
        ("the key", then(&[revoke_key(&key(1))])),
        ("the publisher", then(&[revoke_publisher("acme")])),
        ("the artifact", then(&[revoke_digest(package.digest())])),
        ("another's", then(&[revoke_key(&key(2)), revoke_publisher("rival"), revoke_digest(Digest::of(b""))])),
    ]), @r"
    before -> accepted
    the key -> key-revoked: the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 was revoked: it was lost; sign with another
    the publisher -> publisher-revoked: the publisher `acme` was revoked: it went astray
    the artifact -> digest-revoked: the artifact sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238 was revoked: it leaks
    another's -> accepted
    ");
    // The new key signs the same artifact before the old one goes.
    let mut both = self::state();
    append(&mut both, Scope::Host, key_added("acme", &key(3))).unwrap();
    let good = claim(package.digest());
    let bundles = vec![sign(&good, &key(1)), sign(&good, &key(3))];
    let verified = verify("acme/deck", &package, bundles.clone(), &both, now()).unwrap();
    append(
        &mut both,
        red(),
        verified.approve(Grants::default(), "we make decks".to_owned()).unwrap(),
    )
    .unwrap();
    append(&mut both, Scope::Host, revoke_key(&key(1))).unwrap();
    assert_eq!(show(load(&package, &both, &bundles, "red")), "accepted");
    append(&mut both, Scope::Host, revoke_key(&key(3))).unwrap();
    assert!(show(load(&package, &both, &bundles, "red")).starts_with("key-revoked: "));
}
