//! Answers that the simulator cannot give, and what an agent reads of them.

use skillhost_sdk::ToolError;
use skillhost_sdk::http::{Response, testing};

use super::{Changes, Guest as _, Key, Salesforce, account, by_code, create, name, question, step};
use crate::service;

/// Answers every request so.
fn answer(status: u16, headers: &'static [(&'static str, &'static str)], body: &'static str) {
    testing::answer(move |_| {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        Ok(response.body(body.as_bytes().to_vec()).unwrap())
    });
}

fn query() -> ToolError {
    Salesforce::query(question("SELECT Id FROM Account", &[])).unwrap_err()
}

fn made() -> ToolError {
    Salesforce::create("Account".to_owned(), account("Acme")).unwrap_err()
}

fn upserted() -> ToolError {
    Salesforce::upsert("Account".to_owned(), by_code("1"), account("Acme")).unwrap_err()
}

fn changed() -> ToolError {
    let steps = vec![step("one", create("Account", &[name("One")]))];
    Salesforce::composite(Changes {
        steps,
        all_or_none: None,
    })
    .unwrap_err()
}

type Ask = fn() -> ToolError;

#[test]
fn an_answer_that_is_lost_leaves_it_open_what_happened() {
    let lost: [fn(); 4] = [
        || {
            testing::answer(|_| {
                Err(ToolError::upstream(
                    "The service could not be reached, or broke off: try again later.",
                ))
            })
        },
        || answer(503, &[("retry-after", "7")], "<html>Down for maintenance</html>"),
        || answer(200, &[], "<html>Welcome to the hotel's network</html>"),
        || answer(200, &[], r#"{"unexpected": true}"#),
    ];
    let ask: [(&str, Ask); 4] = [
        ("query", query),
        ("create", made),
        ("upsert", upserted),
        ("composite", changed),
    ];
    let mut said = Vec::new();
    for lost in lost {
        for (tool, ask) in ask {
            lost();
            let error = ask();
            said.push(format!("{tool}: {error} {:?}", error.retry_after_ms));
        }
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_host_that_refuses_is_quoted() {
    testing::answer(|_| Err(ToolError::denied("The host refused this call.")));
    for error in [query(), made(), upserted(), changed()] {
        assert_eq!(error, ToolError::denied("The host refused this call."));
    }
}

#[test]
fn what_salesforce_says_becomes_a_code() {
    let complaint = |code: &str, message: &str| format!(r#"[{{"errorCode":"{code}","message":"{message}"}}]"#);
    let two = r#"[{"errorCode":"X","message":"Too cheap","fields":["Amount"]},
        {"errorCode":"X","message":"Too late","fields":["CloseDate"]}]"#;
    let several = r#"["/services/data/v66.0/sobjects/Account/001A","/services/data/v66.0/sobjects/Account/001B"]"#;
    let cases = [
        (
            403,
            complaint("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        ),
        (
            403,
            complaint("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded."),
        ),
        (
            403,
            complaint(
                "API_DISABLED_FOR_ORG",
                "API is not enabled for this Organization or Partner",
            ),
        ),
        (
            400,
            complaint(
                "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                "insufficient access rights",
            ),
        ),
        (400, complaint("INVALID_QUERY_LOCATOR", "invalid query locator")),
        (400, complaint("DUPLICATES_DETECTED", "Use one of these records?")),
        (
            410,
            complaint("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL"),
        ),
        (
            500,
            complaint(
                "UNKNOWN_EXCEPTION",
                "An unexpected error occurred. Please include this ErrorId",
            ),
        ),
        (503, complaint("SERVER_UNAVAILABLE", "We are down for maintenance.")),
        (400, two.to_owned()),
        (300, several.to_owned()),
        (412, String::new()),
        (400, "[]".to_owned()),
        (414, String::new()),
        (302, "moved".to_owned()),
    ];
    let mut said = Vec::new();
    for (status, body) in cases {
        let sent = body.clone().into_bytes();
        testing::answer(move |_| Ok(Response::builder().status(status).body(sent.clone()).unwrap()));
        let error = Salesforce::get("Account".to_owned(), Key::Id("001Sim0000000zz".to_owned()), None).unwrap_err();
        said.push(format!(
            "{status} {body}\n  {error}\n  {:?} {:?}",
            error.retry_after_ms, error.details
        ));
    }
    insta::assert_snapshot!(said.join("\n\n"));
}

#[test]
fn where_the_next_records_are_is_believed_only_inside_the_service() {
    for url in [
        r#""https://evil.example/x""#,
        r#""//evil.example/x""#,
        r#""/elsewhere""#,
        "null",
    ] {
        let body = format!(r#"{{"totalSize":2,"done":false,"nextRecordsUrl":{url},"records":[{{"Id":"1"}}]}}"#);
        testing::answer(move |_| Ok(Response::new(body.clone().into_bytes())));
        assert_eq!(
            query().message,
            "Salesforce said that there are more records, and not where.",
            "{url}"
        );
    }
}

#[test]
fn what_does_not_fit_into_an_answer_is_left_out_and_said() {
    let row = format!(r#"{{"Name":"{}"}}"#, "x".repeat(10_000));
    let body = format!(
        r#"{{"totalSize":300,"done":true,"records":[{}]}}"#,
        vec![row; 300].join(",")
    );
    testing::answer(move |_| Ok(Response::new(body.clone().into_bytes())));
    let most = crate::exports::skillhost::salesforce::records::Question {
        max_records: Some(300),
        ..question("SELECT Name FROM Account", &[])
    };
    let found = Salesforce::query(most).unwrap();
    assert_eq!(
        (found.total, found.complete, found.records.rows.len()),
        (300, false, 209)
    );
}

#[test]
fn the_version_is_a_setting() {
    let version = |setting: &str| service::version(Some(setting.to_owned()));
    assert_eq!(service::version(None).as_deref(), Ok("66.0"));
    assert_eq!(version("68.0").as_deref(), Ok("68.0"));
    for wrong in ["", "v68.0", "68", "68.1", "45.0", "../68.0", "-1.0"] {
        assert_eq!(version(wrong).unwrap_err().code, "internal", "{wrong}");
    }
}
