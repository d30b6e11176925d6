//! One person proposes, another agrees, and what is decided is proposed no more.

use crate::digest::Digest;
use crate::fixture::{now, state};
use crate::ledger::{Entry, Grants, Recorded, Scope, State};
use crate::name::Tenant;

fn red() -> Tenant {
    "red".parse().unwrap()
}

fn grants(setting: &str) -> Grants {
    Grants {
        configuration: [("for".to_owned(), setting.to_owned())].into(),
        ..Grants::default()
    }
}

fn add(state: &mut State, tenant: &str, by: &str, entry: Entry) {
    let scope = Scope::Tenant(tenant.parse().unwrap());
    state.check(&entry, &scope).unwrap();
    state.apply(&Recorded {
        seq: state.seq() + 1,
        scope,
        at: now(),
        by: by.to_owned(),
        entry,
    });
}

fn proposed(artifact: &str, setting: &str) -> Entry {
    Entry::Proposed {
        skill: "acme/deck".parse().unwrap(),
        digest: Digest::of(artifact.as_bytes()),
        grants: grants(setting),
        reason: "good".to_owned(),
    }
}

fn shown(state: &State) -> Vec<String> {
    let tenant = red();
    let all = state.proposals(&tenant);
    all.map(|proposal| format!("{} {}", proposal.by, proposal.grants.configuration["for"]))
        .collect()
}

#[test]
fn another_person_seconds_the_same_and_nothing_else() {
    let mut state = state();
    add(&mut state, "red", "ann", proposed("one", "a"));
    let seconds = |tenant: &str, artifact: &str, setting: &str, by: &str| {
        let digest = Digest::of(artifact.as_bytes());
        state.seconds(&tenant.parse().unwrap(), digest, &grants(setting), by)
    };
    assert!(seconds("red", "one", "a", "bob"));
    assert!(!seconds("red", "one", "a", "ann"), "the same person");
    assert!(!seconds("red", "two", "a", "bob"), "another artifact");
    assert!(!seconds("red", "one", "b", "bob"), "other grants");
    assert!(!seconds("blue", "one", "a", "bob"), "another tenant");
}

#[test]
fn whoever_proposes_again_replaces_what_they_said() {
    let mut state = state();
    for (tenant, by, artifact, setting) in [
        ("red", "ann", "one", "a"),
        ("red", "bob", "one", "b"),
        ("red", "ann", "two", "c"),
        ("blue", "ann", "one", "d"),
        ("red", "ann", "one", "e"),
    ] {
        add(&mut state, tenant, by, proposed(artifact, setting));
    }
    assert_eq!(shown(&state), ["bob b", "ann c", "ann e"]);
}

#[test]
fn what_is_approved_is_proposed_no_more() {
    let mut state = state();
    add(&mut state, "red", "ann", proposed("one", "a"));
    add(&mut state, "red", "ann", proposed("two", "b"));
    let approved = |artifact: &str| Entry::Approved {
        skill: "acme/deck".parse().unwrap(),
        version: "1.0.0".parse().unwrap(),
        digest: Digest::of(artifact.as_bytes()),
        publisher: "acme".parse().unwrap(),
        key: crate::fixture::key(1).public().id(),
        signed: Vec::new(),
        downgrade: false,
        grants: grants("a"),
        reason: "good".to_owned(),
    };
    add(&mut state, "blue", "bob", approved("one"));
    assert_eq!(shown(&state), ["ann a", "ann b"]);
    add(&mut state, "red", "bob", approved("one"));
    assert_eq!(shown(&state), ["ann b"]);
}
