//! What grants cover, and the words for what they do not.

use std::fmt::Write as _;

use registry::ledger::Grants;
use registry::{Binding, Limits};

use super::not_covered;

#[test]
fn what_is_asked_for_and_not_granted_is_said() {
    let cases: [(&[&str], Option<u32>); 6] = [
        (&[], None),
        (&["http:jira"], Some(128)),
        (&["http:jira", "model:default"], Some(256)),
        (&["http:jira GET", "model:default ask"], Some(64)),
        (&["http:jira GET", "http:jira ask POST /rest/api/3"], None),
        (&["http:jira GET", "http:jira ask"], None),
    ];
    let asked =
        [("http", "jira", "Reads issues."), ("model", "default", "Sums up.")].map(|(kind, name, reason)| Binding {
            kind: kind.parse().unwrap(),
            name: name.parse().unwrap(),
            reason: reason.to_owned(),
        });
    let limits = |memory_mib| Limits {
        memory_mib,
        ..Limits::default()
    };
    let mut told = String::new();
    for (granted, memory) in cases {
        writeln!(told, "{granted:?} {memory:?}").unwrap();
        let grants = Grants {
            bindings: granted.iter().map(|grant| grant.parse().unwrap()).collect(),
            limits: limits(memory),
            ..Grants::default()
        };
        for words in not_covered(&asked, &limits(Some(128)), &grants) {
            writeln!(told, "  {words}").unwrap();
        }
    }
    insta::assert_snapshot!(told);
}
