//! Which binding an authority names.

use super::*;

#[test]
fn a_name_counts_before_a_host_and_the_first_before_the_second() {
    let listed = |hosts: &[&str]| hosts.iter().map(|host| (*host).to_owned()).collect();
    let bindings = Bindings::new(&BTreeMap::from([
        ("jira".to_owned(), listed(&["ACME.example", "wiki", "shared.example"])),
        ("wiki".to_owned(), listed(&["shared.example", "wiki.example:8443"])),
    ]));
    let found = |authority| bindings.http(authority).unwrap_or("none");
    assert_eq!(found("jira"), "jira");
    assert_eq!(found("acme.example"), "jira");
    assert_eq!(found("wiki"), "wiki");
    assert_eq!(found("shared.example"), "jira");
    assert_eq!(found("wiki.example:8443"), "wiki");
    assert_eq!(found("wiki.example"), "none");
    assert_eq!(found(""), "none");
}
