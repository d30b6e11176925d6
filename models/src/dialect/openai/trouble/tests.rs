//! What each answer means, and what it costs.

use std::time::Duration;

use gate::{Code, Reach};
use http::HeaderMap;
use serde_json::{Value, json};

use super::{of_error, of_status};
use crate::dialect::openai::judge::faults_of_reply;
use crate::trouble::{
    CONTEXT, DENIED, FAILED, FILTERED, IMAGE, INVALID, OVERLOADED, QUOTA, RATE_LIMITED, SCHEMA, SLOW, UNAUTHORIZED,
    UNKNOWN,
};

fn error(kind: &str, code: &str, param: &str) -> Value {
    let said = |word: &str| if word.is_empty() { Value::Null } else { json!(word) };
    json!({"error": {"message": "Told.", "type": kind, "param": said(param), "code": said(code)}})
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    pairs.collect()
}

fn failure(status: u16, body: &Value) -> gate::Failure {
    of_status(status, &HeaderMap::new(), body.to_string().as_bytes())
}

#[test]
fn codes_say_more_than_statuses() {
    const REQUEST: &str = "invalid_request_error";
    for (status, code, param, expected) in [
        (400, "context_length_exceeded", "messages", CONTEXT),
        (400, "content_filter", "prompt", FILTERED),
        (400, "content_policy_violation", "", FILTERED),
        (400, "invalid_json_schema", "text.format.schema", SCHEMA),
        (400, "", "response_format", SCHEMA),
        (
            400,
            "invalid_function_parameters",
            "tools[0].function.parameters",
            SCHEMA,
        ),
        (400, "", "tools[0].parameters", SCHEMA),
        (400, "invalid_image_format", "", IMAGE),
        (400, "image_parse_error", "", IMAGE),
        (400, "invalid_base64_image", "", IMAGE),
        (400, "unsupported_parameter", "temperature", INVALID),
        (400, "billing_hard_limit_reached", "", QUOTA),
        (400, "model_not_found", "model", UNKNOWN),
        (401, "invalid_api_key", "", UNAUTHORIZED),
        (403, "unsupported_country_region_territory", "", DENIED),
        (403, "insufficient_quota", "", QUOTA),
        (404, "model_not_found", "model", UNKNOWN),
        (404, "DeploymentNotFound", "", UNKNOWN),
        (413, "", "", INVALID),
        (422, "", "", INVALID),
        (429, "insufficient_quota", "", QUOTA),
    ] {
        let body = error(REQUEST, code, param);
        assert_eq!(faults_of_reply("ErrorResponse", &body), Vec::<String>::new());
        let failure = failure(status, &body);
        assert_eq!(
            (failure.code, failure.retryable, failure.reach),
            (expected, false, Reach::Nothing),
            "{status} {code} {param}"
        );
    }
}

#[test]
fn statuses_say_what_may_be_asked_again_and_what_may_have_cost() {
    let (nothing, perhaps) = (Reach::Nothing, Reach::Perhaps);
    let cases: [(u16, Code, bool, Reach); 19] = [
        (302, FAILED, false, perhaps),
        (400, INVALID, false, nothing),
        (401, UNAUTHORIZED, false, nothing),
        (402, QUOTA, false, nothing),
        (403, DENIED, false, nothing),
        (404, UNKNOWN, false, nothing),
        (408, SLOW, true, perhaps),
        (409, FAILED, true, perhaps),
        (413, INVALID, false, nothing),
        (418, FAILED, false, nothing),
        (422, INVALID, false, nothing),
        (424, FAILED, true, perhaps),
        (429, RATE_LIMITED, true, nothing),
        (500, FAILED, true, perhaps),
        (502, FAILED, true, perhaps),
        (503, OVERLOADED, true, perhaps),
        (504, SLOW, true, perhaps),
        (529, OVERLOADED, true, perhaps),
        (599, FAILED, true, perhaps),
    ];
    for (status, code, retryable, reach) in cases {
        for body in [
            "",
            "<html>Bad</html>",
            "[]",
            r#"{"detail":"x"}"#,
            r#"{"error":"x"}"#,
            r#"{"error":{"code":1}}"#,
            r#"{"error":{"type":"server_error"}}"#,
        ] {
            let failure = of_status(status, &HeaderMap::new(), body.as_bytes());
            let seen = (failure.code, failure.retryable, failure.reach);
            assert_eq!(seen, (code.clone(), retryable, reach), "{status} {body}");
        }
    }
}

#[test]
fn a_quota_is_told_by_its_type_and_a_long_conversation_by_its_message() {
    let quota = failure(429, &error("insufficient_quota", "", ""));
    assert_eq!((quota.code, quota.retryable), (QUOTA, false));
    let message = "This model's maximum context length is 4096 tokens.";
    let long = json!({"error": {"message": message, "type": "BadRequestError", "param": null, "code": 400}});
    assert_eq!(failure(400, &long).code, CONTEXT);
    assert_eq!(failure(500, &long).code, FAILED);
}

#[test]
fn headers_say_when_and_overrule_whether() {
    let body = error("requests", "rate_limit_exceeded", "").to_string();
    for (status, pairs, expected) in [
        (
            429,
            &[("retry-after-ms", "1500")][..],
            Some(Some(Duration::from_millis(1500))),
        ),
        (429, &[("retry-after", "7")][..], Some(Some(Duration::from_secs(7)))),
        (429, &[][..], Some(None)),
        (429, &[("x-should-retry", "false"), ("retry-after", "7")][..], None),
    ] {
        let failure = of_status(status, &headers(pairs), body.as_bytes());
        let again = failure.retryable.then_some(failure.retry_after);
        assert_eq!((again, failure.code), (expected, RATE_LIMITED), "{pairs:?}");
    }
    let again = of_status(400, &headers(&[("x-should-retry", "true")]), b"");
    assert!(again.retryable);
}

#[test]
fn what_a_provider_says_is_kept_and_not_told() {
    let body = error("invalid_request_error", "invalid_api_key", "").to_string();
    let failure = of_status(401, &headers(&[("x-request-id", "req_1")]), body.as_bytes());
    let kept = failure.kept.unwrap();
    insta::assert_snapshot!(kept, @"status 401, request req_1: code invalid_api_key, type invalid_request_error, param -: Told.");
    assert!(!failure.told.contains("Told"), "{}", failure.told);
    let page = "x".repeat(5000);
    let kept = of_status(502, &HeaderMap::new(), page.as_bytes()).kept.unwrap();
    assert!(kept.len() < 1100, "{}", kept.len());
}

#[test]
fn an_error_after_the_status_may_have_cost() {
    for (code, expected, retryable) in [
        ("server_error", FAILED, true),
        ("rate_limit_exceeded", RATE_LIMITED, true),
        ("invalid_prompt", INVALID, false),
        ("data_residency_mismatch", DENIED, false),
        ("bio_policy", FILTERED, false),
        ("misalignment_policy_violation", FILTERED, false),
        ("vector_store_timeout", SLOW, true),
        ("image_content_policy_violation", FILTERED, false),
        ("image_too_large", IMAGE, false),
        ("failed_to_download_image", IMAGE, false),
        ("insufficient_quota", QUOTA, false),
        ("server_is_overloaded", OVERLOADED, true),
        ("something_new", FAILED, true),
    ] {
        let failure = of_error(&json!({"code": code, "message": "Told."}));
        let seen = (failure.code, failure.retryable, failure.reach);
        assert_eq!(seen, (expected, retryable, Reach::Perhaps), "{code}");
    }
}
