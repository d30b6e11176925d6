//! What agents are told when it does not work.

use serde_json::json;
use skillhost_sdk::ToolError;

use super::create::small;
use super::service::{answer, raw, reply};
use crate::Jira;
use crate::exports::skillhost::jira::issues::{Field, Guest, NewIssue};

fn told(error: &ToolError) -> String {
    let details: Vec<_> = error
        .details
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{error} {:?} {}", error.retry_after_ms, details.join(" "))
}

#[test]
fn what_jira_says_reaches_the_agent() {
    let faults = json!({"errorMessages": ["Two things."], "errors": {"priority": "Unknown.", "summary": "Missing."}});
    let cases = [
        reply(400, &faults),
        reply(
            400,
            &json!({"errorMessages": ["The value 'X' does not exist for the field 'project'."], "warningMessages": []}),
        ),
        raw(401, &[], "Client must be authenticated to access this resource."),
        reply(
            401,
            &json!({"code": 401, "message": "Unauthorized; scope does not match"}),
        ),
        raw(
            403,
            &[("x-seraph-loginreason", "AUTHENTICATION_DENIED")],
            "<html>CAPTCHA</html>",
        ),
        raw(403, &[("x-seraph-loginreason", "OK")], "{\"errorMessages\": [\"No.\"]}"),
        reply(
            404,
            &json!({"errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {}}),
        ),
        reply(409, &json!({"errorMessages": ["Somebody else was faster."]})),
        raw(413, &[], ""),
        reply(422, &json!({"errors": {"customfield_1": {"nested": true}}})),
        raw(
            429,
            &[("retry-after", "7"), ("ratelimit-reason", "jira-burst-based")],
            "",
        ),
        raw(
            429,
            &[
                ("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT"),
                ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ],
            "{\"message\": \"Rate limit exceeded.\"}",
        ),
        raw(429, &[], ""),
        raw(303, &[("location", "https://id.atlassian.com/login")], ""),
        raw(500, &[], "<html>"),
        raw(503, &[("retry-after", "30")], ""),
        raw(200, &[], "<html>Log in</html>"),
        reply(200, &json!({"key": 5})),
        Err(ToolError::denied("The host refused this call.")),
        Err(ToolError::upstream("The service did not answer in time.")),
    ];
    let told = cases.map(|case| {
        answer(vec![case]);
        told(&Jira::get("ED-1".to_owned(), None, None).unwrap_err())
    });
    insta::assert_snapshot!(told.join("\n"), @r#"
    invalid-argument: Two things. `priority`: Unknown. `summary`: Missing. None status=400 field.priority=Unknown. field.summary=Missing.
    invalid-argument: The value 'X' does not exist for the field 'project'. None status=400
    unauthorized: The service did not accept the credential of the binding: ask an administrator to renew it. None status=401
    unauthorized: Unauthorized; scope does not match None status=401
    unauthorized: Jira did not accept the credential of the binding: ask an administrator to renew it. None status=403
    denied: No. None status=403
    not-found: Issue does not exist or you do not have permission to see it. None status=404
    invalid-argument: Somebody else was faster. None status=409
    invalid-argument: The service did not accept the arguments. None status=413
    invalid-argument: `customfield_1`: {"nested":true} None status=422 field.customfield_1={"nested":true}
    rate-limited: The service asked to slow down: try again later. Some(7000) status=429 reason=jira-burst-based
    rate-limited: Rate limit exceeded. Some(10000) status=429
    rate-limited: The service asked to slow down: try again later. None status=429
    upstream: The service failed: try again later. None status=303
    upstream: The service failed: try again later. None status=500
    upstream: The service failed: try again later. Some(30000) status=503
    upstream: The service answered something that makes no sense. None status=200 cause=expected value at line 1 column 1
    upstream: The service answered something that makes no sense. None status=200 cause=invalid type: integer `5`, expected a string at line 1 column 8
    denied: The host refused this call. None 
    upstream: The service did not answer in time. None
    "#);
}

#[test]
fn a_write_in_doubt_says_so_and_by_what_to_find_out() {
    let cases = || {
        [
            (raw(502, &[], ""), true),
            (raw(201, &[], "<html>"), true),
            (Err(ToolError::upstream("The service broke off.")), true),
            (raw(429, &[], ""), false),
            (raw(400, &[], ""), false),
            (Err(ToolError::denied("The host refused this call.")), false),
        ]
    };
    let run = ("run".to_owned(), "00000000-0000-0000-0000-000000000000".to_owned());
    let writes = [
        || Jira::create(small()).unwrap_err(),
        || Jira::comment("ED-1".to_owned(), "Done.".to_owned()).unwrap_err(),
    ];
    for write in writes {
        for (case, doubted) in cases() {
            answer(vec![case]);
            let error = write();
            assert_eq!(error.details.contains(&run), doubted, "{error}");
            assert_eq!(error.message.contains("look before you try again"), doubted, "{error}");
        }
    }
}

#[test]
fn a_step_in_doubt_says_so() {
    answer(vec![
        reply(200, &json!({"transitions": [{"id": "1", "name": "Go"}]})),
        raw(500, &[], ""),
    ]);
    let error = Jira::transition("ED-1".to_owned(), "Go".to_owned(), None).unwrap_err();
    assert!(error.message.contains("look before you try again"), "{error}");
}

fn field(id: &str, value: &str) -> Option<Vec<Field>> {
    Some(vec![Field {
        id: id.to_owned(),
        value: value.to_owned(),
    }])
}

#[test]
fn what_cannot_be_meant_is_refused_without_asking_jira() {
    answer(Vec::new());
    let search = |jql: &str, limit, fields: Option<Vec<&str>>| {
        let fields = fields.map(|fields| fields.into_iter().map(str::to_owned).collect());
        Jira::search(jql.to_owned(), limit, fields, None).unwrap_err()
    };
    let create = |issue| Jira::create(issue).unwrap_err();
    let text = |text: &str| Some(text.to_owned());
    let errors = [
        search(" ", None, None),
        search("x", Some(0), None),
        search("x", Some(501), None),
        search("x", None, Some(vec![])),
        search("x", None, Some(vec!["a"; 51])),
        search("x", None, Some(vec!["a,b"])),
        Jira::get(String::new(), None, None).unwrap_err(),
        Jira::get("..".to_owned(), None, None).unwrap_err(),
        Jira::get("A-1".to_owned(), None, Some(101)).unwrap_err(),
        create(NewIssue {
            project: String::new(),
            ..small()
        }),
        create(NewIssue {
            issue_type: " ".to_owned(),
            ..small()
        }),
        create(NewIssue {
            summary: "a\nb".to_owned(),
            ..small()
        }),
        create(NewIssue {
            summary: "é".repeat(256),
            ..small()
        }),
        create(NewIssue {
            description: Some("é".repeat(32_768)),
            ..small()
        }),
        create(NewIssue {
            description: Some("> ".repeat(17) + "x"),
            ..small()
        }),
        create(NewIssue {
            labels: Some(vec!["two words".to_owned()]),
            ..small()
        }),
        create(NewIssue {
            assignee: text(""),
            ..small()
        }),
        create(NewIssue {
            fields: field("summary", "\"x\""),
            ..small()
        }),
        create(NewIssue {
            fields: field("due date", "1"),
            ..small()
        }),
        create(NewIssue {
            fields: field("duedate", "2026-12-24"),
            ..small()
        }),
        Jira::comment("A-1".to_owned(), " \n".to_owned()).unwrap_err(),
        Jira::transition("A-1".to_owned(), String::new(), None).unwrap_err(),
        Jira::transition("A-1".to_owned(), "Done".to_owned(), field("x", "}")).unwrap_err(),
    ];
    let told: Vec<_> = errors.iter().map(told).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    invalid-argument: Give `jql`. None field=jql
    invalid-argument: Give `limit` from 1 to 500. None field=limit
    invalid-argument: Give `limit` from 1 to 500. None field=limit
    invalid-argument: Name 1 to 50 fields, or leave `fields` out. None field=fields
    invalid-argument: Name 1 to 50 fields, or leave `fields` out. None field=fields
    invalid-argument: "a,b" is no identifier of a field, such as `duedate` or `customfield_10016`. None field=fields
    invalid-argument: Give `key`. None field=key
    invalid-argument: `..` names nothing: give an identifier of the service's. None 
    invalid-argument: Give `comments` from 0 to 100. None field=comments
    invalid-argument: Give `project`. None field=project
    invalid-argument: Give `issue-type`. None field=issue-type
    invalid-argument: Give `summary` with 1 to 255 characters on one line. None field=summary
    invalid-argument: Give `summary` with 1 to 255 characters on one line. None field=summary
    invalid-argument: The text has more than 32767 characters: shorten it, or split it. None field=description
    invalid-argument: Lists and quotes stand more than 16 deep in each other: make them flatter. None field=description
    invalid-argument: `two words` is no label: use 1 to 255 characters and no space. None field=labels
    invalid-argument: Give `assignee`. None field=assignee
    invalid-argument: `summary` is given already: leave it out of `fields`. None field=fields
    invalid-argument: "due date" is no identifier of a field, such as `duedate` or `customfield_10016`. None field=fields
    invalid-argument: The value of `duedate` is no JSON (trailing characters at line 1 column 5): put text into quotation marks. None field=fields
    invalid-argument: Give `body`. None field=body
    invalid-argument: Give `to`. None field=to
    invalid-argument: The value of `x` is no JSON (expected value at line 1 column 1): put text into quotation marks. None field=fields
    "#);
}
