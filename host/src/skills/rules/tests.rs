//! Which grants combine too much, and what becomes of them.

use std::fmt::Write as _;

use registry::ledger::Grants;

use super::{ApprovalSettings, Ruled, Rules};

/// A tenant whose bindings are known but for `http:new`.
fn rules(rule: &str) -> Rules {
    let text = format!(
        "rule-of-two = \"{rule}\"\n[bindings]\n\"http:mail\" = [\"untrusted-input\", \"external-effects\"]\n\
         \"http:hr\" = [\"private-data\"]\n\"http:news\" = [\"untrusted-input\"]\n\"model:default\" = []\n"
    );
    let settings: ApprovalSettings = toml::from_str(&text).unwrap();
    Rules([("default".parse().unwrap(), settings)].into())
}

#[test]
fn what_combines_all_three_needs_more_than_one_yes() {
    let cases: [&[&str]; 10] = [
        &[],
        &["http:mail", "http:news", "model:default"],
        &["http:mail", "http:hr"],
        &["http:mail GET", "http:hr"],
        &["http:mail GET", "http:mail ask POST", "http:hr"],
        &["http:mail GET POST", "http:hr"],
        &["http:new"],
        &["http:new GET", "model:default"],
        &["http:new ask"],
        &["http:new", "http:new ask"],
    ];
    let tenant = "default".parse().unwrap();
    let mut told = String::new();
    for case in cases {
        let grants = Grants {
            bindings: case.iter().map(|grant| grant.parse().unwrap()).collect(),
            ..Grants::default()
        };
        let two = rules("two-people").judge(&tenant, &grants);
        let asks = match rules("ask").judge(&tenant, &grants) {
            Ruled::Asks(grants) => grants.bindings.iter().map(ToString::to_string).collect(),
            Ruled::Holds => Vec::new(),
            Ruled::NeedsTwo => panic!("{case:?} needs two where one is to be asked"),
        };
        writeln!(told, "{case:?}: {two:?}, or asks as {asks:?}").unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn without_a_rule_everything_holds() {
    let grants = Grants {
        bindings: vec!["http:new".parse().unwrap()],
        ..Grants::default()
    };
    assert_eq!(
        rules("two-people").judge(&"other".parse().unwrap(), &grants),
        Ruled::Holds
    );
    assert_eq!(Rules::default().warning(&"default".parse().unwrap(), &grants), None);
}

#[test]
fn a_binding_is_named_alone() {
    let refused = |name: &str| {
        let text = format!("[bindings]\n\"{name}\" = []\n");
        let error = toml::from_str::<ApprovalSettings>(&text).unwrap_err();
        error.message().to_owned()
    };
    let told = ["jira", "http:jira GET", "http:jira ask", "http:"].map(refused);
    insta::assert_snapshot!(told.join("\n"));
}
