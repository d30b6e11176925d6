//! The router, its document and its table of access say the same.

use std::collections::BTreeSet;

use axum::response::IntoResponse as _;
use http_body_util::BodyExt as _;

use super::access::TABLE;
use super::body::strict;

/// Bless with `SKILLHOST_BLESS=1` after the API was changed on purpose, and look at the difference.
#[test]
fn the_checked_in_document_is_the_one_of_the_router() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let document = super::document().to_pretty_json().unwrap() + "\n";
    #[expect(
        clippy::disallowed_methods,
        reason = "it is a test that is told to bless, not a host that is configured"
    )]
    if std::env::var_os("SKILLHOST_BLESS").is_some() {
        std::fs::write(file, &document).unwrap();
    }
    let checked_in = std::fs::read_to_string(file).unwrap();
    assert!(
        document == checked_in,
        "the API differs from host/openapi.json: run this test with SKILLHOST_BLESS=1"
    );
}

#[test]
fn the_table_of_access_has_every_route_and_no_other() {
    let document: serde_json::Value = serde_json::from_str(&super::document().to_json().unwrap()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, item) in document.get("paths").unwrap().as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            routes.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let table: BTreeSet<_> = TABLE
        .iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    assert_eq!(table.len(), TABLE.len(), "an operation is in the table twice");
    assert_eq!(routes, table);
}

#[tokio::test]
async fn json_that_two_readers_could_understand_differently_is_refused() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let cases = [
        "{\"a\": 1, \"a\": 2}".to_owned(),
        "{\"a\": {\"b\": 1, \"b\": 1}}".to_owned(),
        deep(65),
        deep(100_000),
        String::new(),
        "{} {}".to_owned(),
        "{\"a\": 1e999}".to_owned(),
        "\"\\ud800\"".to_owned(),
        "nul".to_owned(),
    ];
    let mut told = String::new();
    for case in cases {
        let response = strict(case.as_bytes()).unwrap_err().into_response();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        told.push_str(body.get("detail").unwrap().as_str().unwrap());
        told.push('\n');
    }
    insta::assert_snapshot!(told, @r#"
    the body cannot be read as JSON: the name "a" comes twice in one object at line 1 column 12
    the body cannot be read as JSON: the name "b" comes twice in one object at line 1 column 18
    the body cannot be read as JSON: it nests deeper than 64 levels at line 1 column 66
    the body cannot be read as JSON: it nests deeper than 64 levels at line 1 column 65
    the body cannot be read as JSON: EOF while parsing a value at line 1 column 0
    the body cannot be read as JSON: trailing characters at line 1 column 4
    the body cannot be read as JSON: number out of range at line 1 column 11
    the body cannot be read as JSON: unexpected end of hex escape at line 1 column 8
    the body cannot be read as JSON: EOF while parsing a value at line 1 column 3
    "#);
    assert!(strict(deep(64).as_bytes()).is_ok());
}
