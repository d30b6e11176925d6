//! What a ledger says about who is trusted.

mod grants;
mod policy;
mod threats;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::component::embed;
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::fixture::{
    WIT, append, claim, component, key, manifest, now, pack, publisher_added, pulled, show, sign, skill, skill_md,
    state,
};
use crate::layout::Package;
use crate::ledger::{Entry, Grant, Grants, Scope, State};
use crate::name::Tenant;
use crate::signature::{Claim, SigningKey, Statement};
use crate::{Approved, Verified};

fn verify(
    asked: &str,
    package: &Package,
    bundles: Vec<Bytes>,
    state: &State,
    at: Timestamp,
) -> Result<Verified, Error> {
    pulled(asked, package, bundles).verify(state, at)
}

fn package() -> Package {
    pack(&skill("1.0.0"))
}

fn tenant(name: &str) -> Tenant {
    name.parse().unwrap()
}

fn revoke_key(key: &SigningKey) -> Entry {
    Entry::KeyRevoked {
        key: key.public().id(),
        reason: "it was lost".to_owned(),
    }
}

fn revoke_publisher(name: &str) -> Entry {
    Entry::PublisherRevoked {
        publisher: name.parse().unwrap(),
        reason: "it went astray".to_owned(),
    }
}

fn revoke_digest(digest: Digest) -> Entry {
    Entry::DigestRevoked {
        digest,
        reason: "it leaks".to_owned(),
    }
}

fn after(entries: impl IntoIterator<Item = Entry>) -> State {
    let mut state = state();
    for entry in entries {
        append(&mut state, Scope::Host, entry).unwrap();
    }
    state
}

#[test]
fn a_signed_skill_is_verified() {
    let package = package();
    let bundle = sign(&claim(package.digest()), &key(1));
    let verified = verify("acme/deck", &package, vec![bundle], &state(), now()).unwrap();
    assert_eq!(verified.publisher().as_str(), "acme");
    assert_eq!(verified.key(), key(1).public().id());
    assert_eq!(verified.pulled().digest(), package.digest());
    assert_eq!(verified.declaration().manifest().skill.version.to_string(), "1.0.0");
}

