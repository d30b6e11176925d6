//! What the gate says, in the words of `wasi:http`.

use gate::call::http::HttpCallError;
use gate::{Failed, Refusal};

use super::bindings::types::{DnsErrorPayload, ErrorCode};

/// A refusal says no more than that: the sentence stands in the run's log.
pub(super) fn refused(refusal: &Refusal) -> ErrorCode {
    match refusal.code.as_str() {
        "request-too-large" => ErrorCode::HttpRequestBodySize(None),
        _ => ErrorCode::HttpRequestDenied,
    }
}

/// A failure, by its code; where `wasi:http` has no word for it, its sentence, after a code that skills know.
pub(super) fn failed(failed: &Failed) -> ErrorCode {
    match failed.code.as_str() {
        "name-unresolved" => ErrorCode::DnsError(DnsErrorPayload {
            rcode: None,
            info_code: None,
        }),
        "connect-failed" => ErrorCode::ConnectionRefused,
        "connect-timeout" => ErrorCode::ConnectionTimeout,
        "connection-lost" => ErrorCode::ConnectionTerminated,
        "tls-failed" => ErrorCode::TlsProtocolError,
        "timed-out" | "reply-timeout" => ErrorCode::HttpResponseTimeout,
        "address-forbidden" => ErrorCode::DestinationIpProhibited,
        "reply-malformed" => ErrorCode::HttpProtocolError,
        "reply-head-too-large" => ErrorCode::HttpResponseHeaderSectionSize(None),
        "reply-body-too-large" | "reply-too-large" => ErrorCode::HttpResponseBodySize(None),
        "reply-encoding" => ErrorCode::HttpResponseContentCoding(None),
        "request-too-large" => ErrorCode::HttpRequestBodySize(None),
        "scheme-not-allowed"
        | "userinfo-not-allowed"
        | "host-not-allowed"
        | "port-not-allowed"
        | "path-not-allowed"
        | "method-not-allowed"
        | "header-not-allowed" => ErrorCode::HttpRequestDenied,
        "rule-invalid" | "credential-invalid" => ErrorCode::ConfigurationError,
        "token-refused" => ErrorCode::InternalError(Some(format!("unauthorized: {}", sentence(&failed.told)))),
        _ => ErrorCode::InternalError(Some(format!("upstream: {}", sentence(&failed.told)))),
    }
}

/// What the gate says stands in the middle of sentences too; a skill says more behind it.
fn sentence(told: &str) -> String {
    format!("{}.", told.trim_end_matches('.'))
}

/// A request that no gate is asked about.
pub(super) const fn invalid(error: HttpCallError) -> ErrorCode {
    match error {
        HttpCallError::Method => ErrorCode::HttpRequestMethodInvalid,
        HttpCallError::Path | HttpCallError::Query => ErrorCode::HttpRequestUriInvalid,
        HttpCallError::Header => ErrorCode::HttpRequestHeaderSize(None),
        HttpCallError::ContentLength => ErrorCode::HttpRequestBodySize(None),
    }
}

/// Why a request was never sent, for the log.
pub(super) const fn unsent(failure: &ErrorCode) -> &'static str {
    match failure {
        ErrorCode::HttpRequestBodySize(_) => {
            "a request was not sent: its body is larger than one may be or than the host holds for a run, or has \
             another size than its content-length says [request-too-large]"
        }
        ErrorCode::HttpRequestTrailerSectionSize(_) => "a request was not sent: leave out its trailers",
        _ => "a request was not sent: its body was dropped before it was finished",
    }
}

#[cfg(test)]
mod tests;
