//! What the registry answers when it does not do what was asked (distribution-spec 1.1, Error Codes).

use std::io;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::Denial;
use crate::name::Namespace;

/// A status, a code of the distribution-spec, and a sentence that says what to change.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    told: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, told: impl Into<String>) -> Self {
        Self {
            status,
            code,
            told: told.into(),
        }
    }

    pub(super) fn invalid(code: &'static str, told: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, told)
    }

    pub(super) fn unknown(code: &'static str, told: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, told)
    }

    pub(super) fn too_large(most: u64) -> Self {
        let told = format!("More than the {most} bytes that are taken here.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "SIZE_INVALID", told)
    }

    pub(super) fn full(namespace: &Namespace) -> Self {
        let told = format!(
            "The namespace `{namespace}` has no room left: delete versions that nobody needs, or ask the operator."
        );
        Self::new(StatusCode::FORBIDDEN, "DENIED", told)
    }

    pub(super) fn broken_off(cause: &axum::Error) -> Self {
        tracing::debug!(%cause, "an upload broke off");
        Self::invalid("BLOB_UPLOAD_INVALID", "The bytes broke off: send them again.")
    }
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        match denial {
            Denial::Unknown => Self::new(
                StatusCode::UNAUTHORIZED,
                "UNAUTHORIZED",
                "Log in with any user name and a token as the password.",
            ),
            Denial::Forbidden => Self::new(
                StatusCode::FORBIDDEN,
                "DENIED",
                "This token may not do this here: publishers write to their own namespaces.",
            ),
            Denial::Unavailable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "UNAVAILABLE",
                "Nobody can say now whether this is allowed: try again.",
            ),
        }
    }
}

/// The cause stays in the log: it may name folders.
impl From<io::Error> for Refusal {
    fn from(cause: io::Error) -> Self {
        tracing::error!(%cause, "the registry's folder cannot be used");
        let told = "The registry cannot use its folder: ask its operator.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN", told)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let errors = json!({"errors": [{"code": self.code, "message": self.told}]});
        let mut response = (self.status, Json(errors)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"skillhost\", charset=\"UTF-8\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
