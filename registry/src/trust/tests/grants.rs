//! What may be granted, and how it is written.

use super::*;

#[test]
fn only_what_a_skill_asks_for_is_granted() {
    let about = format!(
        "{}\n[[bindings]]\nkind = \"model\"\nname = \"default\"\nreason = \"Writes.\"\n",
        manifest("acme/deck", "1.0.0")
    );
    let package = pack(&embed(&component(WIT), &about, WIT, &[skill_md("deck")]).unwrap());
    let bundles = vec![sign(&claim(package.digest()), &key(1))];
    let verified = verify("acme/deck", &package, bundles, &state(), now()).unwrap();
    let grant = |grants: &[&str]| {
        let bindings = grants.iter().map(|grant| grant.parse().unwrap()).collect();
        show(verified.approve(
            Grants {
                bindings,
                ..Grants::default()
            },
            String::new(),
        ))
    };
    insta::assert_snapshot!([
        grant(&[]),
        grant(&["http:jira"]),
        grant(&["model:default", "http:jira"]),
        grant(&["http:jira GET", "http:jira ask POST"]),
        grant(&["http:mail"]),
        grant(&["model:jira"]),
        grant(&["http:jira", "http:jira"]),
        grant(&["http:jira ask", "http:jira  ask"]),
    ].join("\n"), @r"
    accepted
    accepted
    accepted
    accepted
    grant-invalid: the skill does not ask for http `mail`, or it is granted twice: grant what `skillhost inspect` lists
    grant-invalid: the skill does not ask for model `jira`, or it is granted twice: grant what `skillhost inspect` lists
    grant-invalid: the skill does not ask for http `jira`, or it is granted twice: grant what `skillhost inspect` lists
    grant-invalid: the skill does not ask for http `jira`, or it is granted twice: grant what `skillhost inspect` lists
    ");
}

#[test]
fn a_grant_narrows_to_what_a_call_can_have() {
    let package = pack(
        &embed(
            &component(WIT),
            &manifest("acme/deck", "1.0.0"),
            WIT,
            &[skill_md("deck")],
        )
        .unwrap(),
    );
    let bundles = vec![sign(&claim(package.digest()), &key(1))];
    let verified = verify("acme/deck", &package, bundles, &state(), now()).unwrap();
    let approve = |methods: &[&str], paths: &[&str]| {
        let grant = Grant {
            methods: methods.iter().map(ToString::to_string).collect(),
            paths: paths.iter().map(ToString::to_string).collect(),
            ..Grant::new("http".parse().unwrap(), "jira".parse().unwrap())
        };
        let grants = Grants {
            bindings: vec![grant],
            ..Grants::default()
        };
        show(verified.approve(grants, String::new()))
    };
    insta::assert_snapshot!([
        approve(&["GET", "POST"], &["/rest/api/3", "/"]),
        approve(&["get"], &[]),
        approve(&[""], &[]),
        approve(&[], &["rest"]),
        approve(&[], &["/a?b"]),
        approve(&[], &["/a b"]),
        approve(&[], &["/a\nb"]),
        approve(&["GET"; 65], &[]),
        approve(&[], &["/a"; 65]),
        approve(&["GET"; 64], &["/a"; 64]),
    ].join("\n"), @r"
    accepted
    grant-invalid: the grant of http `jira` cannot hold: `get` is no method; write it in capitals, such as `GET`
    grant-invalid: the grant of http `jira` cannot hold: `` is no method; write it in capitals, such as `GET`
    grant-invalid: the grant of http `jira` cannot hold: `rest` is no path; start it with a slash and leave the query out
    grant-invalid: the grant of http `jira` cannot hold: `/a?b` is no path; start it with a slash and leave the query out
    grant-invalid: the grant of http `jira` cannot hold: `/a b` is no path; start it with a slash and leave the query out
    grant-invalid: the grant of http `jira` cannot hold: `/a\nb` is no path; start it with a slash and leave the query out
    grant-invalid: the grant of http `jira` cannot hold: name at most 64 methods and 64 paths
    grant-invalid: the grant of http `jira` cannot hold: name at most 64 methods and 64 paths
    accepted
    ");
}

#[test]
fn a_grant_has_one_spelling() {
    let read = |text: &str| match text.parse::<Grant>() {
        Ok(grant) => format!("{grant}"),
        Err(error) => format!("{}", error.code()),
    };
    let texts = [
        "http:jira",
        " http:jira  ask ",
        "http:jira /b ask GET /a POST",
        "model:default ask",
        "model:default GET",
        "http:jira get",
        "http:jira ask=yes",
        "http:jira a/b",
        "http",
        "",
        "http:Jira",
        "http:jira:ask",
    ];
    let lines = texts.map(|text| format!("{text:?} -> {}", read(text)));
    insta::assert_snapshot!(lines.join("\n"), @r#"
    "http:jira" -> http:jira
    " http:jira  ask " -> http:jira ask
    "http:jira /b ask GET /a POST" -> http:jira ask GET POST /b /a
    "model:default ask" -> model:default ask
    "model:default GET" -> grant-invalid
    "http:jira get" -> grant-invalid
    "http:jira ask=yes" -> grant-invalid
    "http:jira a/b" -> grant-invalid
    "http" -> grant-invalid
    "" -> grant-invalid
    "http:Jira" -> name-malformed
    "http:jira:ask" -> name-malformed
    "#);
}
