//! One issue.

use serde_json::json;

use super::service::{answer, assert_kept, reply};
use crate::Jira;
use crate::exports::skillhost::jira::issues::Guest;

#[test]
fn an_issue_is_read_with_its_newest_comments() {
    let text = |text: &str| {
        json!({"type": "doc", "version": 1, "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        ]})
    };
    let mia = json!({"accountId": "5b1", "displayName": "Mia Krystof"});
    let asked = answer(vec![
        reply(
            200,
            &json!({"id": "1", "key": "ED-1", "fields": {"description": text("It *broke*."), "reporter": mia}}),
        ),
        reply(
            200,
            &json!({"startAt": 0, "maxResults": 2, "total": 7, "comments": [
                {"id": "12", "author": mia, "body": text("Mine."), "created": "2026-01-17T12:34:00.000+0000",
                 "properties": [{"key": "other", "value": 1}, {"key": "skillhost.run", "value": {"run": "0192f0c1"}}]},
                {"id": "11", "body": text("Nobody's.")},
            ]}),
        ),
    ]);
    let read = Jira::get("ED-1".to_owned(), None, Some(2)).unwrap();
    insta::assert_debug_snapshot!(read, @r#"
    ReadIssue {
        issue: Issue {
            key: "ED-1",
            summary: None,
            status: None,
            issue-type: None,
            priority: None,
            assignee: None,
            reporter: Some(
                Person {
                    account-id: "5b1",
                    name: "Mia Krystof",
                },
            ),
            labels: [],
            created: None,
            updated: None,
            description: Some(
                "It \\*broke\\*.",
            ),
            fields: [],
            run: None,
        },
        comments: [
            Remark {
                id: "12",
                author: Some(
                    Person {
                        account-id: "5b1",
                        name: "Mia Krystof",
                    },
                ),
                created: Some(
                    "2026-01-17T12:34:00.000+0000",
                ),
                body: "Mine.",
                run: Some(
                    "0192f0c1",
                ),
            },
            Remark {
                id: "11",
                author: None,
                created: None,
                body: "Nobody's.",
                run: None,
            },
        ],
    }
    "#);
    let [issue, comments] = &asked.all()[..] else { panic!() };
    assert_kept("get", issue);
    assert_kept("get-comments", comments);
}

#[test]
fn a_key_stays_a_key() {
    let asked = answer(vec![reply(200, &json!({"key": "ED-1"}))]);
    Jira::get(
        "ED-1/../../myself?x=1#".to_owned(),
        Some(vec!["status".to_owned()]),
        None,
    )
    .unwrap();
    let url = "https://jira/rest/api/3/issue/ED-1%2F..%2F..%2Fmyself%3Fx%3D1%23?fields=status&properties=skillhost.run";
    assert_eq!(asked.all()[0]["url"], url);
}
