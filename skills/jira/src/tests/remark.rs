//! Comments.

use serde_json::json;

use super::service::{answer, assert_kept, reply};
use crate::Jira;
use crate::exports::skillhost::jira::issues::Guest;

#[test]
fn a_comment_carries_the_mark_of_the_run() {
    let asked = answer(vec![reply(
        201,
        &json!({
            "id": "10000",
            "author": {"accountId": "5b1", "displayName": "Robot"},
            "created": "2026-01-17T12:34:00.000+0000",
            "body": {"type": "doc", "version": 1, "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "Done "}, {"type": "emoji", "attrs": {"shortName": ":tada:"}}]}
            ]}
        }),
    )]);
    let said = Jira::comment("ED-1".to_owned(), "It is *done*, [@Mia](accountid:5b1).".to_owned()).unwrap();
    insta::assert_debug_snapshot!(said, @r#"
    Remark {
        id: "10000",
        author: Some(
            Person {
                account-id: "5b1",
                name: "Robot",
            },
        ),
        created: Some(
            "2026-01-17T12:34:00.000+0000",
        ),
        body: "Done :tada:",
        run: None,
    }
    "#);
    let [request] = &asked.all()[..] else { panic!() };
    assert_kept("comment", request);
}
