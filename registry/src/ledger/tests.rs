//! Entries as they are written down.

use super::{Entry, Grants, Recorded, Scope, State};
use crate::digest::Digest;
use crate::fixture::{append, key, key_added, now, publisher_added, show, state};
use crate::name::Tenant;
use crate::signature::SigningKey;

fn red() -> Scope {
    Scope::Tenant("red".parse().unwrap())
}

fn approval(skill: &str, publisher: &str, key: &SigningKey, reason: &str) -> Entry {
    Entry::Approved {
        skill: skill.parse().unwrap(),
        version: "1.0.0".parse().unwrap(),
        digest: Digest::of(skill.as_bytes()),
        publisher: publisher.parse().unwrap(),
        key: key.public().id(),
        signed: Vec::new(),
        grants: Grants::default(),
        downgrade: false,
        reason: reason.to_owned(),
    }
}

fn key_revoked(number: u8, reason: &str) -> Entry {
    Entry::KeyRevoked {
        key: key(number).public().id(),
        reason: reason.to_owned(),
    }
}

fn publisher_revoked(name: &str, reason: &str) -> Entry {
    Entry::PublisherRevoked {
        publisher: name.parse().unwrap(),
        reason: reason.to_owned(),
    }
}

fn digest_revoked(reason: &str) -> Entry {
    Entry::DigestRevoked {
        digest: Digest::of(b"acme/deck"),
        reason: reason.to_owned(),
    }
}

fn approval_revoked(reason: &str) -> Entry {
    Entry::ApprovalRevoked {
        digest: Digest::of(b"acme/deck"),
        reason: reason.to_owned(),
    }
}

