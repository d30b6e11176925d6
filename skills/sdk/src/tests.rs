//! The conversions that authors rely on, and the stand-ins for the host.

use std::time::Duration;

use crate::{File, FileError, ToolError, configuration, files};

#[test]
fn a_question_mark_keeps_the_sentence_and_nothing_else() {
    fn parse(text: &str) -> Result<u8, ToolError> {
        Ok(text.parse::<u8>()?)
    }
    assert_eq!(parse("7"), Ok(7));
    assert_eq!(
        parse("seven").unwrap_err(),
        ToolError::internal("invalid digit found in string")
    );
}

#[test]
fn what_the_host_says_of_a_file_reaches_the_agent_under_a_code_it_knows() {
    let cases = [
        ("not-found", "not-found"),
        ("too-large", "invalid-argument"),
        ("too-many", "invalid-argument"),
        ("invalid-name", "internal"),
        ("duplicate-name", "internal"),
    ];
    for (code, expected) in cases {
        let refused = FileError {
            code: code.to_owned(),
            message: "Make it smaller.".to_owned(),
        };
        let error = ToolError::from(refused);
        assert_eq!(
            error,
            ToolError::new(expected, "Make it smaller.").detail("file-error", code)
        );
    }
}

#[test]
fn an_error_says_when_to_come_back_and_why() {
    let error = ToolError::rate_limited("Ask again in a minute.")
        .retry_after(Duration::from_secs(60))
        .detail("quota", "10 a minute");
    assert_eq!(error.to_string(), "rate-limited: Ask again in a minute.");
    assert_eq!(error.retry_after_ms, Some(60_000));
    assert_eq!(error.details, [("quota".to_owned(), "10 a minute".to_owned())]);
}

#[test]
fn a_native_test_finds_the_files_that_the_skill_made() {
    let file = files::put("hello.txt", "text/plain", b"hello").unwrap();
    assert_eq!(file.size, 5);
    assert_eq!(
        file.sha256,
        "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    );
    assert_eq!(files::get(&file).unwrap(), b"hello");
    let unknown = File {
        sha256: "0".repeat(64),
        ..file
    };
    assert_eq!(files::get(&unknown).unwrap_err().code, "not-found");
    assert_eq!(configuration::all(), []);
}
