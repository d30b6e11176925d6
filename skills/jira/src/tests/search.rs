//! Pages of issues.

use serde_json::{Value, json};

use super::service::{answer, assert_kept, reply};
use crate::Jira;
use crate::exports::skillhost::jira::issues::Guest;

fn page(keys: &[&str], more: &Value) -> Value {
    let issues: Vec<_> = keys.iter().map(|key| json!({"id": "1", "key": key})).collect();
    let mut page = json!({"issues": issues});
    page.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    page
}

#[test]
fn an_issue_is_told_as_people_see_it() {
    let asked = answer(vec![reply(
        200,
        &json!({"isLast": true, "issues": [{
            "id": "10002",
            "key": "ED-1",
            "self": "https://your-domain.atlassian.net/rest/api/3/issue/10002",
            "fields": {
                "summary": "Main order flow broken",
                "status": {"name": "In Progress", "id": "3"},
                "issuetype": {"name": "Bug"},
                "priority": {"name": "High"},
                "assignee": {"accountId": "5b10a2844c20165700ede21g", "displayName": "Mia Krystof"},
                "updated": "2026-01-17T12:34:00.000+0000",
                "labels": ["shop", "urgent"],
                "duedate": null,
                "components": [],
                "customfield_10010": 5,
                "customfield_10011": {"value": "Europe", "child": {"value": "France"}},
                "customfield_10012": [{"name": "1.2"}, {"name": "1.3"}],
                "customfield_10013": {"progress": 1, "total": 2},
                "environment": {"type": "doc", "version": 1, "content": [
                    {"type": "paragraph", "content": [{"type": "text", "text": "Linux", "marks": [{"type": "strong"}]}]}
                ]}
            },
            "properties": {"skillhost.run": {"run": "0192f0c1-7b2a-7c3d-8e4f-a0b1c2d3e4f5", "skill": "skillhost/jira"}}
        }]}),
    )]);
    let found = Jira::search("project = ED".to_owned(), None, None, None).unwrap();
    insta::assert_debug_snapshot!(found, @r#"
    Found {
        issues: [
            Issue {
                key: "ED-1",
                summary: Some(
                    "Main order flow broken",
                ),
                status: Some(
                    "In Progress",
                ),
                issue-type: Some(
                    "Bug",
                ),
                priority: Some(
                    "High",
                ),
                assignee: Some(
                    Person {
                        account-id: "5b10a2844c20165700ede21g",
                        name: "Mia Krystof",
                    },
                ),
                reporter: None,
                labels: [
                    "shop",
                    "urgent",
                ],
                created: None,
                updated: Some(
                    "2026-01-17T12:34:00.000+0000",
                ),
                description: None,
                fields: [
                    Field {
                        id: "customfield_10010",
                        value: "5",
                    },
                    Field {
                        id: "customfield_10011",
                        value: "Europe / France",
                    },
                    Field {
                        id: "customfield_10012",
                        value: "1.2, 1.3",
                    },
                    Field {
                        id: "customfield_10013",
                        value: "{\"progress\":1,\"total\":2}",
                    },
                    Field {
                        id: "environment",
                        value: "**Linux**",
                    },
                ],
                run: Some(
                    "0192f0c1-7b2a-7c3d-8e4f-a0b1c2d3e4f5",
                ),
            },
        ],
        next-page-token: None,
    }
    "#);
    let [request] = &asked.all()[..] else { panic!() };
    assert_kept("search", request);
}

#[test]
fn pages_are_read_up_to_the_limit_and_no_further() {
    let asked = answer(vec![
        reply(
            200,
            &page(&["A-1", "A-2"], &json!({"nextPageToken": "two", "isLast": false})),
        ),
        reply(200, &page(&["A-3"], &json!({"nextPageToken": "three"}))),
        reply(200, &page(&["A-4", "A-5"], &json!({"nextPageToken": "four"}))),
    ]);
    let fields = Some(vec!["summary".to_owned(), "customfield_10016".to_owned()]);
    let found = Jira::search(" project = A ".to_owned(), Some(5), fields, Some("one".to_owned())).unwrap();
    let keys: Vec<_> = found.issues.iter().map(|issue| issue.key.as_str()).collect();
    assert_eq!(keys, ["A-1", "A-2", "A-3", "A-4", "A-5"]);
    assert_eq!(found.next_page_token.as_deref(), Some("four"));
    let asked = asked.all();
    assert_kept("search-page", &asked[0]);
    let turns: Vec<_> = asked
        .iter()
        .map(|asked| (&asked["body"]["maxResults"], &asked["body"]["nextPageToken"]))
        .collect();
    assert_eq!(
        turns,
        [
            (&json!(5), &json!("one")),
            (&json!(3), &json!("two")),
            (&json!(2), &json!("three"))
        ]
    );
}

#[test]
fn the_last_page_is_the_last_in_each_of_its_forms() {
    for more in [
        json!({}),
        json!({"isLast": true}),
        json!({"isLast": true, "nextPageToken": "again"}),
    ] {
        answer(vec![reply(200, &page(&["A-1"], &more))]);
        let found = Jira::search("project = A".to_owned(), Some(500), None, None).unwrap();
        assert_eq!((found.issues.len(), found.next_page_token), (1, None), "{more}");
    }
}

#[test]
fn pages_end_even_where_jira_does_not() {
    let endless = (0..20).map(|number| reply(200, &page(&[], &json!({"nextPageToken": number.to_string()}))));
    let asked = answer(endless.collect());
    let found = Jira::search("project = A".to_owned(), None, None, None).unwrap();
    assert_eq!((asked.all().len(), found.next_page_token.as_deref()), (20, Some("19")));

    let same = page(&["A-1"], &json!({"nextPageToken": "same"}));
    answer(vec![reply(200, &same), reply(200, &same)]);
    let error = Jira::search("project = A".to_owned(), None, None, None).unwrap_err();
    assert_eq!(error.code, "upstream");
}

#[test]
fn large_limits_are_asked_for_in_pages_of_100() {
    let asked = answer(vec![reply(200, &page(&[], &json!({})))]);
    Jira::search("project = A".to_owned(), Some(500), None, None).unwrap();
    assert_eq!(asked.bodies()[0]["maxResults"], 100);
}
