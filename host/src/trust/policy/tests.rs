//! A policy's file, written well and badly, and what is in force meanwhile.

use std::fs;
use std::path::Path;

use registry::Policy;

use super::{InForce, PolicyFile};

const GOOD: &str = "[keys]\n";
const OTHER: &str = "[namespaces]\n";

fn file(folder: &Path) -> PolicyFile {
    PolicyFile::new(folder.join("trust.toml"), folder)
}

fn show(in_force: &InForce) -> String {
    let fault = in_force.fault.as_ref().map_or("good", |fault| fault.told.as_str());
    format!("{:?}: {fault}", in_force.text)
}

#[test]
fn the_last_good_one_stays_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let (file, path) = (file(folder.path()), folder.path().join("trust.toml"));
    fs::write(&path, GOOD).unwrap();
    let (mut now, policy) = file.start();
    assert_eq!(policy, Policy::parse(GOOD).unwrap());
    let since = now.since;
    let mut shown = vec![show(&now)];
    let mut look = |now: &mut InForce| {
        let looked = file.look(now);
        let is_changed = looked.as_ref().is_some_and(|(_, policy)| policy.is_some());
        if let Some((next, _)) = looked {
            *now = next;
        }
        shown.push(format!("{is_changed} {}", show(now)));
    };
    look(&mut now);
    fs::write(&path, "[keys").unwrap();
    look(&mut now);
    let found = now.fault.clone();
    // The same fault is told once.
    assert!(file.look(&now).is_none());
    assert_eq!(now.since, since);
    fs::write(&path, "trust = 1").unwrap();
    look(&mut now);
    assert_ne!(now.fault, found);
    fs::remove_file(&path).unwrap();
    look(&mut now);
    assert!(file.look(&now).is_none());
    fs::write(&path, [0xff, 0xfe]).unwrap();
    look(&mut now);
    fs::write(&path, GOOD).unwrap();
    look(&mut now);
    assert_eq!(now.since, since);
    fs::write(&path, OTHER).unwrap();
    look(&mut now);
    assert!(file.look(&now).is_none());
    insta::assert_snapshot!(shown.join("\n"), @r#"
    "[keys]\n": good
    false "[keys]\n": good
    false "[keys]\n": the trust policy cannot be used: line 1: unclosed table, expected `]`
    false "[keys]\n": the trust policy cannot be used: line 1: unknown field `trust`, expected `keys` or `namespaces`
    false "[keys]\n": the trust policy cannot be read: entity not found
    false "[keys]\n": the trust policy cannot be read: invalid data
    false "[keys]\n": good
    true "[namespaces]\n": good
    "#);
}

#[test]
fn a_host_starts_with_the_last_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let (file, path) = (file(folder.path()), folder.path().join("trust.toml"));
    // Without one that was ever good, nothing is trusted.
    fs::write(&path, "[keys").unwrap();
    let (now, policy) = file.start();
    assert_eq!(policy, Policy::of_nothing());
    let mut shown = vec![show(&now)];
    fs::write(&path, OTHER).unwrap();
    shown.push(show(&file.start().0));
    fs::write(&path, "[keys").unwrap();
    let (now, policy) = file.start();
    assert_eq!(policy, Policy::parse(OTHER).unwrap());
    shown.push(show(&now));
    fs::remove_file(&path).unwrap();
    shown.push(show(&file.start().0));
    insta::assert_snapshot!(shown.join("\n"), @r#"
    "": the trust policy cannot be used: line 1: unclosed table, expected `]`
    "[namespaces]\n": good
    "[namespaces]\n": the trust policy cannot be used: line 1: unclosed table, expected `]`
    "[namespaces]\n": the trust policy cannot be read: entity not found
    "#);
}
