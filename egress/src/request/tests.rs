//! Headers, methods and sizes that are refused before anything is resolved.

use super::*;
use crate::credential::{Credential, Secret};
use crate::rule::RuleSettings;

fn rule() -> Rule {
    let mut settings = RuleSettings::new("test", "https://api.example.test/");
    settings.owned_headers = vec!["Idempotency-Key".to_owned()];
    settings.caps.request_head = 256;
    settings.caps.request_body = 16;
    Rule::new(settings).unwrap()
}

fn request(rule: &Rule) -> Request {
    Request::new(Method::POST, rule.below("/").unwrap())
}

fn check(name: &str, value: &str, credential: Option<&Credential>) -> Result<(), Error> {
    let rule = rule();
    let mut request = request(&rule);
    request.body = Bytes::from_static(b"abc");
    let name: HeaderName = name.parse().unwrap();
    request.headers.insert(name, HeaderValue::from_str(value).unwrap());
    request.check(&rule, credential)
}

#[test]
fn headers_that_are_not_the_callers_are_refused_by_name() {
    let names = [
        "host",
        "connection",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "keep-alive",
        "expect",
        "proxy-authorization",
        "proxy-connection",
        "proxy-anything",
        "http2-settings",
        "forwarded",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x_forwarded_host",
        "x-http-method-override",
        "x_http_method_override",
        "x-original-url",
        "x-rewrite-url",
        "Host",
        "Idempotency-Key",
    ];
    for name in names {
        let error = check(name, "x", None).unwrap_err();
        assert_eq!(error.code(), Code::HeaderNotAllowed);
        assert!(
            error.told().contains(&format!("`{}`", name.to_ascii_lowercase())),
            "{error}"
        );
    }
}

#[test]
fn with_a_credential_nobody_else_logs_in() {
    let key = Credential::header("x-api-key", Secret::new("s3cret")).unwrap();
    let cases = [
        ("authorization", true),
        ("cookie", true),
        ("x-api-key", true),
        ("X-API-Key", true),
        ("x_api_key", true),
        ("x-api-keys", false),
        ("x-other", false),
    ];
    for (name, theirs) in cases {
        assert_eq!(check(name, "x", Some(&key)).is_err(), theirs, "{name}");
        assert!(check(name, "x", None).is_ok(), "{name}");
    }
}

#[test]
fn a_stated_length_must_be_true() {
    assert!(check("content-length", "3", None).is_ok());
    for stated in ["2", "4", "03", "+3", "3, 3", "", "18446744073709551619"] {
        assert_eq!(
            check("content-length", stated, None).unwrap_err().code(),
            Code::HeaderNotAllowed,
            "{stated}"
        );
    }
    let rule = rule();
    let mut twice = request(&rule);
    twice.body = Bytes::from_static(b"abc");
    twice.headers.append(CONTENT_LENGTH, HeaderValue::from_static("3"));
    twice.headers.append(CONTENT_LENGTH, HeaderValue::from_static("4"));
    assert_eq!(twice.check(&rule, None).unwrap_err().code(), Code::HeaderNotAllowed);
}

#[test]
fn the_host_sets_what_the_binding_owns_and_not_what_the_connection_owns() {
    let rule = rule();
    let mut request = request(&rule);
    request.added.insert("idempotency-key", HeaderValue::from_static("k"));
    assert!(request.check(&rule, None).is_ok());
    request.added.insert(HOST, HeaderValue::from_static("evil"));
    assert_eq!(request.check(&rule, None).unwrap_err().code(), Code::HeaderNotAllowed);
}

#[test]
fn methods_that_show_or_bypass_are_refused() {
    let rule = rule();
    for (method, allowed) in [
        ("GET", true),
        ("PATCH", true),
        ("QUERY", true),
        ("TRACE", false),
        ("CONNECT", false),
    ] {
        let mut request = request(&rule);
        request.method = method.parse().unwrap();
        assert_eq!(request.check(&rule, None).is_ok(), allowed, "{method}");
    }
}

#[test]
fn sizes_are_counted() {
    let rule = rule();
    for (bytes, fits) in [(16, true), (17, false)] {
        let mut request = request(&rule);
        request.body = Bytes::from(vec![0; bytes]);
        assert_eq!(request.check(&rule, None).is_ok(), fits, "{bytes}");
    }
    // `x-a`, `: `, the value, CR LF, and the path.
    for (bytes, fits) in [(256 - 3 - 4 - 1, true), (256 - 3 - 4, false)] {
        let mut request = request(&rule);
        request
            .headers
            .insert("x-a", HeaderValue::from_str(&"a".repeat(bytes)).unwrap());
        assert_eq!(request.check(&rule, None).is_ok(), fits, "{bytes}");
    }
}

#[test]
fn a_target_of_another_rule_is_judged_again() {
    let other = Rule::new(RuleSettings::new("other", "https://other.example/")).unwrap();
    let request = request(&other);
    assert_eq!(request.check(&rule(), None).unwrap_err().code(), Code::HostNotAllowed);
}

#[test]
fn what_is_printed_names_headers_and_nothing_in_them() {
    let rule = rule();
    let mut request = request(&rule);
    request.headers.insert("x-mine", HeaderValue::from_static("s3cret"));
    insta::assert_snapshot!(format!("{request:?}"), @r#"Request { method: POST, host: "api.example.test", path: "/", headers: ["x-mine"], body: 0, .. }"#);
}
