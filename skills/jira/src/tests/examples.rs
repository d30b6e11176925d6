//! Atlassian's own examples of replies can be read.

use serde_json::Value;

use super::service::{answer, reply};
use crate::Jira;
use crate::exports::skillhost::jira::issues::{Guest, Issue};

fn example(method: &str, path: &str, status: &str) -> Value {
    let description: Value = serde_json::from_str(include_str!("../../../../tests/jira/openapi.json")).unwrap();
    let example = &description["paths"][path][method]["responses"][status]["content"]["application/json"]["example"];
    assert!(example.is_object(), "{method} {path}");
    example.clone()
}

/// The fields, each on a line that is cut where it gets long.
fn fields(issue: &Issue) -> String {
    let lines = issue
        .fields
        .iter()
        .map(|field| format!("{}: {:.60}", field.id, field.value));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_a_search_finds() {
    answer(vec![reply(200, &example("post", "/rest/api/3/search/jql", "200"))]);
    let found = Jira::search("project = ED".to_owned(), None, None, None).unwrap();
    let [issue] = &found.issues[..] else { panic!() };
    assert_eq!(
        (issue.key.as_str(), issue.description.as_deref()),
        ("ED-1", Some("Main order flow broken"))
    );
    insta::assert_snapshot!(fields(issue), @r#"
    watcher: {"isWatching":false,"self":"https://your-domain.atlassian.ne
    attachment: debuglog.txt
    sub-tasks: Sub-task ED-2
    project: Example
    comment: {"author":{"accountId":"5b10a2844c20165700ede21g","active":f
    issuelinks: is depended by PR-2, depends on PR-3
    worklog: {"author":{"accountId":"5b10a2844c20165700ede21g","active":f
    timetracking: {"originalEstimate":"10m","originalEstimateSeconds":600,"rem
    "#);
}

#[test]
fn an_issue_and_its_comments() {
    answer(vec![
        reply(200, &example("get", "/rest/api/3/issue/{issueIdOrKey}", "200")),
        reply(200, &example("get", "/rest/api/3/issue/{issueIdOrKey}/comment", "200")),
    ]);
    let read = Jira::get("ED-1".to_owned(), None, Some(1)).unwrap();
    insta::assert_snapshot!(fields(&read.issue), @r#"
    watcher: {"isWatching":false,"self":"https://your-domain.atlassian.ne
    attachment: picture.jpg
    sub-tasks: Sub-task ED-2
    project: Example
    comment: {"author":{"accountId":"5b10a2844c20165700ede21g","active":f
    issuelinks: is depended by PR-2, depends on PR-3
    worklog: {"author":{"accountId":"5b10a2844c20165700ede21g","active":f
    timetracking: {"originalEstimate":"10m","originalEstimateSeconds":600,"rem
    "#);
    insta::assert_debug_snapshot!(read.comments, @r#"
    [
        Remark {
            id: "10000",
            author: Some(
                Person {
                    account-id: "5b10a2844c20165700ede21g",
                    name: "Mia Krystof",
                },
            ),
            created: Some(
                "2021-01-17T12:34:00.000+0000",
            ),
            body: "Lorem ipsum dolor sit amet, consectetur adipiscing elit. Pellentesque eget venenatis elit. Duis eu justo eget augue iaculis fermentum. Sed semper quam laoreet nisi egestas at posuere augue semper.",
            run: None,
        },
    ]
    "#);
}

#[test]
fn what_is_made() {
    answer(vec![reply(201, &example("post", "/rest/api/3/issue", "201"))]);
    assert_eq!(Jira::create(super::create::small()).unwrap().key, "ED-24");
    answer(vec![reply(
        201,
        &example("post", "/rest/api/3/issue/{issueIdOrKey}/comment", "201"),
    )]);
    assert_eq!(
        Jira::comment("ED-1".to_owned(), "Done.".to_owned()).unwrap().id,
        "10000"
    );
}

#[test]
fn the_steps_that_are_possible() {
    answer(vec![
        reply(
            200,
            &example("get", "/rest/api/3/issue/{issueIdOrKey}/transitions", "200"),
        ),
        reply(204, &Value::Null),
    ]);
    let step = Jira::transition("ED-1".to_owned(), "closed".to_owned(), None).unwrap();
    assert_eq!(step.transition, "QA Review");
}

#[test]
fn what_is_wrong_with_a_request() {
    answer(vec![reply(400, &example("post", "/rest/api/3/issue", "400"))]);
    let error = Jira::create(super::create::small()).unwrap_err();
    assert_eq!(error.to_string(), "invalid-argument: Field 'priority' is required");
}
