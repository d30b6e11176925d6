//! Names that a reader takes for each other, and names that are only near.

use super::looks_like;

#[test]
fn what_a_reader_takes_for_the_same_is_found() {
    for (a, b) in [
        ("exarnple", "example"),
        ("examp1e", "example"),
        ("exam-ple", "example"),
        ("exmaple", "example"),
        ("examples", "example"),
        ("exampl", "example"),
        ("g00gle", "google"),
        ("acrne", "acme"),
        ("a-cme", "acme"),
    ] {
        assert!(looks_like(a, b) && looks_like(b, a), "{a} {b}");
    }
}

#[test]
fn what_is_another_word_is_let_through() {
    for (a, b) in [
        ("example", "example"),
        ("acme", "acne"),
        ("jira", "lira"),
        ("salesforce", "workforce"),
        ("example", "sample"),
        ("tests", "skillhost"),
    ] {
        assert!(!looks_like(a, b) && !looks_like(b, a), "{a} {b}");
    }
}
