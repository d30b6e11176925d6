//! What a tenant can go back to, and what it cannot.

use crate::digest::Digest;
use crate::fixture::{append, key, show, state};
use crate::ledger::{Entry, Grants, Scope, State};
use crate::name::{SkillName, Tenant};

fn deck() -> SkillName {
    "acme/deck".parse().unwrap()
}

fn red() -> Tenant {
    "red".parse().unwrap()
}

fn approved(version: &str) -> Entry {
    Entry::Approved {
        skill: deck(),
        version: version.parse().unwrap(),
        digest: Digest::of(version.as_bytes()),
        publisher: "acme".parse().unwrap(),
        key: key(1).public().id(),
        signed: Vec::new(),
        downgrade: false,
        grants: Grants {
            configuration: [("version".to_owned(), version.to_owned())].into(),
            ..Grants::default()
        },
        reason: "good".to_owned(),
    }
}

fn rolled_back(version: &str, reason: &str) -> Entry {
    Entry::RolledBack {
        skill: deck(),
        digest: Digest::of(version.as_bytes()),
        reason: reason.to_owned(),
    }
}

/// 1, 2, 3 and then 2 again were approved; 1 was revoked for everyone.
fn history() -> State {
    let mut state = state();
    for version in ["1.0.0", "2.0.0", "3.0.0", "2.0.0"] {
        append(&mut state, Scope::Tenant(red()), approved(version).as_downgrade()).unwrap();
    }
    let revoked = Entry::DigestRevoked {
        digest: Digest::of(b"1.0.0"),
        reason: "it leaks".to_owned(),
    };
    append(&mut state, Scope::Host, revoked).unwrap();
    state
}

#[test]
fn what_was_approved_before_runs_again_with_its_grants() {
    let mut state = history();
    append(&mut state, Scope::Tenant(red()), rolled_back("3.0.0", "slow")).unwrap();
    let current = state.current(&red(), &deck()).unwrap();
    assert_eq!(
        (
            current.version.to_string().as_str(),
            current.reason.as_str(),
            current.seq
        ),
        ("3.0.0", "slow", state.seq())
    );
    assert_eq!(current.grants.configuration["version"], "3.0.0");
    append(&mut state, Scope::Tenant(red()), rolled_back("2.0.0", "worse")).unwrap();
    assert_eq!(state.current(&red(), &deck()).unwrap().version.to_string(), "2.0.0");
}

#[test]
fn each_artifact_stands_once_in_the_way_back() {
    let mut state = history();
    let earlier = |state: &State| -> Vec<_> {
        let (tenant, skill) = (red(), deck());
        let versions = state
            .earlier(&tenant, &skill)
            .map(|approval| approval.version.to_string());
        versions.collect()
    };
    assert_eq!(earlier(&state), ["3.0.0"]);
    append(&mut state, Scope::Tenant(red()), approved("4.0.0")).unwrap();
    assert_eq!(earlier(&state), ["2.0.0", "3.0.0"]);
    let revoked = Entry::ApprovalRevoked {
        digest: Digest::of(b"2.0.0"),
        reason: "no".to_owned(),
    };
    append(&mut state, Scope::Tenant(red()), revoked).unwrap();
    assert_eq!(earlier(&state), ["3.0.0"]);
}

#[test]
fn what_cannot_be_gone_back_to_is_refused() {
    let state = history();
    let blue = Scope::Tenant("blue".parse().unwrap());
    let told: Vec<_> = [
        (Scope::Tenant(red()), rolled_back("2.0.0", "again")),
        (Scope::Tenant(red()), rolled_back("1.0.0", "older")),
        (Scope::Tenant(red()), rolled_back("5.0.0", "newer")),
        (Scope::Tenant(red()), rolled_back("3.0.0", "")),
        (blue, rolled_back("3.0.0", "theirs")),
        (Scope::Host, rolled_back("3.0.0", "everybody")),
    ]
    .into_iter()
    .map(|(scope, entry)| show(state.check(&entry, &scope)).replace(&Digest::of(b"1.0.0").to_string(), "FIRST"))
    .collect();
    insta::assert_snapshot!(told.join("\n"));
}
