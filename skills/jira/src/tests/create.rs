//! New issues.

use serde_json::json;

use super::service::{answer, assert_kept, reply};
use crate::Jira;
use crate::exports::skillhost::jira::issues::{Created, Field, Guest, NewIssue};

/// As little as an issue can be.
pub(super) fn small() -> NewIssue {
    NewIssue {
        project: "ED".to_owned(),
        issue_type: "Task".to_owned(),
        summary: "Sell more".to_owned(),
        description: None,
        priority: None,
        labels: None,
        assignee: None,
        parent: None,
        fields: None,
    }
}

fn field(id: &str, value: &str) -> Field {
    Field {
        id: id.to_owned(),
        value: value.to_owned(),
    }
}

const DESCRIPTION: &str = "\
# What happens

The order **fails** when [Mia](https://example.com/mia?a=1&b=2) sends it; see [~accountid:5b10a2844c20165700ede21g].

1. Open the shop
2. Choose `ACME`
   - any size
   - any colour

> It worked yesterday.

```rust
panic!(\"out of stock\");
```

| Size | Works |
| --- | --- |
| S | ~~yes~~ no |
";

#[test]
fn an_issue_carries_everything_that_was_said_and_the_mark_of_the_run() {
    let asked = answer(vec![reply(
        201,
        &json!({"id": "10000", "key": "ED-24", "self": "https://x.atlassian.net/10000"}),
    )]);
    let issue = NewIssue {
        description: Some(DESCRIPTION.to_owned()),
        priority: Some("High".to_owned()),
        labels: Some(vec!["shop".to_owned()]),
        assignee: Some("5b10a2844c20165700ede21g".to_owned()),
        parent: Some("ED-1".to_owned()),
        fields: Some(vec![
            field("duedate", "\"2026-12-24\""),
            field("customfield_10016", "5"),
            field("fixVersions", "[{\"name\": \"1.2\"}]"),
            field("environment", "{\"markdown\": \"**Linux** only\"}"),
        ]),
        ..small()
    };
    let created = Jira::create(issue).unwrap();
    let expected = Created {
        key: "ED-24".to_owned(),
        id: "10000".to_owned(),
    };
    assert_eq!(created, expected);
    let [request] = &asked.all()[..] else { panic!() };
    assert_kept("create", request);
}

#[test]
fn what_is_not_given_is_not_sent() {
    let asked = answer(vec![reply(201, &json!({"id": "1", "key": "ED-1"}))]);
    Jira::create(small()).unwrap();
    let [request] = &asked.all()[..] else { panic!() };
    assert_kept("create-small", request);
}
