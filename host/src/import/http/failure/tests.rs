//! Each code of the gate and of the way out, and what a guest sees of it.

use std::fmt::Write;

use gate::{Code, Step};

use super::*;

#[test]
fn a_refusal_is_denied_and_says_nothing_else() {
    let refuse = |code: Code| {
        refused(&Refusal {
            step: Step::Policy,
            code,
            told: "Ask for a grant.".to_owned(),
            kept: None,
        })
    };
    let asked = [Code::NOT_GRANTED, Code::CONSENT_REFUSED, Code::BUDGET_EXCEEDED];
    for code in asked {
        assert!(matches!(refuse(code), ErrorCode::HttpRequestDenied));
    }
    assert!(matches!(
        refuse(Code::REQUEST_TOO_LARGE),
        ErrorCode::HttpRequestBodySize(None)
    ));
}

#[test]
fn a_failure_is_told_by_its_code() {
    let codes = [
        "name-unresolved",
        "connect-failed",
        "connect-timeout",
        "connection-lost",
        "tls-failed",
        "timed-out",
        "reply-timeout",
        "address-forbidden",
        "reply-malformed",
        "reply-head-too-large",
        "reply-body-too-large",
        "reply-too-large",
        "reply-encoding",
        "request-too-large",
        "host-not-allowed",
        "credential-invalid",
        "token-refused",
        "outcome-unknown",
    ];
    let mut seen = String::new();
    for code in codes {
        let failure = failed(&Failed {
            code: Code::new(code),
            retryable: false,
            retry_after_ms: None,
            told: "Say it.".to_owned(),
        });
        writeln!(seen, "{code}: {failure:?}").unwrap_or_default();
    }
    insta::assert_snapshot!(seen, @r#"
    name-unresolved: ErrorCode::DnsError(DnsErrorPayload { rcode: None, info-code: None })
    connect-failed: ErrorCode::ConnectionRefused
    connect-timeout: ErrorCode::ConnectionTimeout
    connection-lost: ErrorCode::ConnectionTerminated
    tls-failed: ErrorCode::TlsProtocolError
    timed-out: ErrorCode::HttpResponseTimeout
    reply-timeout: ErrorCode::HttpResponseTimeout
    address-forbidden: ErrorCode::DestinationIpProhibited
    reply-malformed: ErrorCode::HttpProtocolError
    reply-head-too-large: ErrorCode::HttpResponseHeaderSectionSize(None)
    reply-body-too-large: ErrorCode::HttpResponseBodySize(None)
    reply-too-large: ErrorCode::HttpResponseBodySize(None)
    reply-encoding: ErrorCode::HttpResponseContentCoding(None)
    request-too-large: ErrorCode::HttpRequestBodySize(None)
    host-not-allowed: ErrorCode::HttpRequestDenied
    credential-invalid: ErrorCode::ConfigurationError
    token-refused: ErrorCode::InternalError(Some("unauthorized: Say it."))
    outcome-unknown: ErrorCode::InternalError(Some("upstream: Say it."))
    "#);
}