#[test]
fn an_entry_must_make_sense_after_those_before() {
    let mut revoked = state();
    append(&mut revoked, Scope::Host, key_revoked(1, "lost")).unwrap();
    append(&mut revoked, Scope::Host, publisher_revoked("rival", "astray")).unwrap();
    append(&mut revoked, Scope::Host, digest_revoked("it leaks")).unwrap();
    let misnamed = Entry::KeyAdded {
        publisher: "acme".parse().unwrap(),
        key: Digest::of(b""),
        public_key: key(3).public().to_pem().unwrap(),
    };
    let malformed = Entry::KeyAdded {
        publisher: "acme".parse().unwrap(),
        key: Digest::of(b""),
        public_key: "no key".to_owned(),
    };
    let many: Vec<_> = (0..65).map(|number| format!("n{number}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let good = state();
    let cases = [
        (&good, Scope::Host, publisher_added("new", &["new"])),
        (&good, Scope::Host, publisher_added("acme", &["acme-labs"])),
        (&good, Scope::Host, publisher_added("new", &many[..64])),
        (&good, Scope::Host, publisher_added("new", &many)),
        (&good, Scope::Host, publisher_added("new", &[])),
        (&good, Scope::Host, publisher_added("new", &["new", "new"])),
        (&good, Scope::Host, publisher_added("acme", &["acme"])),
        (&good, Scope::Host, publisher_added("acme", &["new", "rival"])),
        (&good, red(), publisher_added("new", &["new"])),
        (&revoked, Scope::Host, publisher_added("rival", &["new"])),
        (&revoked, Scope::Host, publisher_added("new", &["rival"])),
        (&good, Scope::Host, key_added("acme", &key(3))),
        (&good, red(), key_added("acme", &key(3))),
        (&good, Scope::Host, key_added("new", &key(3))),
        (&good, Scope::Host, key_added("acme", &key(2))),
        (&good, Scope::Host, misnamed),
        (&good, Scope::Host, malformed),
        (&revoked, Scope::Host, key_added("rival", &key(3))),
        (&revoked, Scope::Host, key_added("acme", &key(1))),
        (&good, Scope::Host, key_revoked(1, "lost")),
        (&good, red(), key_revoked(1, "lost")),
        (&good, Scope::Host, key_revoked(1, "")),
        (&good, Scope::Host, key_revoked(3, "lost")),
        (&revoked, Scope::Host, key_revoked(1, "lost")),
        (&good, Scope::Host, publisher_revoked("acme", "astray")),
        (&good, red(), publisher_revoked("acme", "astray")),
        (&good, Scope::Host, publisher_revoked("acme", "two\nlines")),
        (&good, Scope::Host, publisher_revoked("new", "astray")),
        (&revoked, Scope::Host, publisher_revoked("rival", "astray")),
        (&good, Scope::Host, digest_revoked("it leaks")),
        (&good, red(), digest_revoked("it leaks")),
        (&good, Scope::Host, digest_revoked(&"x".repeat(513))),
        (&revoked, Scope::Host, digest_revoked("it leaks")),
        (&good, red(), approval("acme/deck", "acme", &key(1), &"x".repeat(512))),
        (&good, Scope::Host, approval("acme/deck", "acme", &key(1), "good")),
        (&good, red(), approval("acme/deck", "acme", &key(1), " ")),
        (&good, red(), approval("acme/deck", "acme", &key(3), "good")),
        (&good, red(), approval("acme/deck", "rival", &key(1), "good")),
        (&good, red(), approval("acme/deck", "rival", &key(2), "good")),
        (&good, red(), approval("free/deck", "acme", &key(1), "good")),
        (&revoked, red(), approval("acme/deck", "acme", &key(1), "good")),
        (&revoked, red(), approval("acme/other", "acme", &key(1), "good")),
        (&revoked, red(), approval("rival/other", "rival", &key(2), "good")),
        (&good, red(), approval_revoked("we stopped")),
        (&good, Scope::Host, approval_revoked("we stopped")),
    ];
    let shown: Vec<_> = cases
        .iter()
        .map(|(state, scope, entry)| {
            let json = serde_json::to_value(entry).unwrap();
            format!(
                "{} -> {}",
                json["kind"].as_str().unwrap(),
                show(state.check(entry, scope))
            )
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    publisher-added -> accepted
    publisher-added -> accepted
    publisher-added -> accepted
    publisher-added -> entry-invalid: this cannot be decided: a publisher is given 1 to 64 namespaces at a time
    publisher-added -> entry-invalid: this cannot be decided: a publisher is given 1 to 64 namespaces at a time
    publisher-added -> entry-invalid: this cannot be decided: a namespace is named twice
    publisher-added -> entry-invalid: this cannot be decided: `acme` owns `acme` already
    publisher-added -> namespace-taken: the namespace `rival` belongs to the publisher `rival`
    publisher-added -> entry-invalid: this cannot be decided: publishers, keys and revoked artifacts are of the whole host
    publisher-added -> publisher-revoked: the publisher `rival` was revoked: astray
    publisher-added -> namespace-taken: the namespace `rival` belongs to the publisher `rival`
    key-added -> accepted
    key-added -> entry-invalid: this cannot be decided: publishers, keys and revoked artifacts are of the whole host
    key-added -> publisher-unknown: the ledger has no publisher `new`: add it first
    key-added -> key-known: the key sha256:47dea58ea00fae9417ee19d76755bfef690899021132effb04fe1f9e4f0c8059 is one of `rival` already, or was: make another
    key-added -> key-invalid: the key cannot be used: its name is sha256:8cef065b7af83669150b7d32704d3d3e75c3e9aee0d4f6740544c68e81b377aa, not sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    key-added -> key-invalid: the key cannot be used: it is neither an Ed25519 nor a P-256 key in SPKI PEM, which begins with `-----BEGIN PUBLIC KEY-----`
    key-added -> publisher-revoked: the publisher `rival` was revoked: astray
    key-added -> key-known: the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 is one of `acme` already, or was: make another
    key-revoked -> accepted
    key-revoked -> entry-invalid: this cannot be decided: publishers, keys and revoked artifacts are of the whole host
    key-revoked -> entry-invalid: this cannot be decided: say why, in 1 to 512 characters on one line
    key-revoked -> key-unknown: the ledger has no such key sha256:8cef065b7af83669150b7d32704d3d3e75c3e9aee0d4f6740544c68e81b377aa of this publisher: add it first
    key-revoked -> entry-invalid: this cannot be decided: the key was revoked before
    publisher-revoked -> accepted
    publisher-revoked -> entry-invalid: this cannot be decided: publishers, keys and revoked artifacts are of the whole host
    publisher-revoked -> entry-invalid: this cannot be decided: say why, in 1 to 512 characters on one line
    publisher-revoked -> publisher-unknown: the ledger has no publisher `new`: add it first
    publisher-revoked -> entry-invalid: this cannot be decided: the publisher was revoked before
    digest-revoked -> accepted
    digest-revoked -> entry-invalid: this cannot be decided: publishers, keys and revoked artifacts are of the whole host
    digest-revoked -> entry-invalid: this cannot be decided: say why, in 1 to 512 characters on one line
    digest-revoked -> entry-invalid: this cannot be decided: the artifact was revoked before
    approved -> accepted
    approved -> entry-invalid: this cannot be decided: an approval is of one tenant: say which
    approved -> entry-invalid: this cannot be decided: say why, in 1 to 512 characters on one line
    approved -> key-unknown: the ledger has no such key sha256:8cef065b7af83669150b7d32704d3d3e75c3e9aee0d4f6740544c68e81b377aa of this publisher: add it first
    approved -> key-unknown: the ledger has no such key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 of this publisher: add it first
    approved -> namespace-not-owned: the publisher `rival` does not own `acme`: only its owner signs `acme/deck`
    approved -> namespace-not-owned: the publisher `acme` does not own `free`: only its owner signs `free/deck`
    approved -> digest-revoked: the artifact sha256:98eba790c70ac3abe3f62b9c4d3d87fda44e51f7900c9f4bb7df7bcfdae46136 was revoked: it leaks
    approved -> key-revoked: the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 was revoked: lost; sign with another
    approved -> publisher-revoked: the publisher `rival` was revoked: astray
    approval-revoked -> not-approved: sha256:98eba790c70ac3abe3f62b9c4d3d87fda44e51f7900c9f4bb7df7bcfdae46136 is not approved, so there is nothing to revoke
    approval-revoked -> entry-invalid: this cannot be decided: an approval is of one tenant: say which
    ");
}

#[test]
fn an_approval_is_revoked_once_and_by_its_tenant() {
    let mut state = state();
    append(&mut state, red(), approval("acme/deck", "acme", &key(1), "good")).unwrap();
    let blue = Scope::Tenant("blue".parse().unwrap());
    assert!(state.check(&approval_revoked("we stopped"), &blue).is_err());
    // A revocation of another tenant's changes nothing here, even if a store were to hold one.
    state.apply(&Recorded {
        seq: state.seq() + 1,
        scope: blue,
        at: now(),
        by: "bob".to_owned(),
        entry: approval_revoked("we stopped"),
    });
    let tenant: Tenant = "red".parse().unwrap();
    assert!(state.approvals(&tenant).all(|approval| approval.revoked.is_none()));
    assert!(state.check(&approval_revoked(""), &red()).is_err());
    append(&mut state, red(), approval_revoked("we stopped")).unwrap();
    let reasons: Vec<_> = state
        .approvals(&tenant)
        .map(|approval| approval.revoked.as_ref().unwrap().reason.as_str())
        .collect();
    assert_eq!(reasons, ["we stopped"]);
    assert!(state.check(&approval_revoked("again"), &red()).is_err());
}

#[test]
fn the_state_lists_what_was_decided() {
    let mut state = state();
    append(&mut state, Scope::Host, publisher_added("acme", &["labs"])).unwrap();
    append(&mut state, red(), approval("acme/deck", "acme", &key(1), "good")).unwrap();
    append(&mut state, red(), approval("labs/deck", "acme", &key(1), "good")).unwrap();
    append(&mut state, Scope::Host, key_revoked(2, "lost")).unwrap();
    append(&mut state, Scope::Host, digest_revoked("it leaks")).unwrap();
    append(&mut state, Scope::Host, publisher_revoked("rival", "astray")).unwrap();
    let publishers: Vec<_> = state
        .publishers()
        .map(|publisher| {
            let namespaces: Vec<_> = publisher.namespaces.iter().map(|name| name.as_str()).collect();
            let revoked = publisher.revoked.as_ref().map(|revoked| revoked.reason.as_str());
            format!(
                "{} owns {}, {}",
                publisher.name,
                namespaces.join(" "),
                revoked.unwrap_or("trusted")
            )
        })
        .collect();
    let keys: Vec<_> = state
        .keys()
        .map(|key| format!("{} of {}, {}", key.id, key.publisher, key.revoked.is_some()))
        .collect();
    let approvals: Vec<_> = state
        .approvals(&"red".parse().unwrap())
        .map(|approval| format!("{} {} at {}", approval.seq, approval.skill, approval.at))
        .collect();
    let revoked: Vec<_> = state
        .revoked_digests()
        .map(|(digest, why)| format!("{digest} {}", why.reason))
        .collect();
    insta::assert_snapshot!([publishers, keys, approvals, revoked].concat().join("\n"), @r"
    acme owns acme labs, trusted
    rival owns rival, astray
    sha256:47dea58ea00fae9417ee19d76755bfef690899021132effb04fe1f9e4f0c8059 of rival, true
    sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2 of acme, false
    6 acme/deck at 2026-11-21T12:00:00Z
    7 labs/deck at 2026-11-21T12:00:00Z
    sha256:98eba790c70ac3abe3f62b9c4d3d87fda44e51f7900c9f4bb7df7bcfdae46136 it leaks
    ");
    assert_eq!(state.approvals(&"blue".parse().unwrap()).count(), 0);
    assert_eq!(
        state
            .approvals_of(&"red".parse().unwrap(), &"acme/deck".parse().unwrap())
            .len(),
        1
    );
    assert_eq!(state.owner(&"labs".parse().unwrap()).unwrap().name.as_str(), "acme");
    assert!(state.owner(&"none".parse().unwrap()).is_none());
    assert_eq!(state.key(&key(1).public().id()).unwrap().public, key(1).public());
    assert!(state.publisher(&"acme".parse().unwrap()).is_some());
}

#[test]
fn folding_twice_is_folding_once() {
    let recorded = |seq, entry| Recorded {
        seq,
        scope: Scope::Host,
        at: now(),
        by: "ann".to_owned(),
        entry,
    };
    let entries = [
        recorded(1, publisher_added("acme", &["acme"])),
        recorded(2, key_added("acme", &key(1))),
        // The first owner stays the owner, the first key stays with its publisher, and what does not parse is no key.
        recorded(3, publisher_added("rival", &["acme", "rival"])),
        recorded(4, key_added("rival", &key(1))),
        recorded(
            5,
            Entry::KeyAdded {
                publisher: "rival".parse().unwrap(),
                key: Digest::of(b""),
                public_key: "no key".to_owned(),
            },
        ),
        recorded(6, key_revoked(1, "first")),
        recorded(7, key_revoked(1, "second")),
    ];
    let mut state = State::fold(&entries);
    let once = format!("{state:?}");
    for entry in &entries {
        state.apply(entry);
    }
    assert_eq!(format!("{state:?}"), once);
    assert_eq!(state.seq(), 7);
    assert_eq!(state.owner(&"acme".parse().unwrap()).unwrap().name.as_str(), "acme");
    assert_eq!(state.publisher(&"rival".parse().unwrap()).unwrap().namespaces.len(), 1);
    let keys: Vec<_> = state
        .keys()
        .map(|key| (key.publisher.as_str(), key.revoked.as_ref().unwrap().reason.as_str()))
        .collect();
    assert_eq!(keys, [("acme", "first")]);
}

#[test]
fn an_approval_that_comes_twice_is_one() {
    let mut state = state();
    append(&mut state, red(), approval("acme/deck", "acme", &key(1), "good")).unwrap();
    let again = Recorded {
        seq: state.seq(),
        scope: red(),
        at: now(),
        by: "ann".to_owned(),
        entry: approval("acme/deck", "acme", &key(1), "good"),
    };
    state.apply(&again);
    assert_eq!(state.approvals(&"red".parse().unwrap()).count(), 1);
}

#[test]
fn tenants_that_approved_are_listed_once() {
    let mut state = state();
    for (tenant, skill) in [("red", "acme/deck"), ("blue", "acme/deck"), ("red", "acme/other")] {
        let scope = Scope::Tenant(tenant.parse().unwrap());
        append(&mut state, scope, approval(skill, "acme", &key(1), "good")).unwrap();
    }
    let tenants: Vec<_> = state.tenants().map(|tenant| tenant.as_str()).collect();
    assert_eq!(tenants, ["blue", "red"]);
}