#[test]
fn each_way_not_to_be_trusted_has_its_own_words() {
    let package = package();
    let digest = package.digest();
    let good = claim(digest);
    let changed = |change: &dyn Fn(&mut Claim)| {
        let mut claim = good.clone();
        change(&mut claim);
        vec![sign(&claim, &key(1))]
    };
    let signed = vec![sign(&good, &key(1))];
    let forged = Statement::of_skill(&good).with_signature(&key(1).public(), &[7; 64]);
    let cosign = vec![Statement::of_cosign(digest).sign(&key(1))];
    let year = SignedDuration::from_hours(365 * 24);
    let minutes = SignedDuration::from_mins;
    let cases = [
        ("nothing", vec![], state(), now()),
        ("junk", vec![Bytes::from_static(b"{}")], state(), now()),
        ("cosign only", cosign, state(), now()),
        ("a stranger", vec![sign(&good, &key(9))], state(), now()),
        ("forged", vec![forged], state(), now()),
        ("another's key", vec![sign(&good, &key(2))], state(), now()),
        (
            "a rival",
            changed(&|claim| claim.publisher = "rival".parse().unwrap()),
            state(),
            now(),
        ),
        (
            "not its namespace",
            {
                let mut claim = good.clone();
                claim.publisher = "rival".parse().unwrap();
                vec![sign(&claim, &key(2))]
            },
            state(),
            now(),
        ),
        ("key revoked", signed.clone(), after([revoke_key(&key(1))]), now()),
        (
            "publisher revoked",
            signed.clone(),
            after([revoke_publisher("acme")]),
            now(),
        ),
        ("digest revoked", signed.clone(), after([revoke_digest(digest)]), now()),
        (
            "other skill",
            changed(&|claim| claim.skill = "acme/other".parse().unwrap()),
            state(),
            now(),
        ),
        (
            "other version",
            changed(&|claim| claim.version = "1.0.1".parse().unwrap()),
            state(),
            now(),
        ),
        (
            "other digest",
            changed(&|claim| claim.digest = Digest::of(b"")),
            state(),
            now(),
        ),
        (
            "other type",
            changed(&|claim| claim.media_type = "text/plain".to_owned()),
            state(),
            now(),
        ),
        (
            "other purpose",
            changed(&|claim| claim.purpose = "read".to_owned()),
            state(),
            now(),
        ),
        ("expired", signed.clone(), state(), now() + year),
        ("of tomorrow", signed.clone(), state(), now() - minutes(11)),
    ];
    let refused: Vec<_> = cases
        .into_iter()
        .map(|(name, bundles, state, at)| {
            format!("{name} -> {}", show(verify("acme/deck", &package, bundles, &state, at)))
        })
        .collect();
    let shown = refused.join("\n");
    insta::assert_snapshot!(shown, @r"
    nothing -> unsigned: the artifact has no signature that a host can use: publish it with `skillhost publish`, which signs it (signatures of cosign alone do not say for which skill they are)
    junk -> unsigned: the artifact has no signature that a host can use: publish it with `skillhost publish`, which signs it (signatures of cosign alone do not say for which skill they are)
    cosign only -> unsigned: the artifact has no signature that a host can use: publish it with `skillhost publish`, which signs it (signatures of cosign alone do not say for which skill they are)
    a stranger -> signed-by-stranger: the artifact is signed by the key sha256:3dba97edb866520d36063a0d9f79576893f3b13014ae7061d7c3dba608b9ec6a, which belongs to no known publisher: add its publisher first
    forged -> signature-invalid: the signature is not one of the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 that it names: sign the artifact again
    another's key -> statement-mismatch: the signature does not hold here: it speaks for the publisher `acme` and the key is one of `rival`
    a rival -> statement-mismatch: the signature does not hold here: it speaks for the publisher `rival` and the key is one of `acme`
    not its namespace -> namespace-not-owned: the publisher `rival` does not own `acme`: only its owner signs `acme/deck`
    key revoked -> key-revoked: the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 was revoked: it was lost; sign with another
    publisher revoked -> publisher-revoked: the publisher `acme` was revoked: it went astray
    digest revoked -> digest-revoked: the artifact sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238 was revoked: it leaks
    other skill -> statement-mismatch: the signature does not hold here: it was made for the skill `acme/other`, not `acme/deck`
    other version -> statement-mismatch: the signature does not hold here: it was made for version 1.0.1, and the component says that it is 1.0.0
    other digest -> statement-mismatch: the signature does not hold here: it was made for the artifact sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, not sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238
    other type -> statement-mismatch: the signature does not hold here: it was made for another media type than an OCI manifest
    other purpose -> statement-mismatch: the signature does not hold here: it was made for another purpose than to run the skill
    expired -> statement-expired: the signature expired on 2027-11-21T12:00:00Z: sign the artifact again
    of tomorrow -> statement-expired: the signature is of 2026-11-21T12:00:00Z, which is yet to come: set the clocks
    ");
    for at in [now() - minutes(10), now() + year - minutes(1)] {
        assert!(
            verify("acme/deck", &package, signed.clone(), &state(), at).is_ok(),
            "{at}"
        );
    }
}

#[test]
fn a_signature_for_one_name_does_not_hold_for_another() {
    let package = package();
    let mut state = state();
    append(&mut state, Scope::Host, publisher_added("acme", &["acme-labs"])).unwrap();
    let bundle = sign(&claim(package.digest()), &key(1));
    let renamed = verify("acme/other", &package, vec![bundle], &state, now());
    // The publisher itself signs the same bytes under another of its names: the component says otherwise.
    let mut claim = claim(package.digest());
    claim.skill = "acme-labs/deck".parse().unwrap();
    let relabelled = verify("acme-labs/deck", &package, vec![sign(&claim, &key(1))], &state, now());
    insta::assert_snapshot!(format!("{}\n{}", show(renamed), show(relabelled)), @r"
    statement-mismatch: the signature does not hold here: it was made for the skill `acme/deck`, not `acme/other`
    statement-mismatch: the signature does not hold here: it was made for the skill `acme-labs/deck`, and the component says that it is `acme/deck`
    ");
}

#[test]
fn one_good_signature_is_enough_among_junk() {
    let package = package();
    let good = claim(package.digest());
    let mut bundles: Vec<_> = (0..50_u8).map(|byte| Bytes::from(vec![byte; 9])).collect();
    bundles.push(sign(&good, &key(9)));
    bundles.push(sign(&claim(Digest::of(b"")), &key(1)));
    bundles.push(sign(&good, &key(1)));
    bundles.push(Statement::of_cosign(package.digest()).sign(&key(1)));
    let verified = verify("acme/deck", &package, bundles.clone(), &state(), now()).unwrap();
    // Cosign's, by a key that is trusted, is kept for other verifiers and counts for nothing here.
    assert_eq!(verified.pulled().bundles(), &bundles[52..]);
    // Without it, the one that came furthest says why.
    bundles.remove(52);
    let refused = verify("acme/deck", &package, bundles, &state(), now()).unwrap_err();
    assert_eq!(refused.code(), Code::StatementMismatch);
}

#[test]
fn the_refusal_is_of_the_bundle_that_came_furthest() {
    let package = package();
    let good = claim(package.digest());
    let forged = Statement::of_skill(&good).with_signature(&key(1).public(), &[7; 64]);
    let stranger = sign(&good, &key(9));
    let mut late = good;
    late.expires = now();
    let bundles = [
        Bytes::new(),
        stranger,
        forged,
        sign(&claim(Digest::of(b"")), &key(1)),
        sign(&late, &key(1)),
    ];
    let codes: Vec<_> = (0..bundles.len())
        .flat_map(|end| {
            let forward = bundles[..=end].to_vec();
            let backward = forward.iter().rev().cloned().collect();
            [forward, backward]
        })
        .map(|bundles| {
            verify("acme/deck", &package, bundles, &state(), now())
                .unwrap_err()
                .code()
                .as_str()
        })
        .collect();
    insta::assert_snapshot!(codes.join(" "), @r"unsigned unsigned signed-by-stranger signed-by-stranger signature-invalid signature-invalid statement-mismatch statement-mismatch statement-expired statement-expired");
}

#[test]
fn of_bundles_that_came_equally_far_the_first_says_why() {
    let package = package();
    let mut typed = claim(package.digest());
    typed.media_type = "text/plain".to_owned();
    let mut aimed = claim(package.digest());
    aimed.purpose = "read".to_owned();
    let told = |claims: [&Claim; 2]| {
        let bundles = claims.map(|claim| sign(claim, &key(1))).to_vec();
        show(verify("acme/deck", &package, bundles, &state(), now()))
    };
    assert!(told([&typed, &aimed]).contains("media type"));
    assert!(told([&aimed, &typed]).contains("purpose"));
}

#[test]
fn no_byte_of_a_bundle_can_be_changed() {
    let package = package();
    let good = sign(&claim(package.digest()), &key(1));
    let state = state();
    for place in 0..good.len() {
        for flip in [1, 0x20] {
            let mut bad = good.to_vec();
            bad[place] ^= flip;
            let outcome = verify("acme/deck", &package, vec![bad.into()], &state, now());
            assert!(outcome.is_err(), "byte {place} flipped by {flip}");
        }
    }
}

#[test]
fn no_byte_of_a_manifest_can_be_changed() {
    let package = package();
    let bundle = sign(&claim(package.digest()), &key(1));
    let state = state();
    for place in 0..package.manifest().len() {
        let mut bad = package.manifest().to_vec();
        bad[place] ^= 1;
        let component = package.component().clone();
        let outcome = crate::Pulled::from_parts(
            "acme/deck".parse().unwrap(),
            bad.into(),
            component,
            vec![bundle.clone()],
        )
        .and_then(|pulled| pulled.verify(&state, now()));
        assert!(outcome.is_err(), "byte {place}");
    }
}

/// A verified skill with a state in which the tenant `red` approved it.
fn approved(grants: Grants) -> (Package, State, Vec<Bytes>) {
    let package = package();
    let bundles = vec![sign(&claim(package.digest()), &key(1))];
    let mut state = state();
    let verified = verify("acme/deck", &package, bundles.clone(), &state, now()).unwrap();
    let entry = verified.approve(grants, "we make decks".to_owned()).unwrap();
    append(&mut state, Scope::Tenant(tenant("red")), entry).unwrap();
    (package, state, bundles)
}

fn load(package: &Package, state: &State, bundles: &[Bytes], of: &str) -> Result<Approved, Error> {
    pulled("acme/deck", package, bundles.to_vec()).approved(state, &tenant(of))
}

#[test]
fn an_approved_skill_is_loaded_with_its_grants() {
    let jira: Grant = "http:jira ask GET POST /rest/api/3".parse().unwrap();
    let grants = Grants {
        bindings: vec![jira],
        ..Grants::default()
    };
    let (package, state, bundles) = approved(grants.clone());
    let loaded = load(&package, &state, &bundles, "red").unwrap();
    assert_eq!((loaded.grants(), loaded.tenant()), (&grants, &tenant("red")));
    assert_eq!(loaded.verified().pulled().digest(), package.digest());
    let current = state.current(&tenant("red"), &"acme/deck".parse().unwrap()).unwrap();
    assert_eq!((current.digest, current.by.as_str()), (package.digest(), "ann"));
    assert_eq!(
        (current.version.to_string().as_str(), current.reason.as_str()),
        ("1.0.0", "we make decks")
    );
}

#[test]
fn an_approval_outlives_the_signature() {
    let package = package();
    let mut old = claim(package.digest());
    old.expires = now() + SignedDuration::from_secs(1);
    let bundles = vec![sign(&old, &key(1))];
    let mut state = state();
    let verified = verify("acme/deck", &package, bundles.clone(), &state, now()).unwrap();
    let entry = verified.approve(Grants::default(), "we make decks".to_owned()).unwrap();
    append(&mut state, Scope::Tenant(tenant("red")), entry).unwrap();
    let later = now() + SignedDuration::from_secs(1);
    let again = verify("acme/deck", &package, bundles.clone(), &state, later).unwrap_err();
    assert_eq!(again.code(), Code::StatementExpired);
    assert!(load(&package, &state, &bundles, "red").is_ok());
}

#[test]
fn what_may_not_run_is_refused_with_its_reason() {
    let (package, state, bundles) = approved(Grants::default());
    let digest = package.digest();
    let then = |scope: Scope, entry: Entry| {
        let mut state = state.clone();
        append(&mut state, scope, entry).unwrap();
        state
    };
    let taken_back = Entry::ApprovalRevoked {
        digest,
        reason: "we stopped".to_owned(),
    };
    let newer = pack(&skill("1.1.0"));
    let mut newer_claim = claim(newer.digest());
    newer_claim.version = "1.1.0".parse().unwrap();
    let newer_bundle = sign(&newer_claim, &key(1));
    let newer_entry = verify("acme/deck", &newer, vec![newer_bundle], &state, now())
        .unwrap()
        .approve(Grants::default(), "it is better".to_owned())
        .unwrap();
    let red = || Scope::Tenant(tenant("red"));
    // A newer approval is current, and the older one stands beside it for runs that began with it.
    let both = then(red(), newer_entry);
    let current = both.current(&tenant("red"), &"acme/deck".parse().unwrap()).unwrap();
    assert_eq!(current.digest, newer.digest());
    assert!(load(&package, &both, &bundles, "red").is_ok());
    let cases = [
        ("another tenant", load(&package, &state, &bundles, "blue")),
        ("taken back", load(&package, &then(red(), taken_back), &bundles, "red")),
        (
            "key revoked",
            load(&package, &then(Scope::Host, revoke_key(&key(1))), &bundles, "red"),
        ),
        (
            "publisher revoked",
            load(&package, &then(Scope::Host, revoke_publisher("acme")), &bundles, "red"),
        ),
        (
            "digest revoked",
            load(&package, &then(Scope::Host, revoke_digest(digest)), &bundles, "red"),
        ),
        ("signature lost", load(&package, &state, &[], "red")),
        ("never approved", load(&newer, &state, &bundles, "red")),
    ];
    let shown: Vec<_> = cases
        .into_iter()
        .map(|(name, outcome)| format!("{name} -> {}", show(outcome)))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    another tenant -> not-approved: sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238 is not approved as `acme/deck`: an approver accepts it with `skillhost approve`
    taken back -> approval-revoked: the approval of `acme/deck` was taken back: we stopped
    key revoked -> key-revoked: the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 was revoked: it was lost; sign with another
    publisher revoked -> publisher-revoked: the publisher `acme` was revoked: it went astray
    digest revoked -> digest-revoked: the artifact sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238 was revoked: it leaks
    signature lost -> unsigned: the artifact has no signature that a host can use: publish it with `skillhost publish`, which signs it (signatures of cosign alone do not say for which skill they are)
    never approved -> not-approved: sha256:d4b2d94c0c4cfd04ab8b11a1e9819a5ce645946a79dcc5f6c042606e452c0cca is not approved as `acme/deck`: an approver accepts it with `skillhost approve`
    ");
}

#[test]
fn an_approval_taken_back_uncovers_the_one_before() {
    let (package, mut state, bundles) = approved(Grants::default());
    let newer = pack(&skill("1.1.0"));
    let mut newer_claim = claim(newer.digest());
    newer_claim.version = "1.1.0".parse().unwrap();
    let verified = verify("acme/deck", &newer, vec![sign(&newer_claim, &key(1))], &state, now()).unwrap();
    let entry = verified.approve(Grants::default(), "it is better".to_owned()).unwrap();
    let red = || Scope::Tenant(tenant("red"));
    append(&mut state, red(), entry).unwrap();
    assert!(verified.clone().approved(&state, &tenant("red")).is_ok());
    let taken_back = Entry::ApprovalRevoked {
        digest: newer.digest(),
        reason: "it is worse".to_owned(),
    };
    append(&mut state, red(), taken_back).unwrap();
    assert!(verified.approved(&state, &tenant("red")).is_err());
    assert!(load(&package, &state, &bundles, "red").is_ok());
}
