//! What the host says when it does not do what it was asked: problem+json (RFC 9457).

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::engine;
use crate::file::FileError;
use crate::run::{RunId, Stop};
use crate::skills::ReadyError;
use crate::store::StoreError;
use crate::token::TokenError;
use crate::trust::DecideError;

/// A refusal on its way to whoever asked.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: Cow<'static, str>,
    retryable: bool,
    run: Option<RunId>,
    retry_after: Option<u32>,
}

/// A refusal of the host (RFC 9457).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// A URI that is the same for every problem of this code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words.
    pub title: String,
    /// The status of the response.
    pub status: u16,
    /// What to change, in a sentence.
    pub detail: String,
    /// What to branch on.
    pub code: String,
    /// Whether the same request may succeed later, unchanged.
    pub retryable: bool,
    /// The run, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub run: Option<RunId>,
}

/// What every handler answers.
pub(super) type Answer<T> = Result<T, Problem>;

impl Problem {
    /// A refusal of this status, code and sentence.
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            retryable: false,
            run: None,
            retry_after: None,
        }
    }

    /// The input does not fit.
    pub(super) fn input(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// There is no such thing, or it is somebody else's: both look the same.
    pub(super) fn unknown(what: &'static str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown",
            format!("there is no such {what}, or it is not yours"),
        )
    }

    /// The host failed. The cause goes to its log and nowhere else.
    pub(super) fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = cause, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the host failed; its log says why, under this moment",
        )
    }

    /// Too much is asked of the host at once.
    pub(super) fn overloaded(detail: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).later(1)
    }

    /// The same request may succeed after so many seconds.
    pub(super) const fn later(mut self, seconds: u32) -> Self {
        self.retryable = true;
        self.retry_after = Some(seconds);
        self
    }

    /// About this run, whose record is durable.
    pub(super) const fn about(mut self, run: RunId) -> Self {
        self.run = Some(run);
        self
    }

    /// Why a run ended without a value. That a skill broke, or used more than it may, is 422 and not 500 or 502, which
    /// proxies would try again.
    pub(super) fn stopped(stop: &Stop) -> Self {
        let status = match stop.code.as_str() {
            "input-invalid" => StatusCode::BAD_REQUEST,
            "tool-unknown" => StatusCode::NOT_FOUND,
            "cancelled" => StatusCode::CONFLICT,
            "input-too-large" | "output-too-large" => StatusCode::PAYLOAD_TOO_LARGE,
            "capacity" => StatusCode::SERVICE_UNAVAILABLE,
            "internal" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let problem = Self::new(status, stop.code.clone(), stop.message.clone());
        if status == StatusCode::SERVICE_UNAVAILABLE {
            problem.later(1)
        } else {
            problem
        }
    }

    fn body(&self) -> ProblemBody {
        let mut title = self.code.replace('-', " ");
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        ProblemBody {
            kind: format!("https://skillhost.dev/problems/{}", self.code),
            title,
            status: self.status.as_u16(),
            detail: self.detail.clone().into_owned(),
            code: self.code.clone().into_owned(),
            retryable: self.retryable,
            run: self.run,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // A body of texts, numbers and booleans always has a JSON form.
        let body = serde_json::to_vec(&self.body()).unwrap_or_default();
        let kind = HeaderValue::from_static("application/problem+json");
        let mut response = (self.status, [(header::CONTENT_TYPE, kind)], body).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"skillhost\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "the store refused");
        match error {
            StoreError::Exists => Self::new(StatusCode::CONFLICT, "exists", "it exists already: take another name"),
            StoreError::Full(_) => Self::unavailable("the host's disk is full: its operator must make room"),
            StoreError::Broken => Self::unavailable("the host's disk failed: its operator must start it again"),
            _ => Self::internal(&error),
        }
    }
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        match error {
            FileError::TooLarge => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "file-too-large", error.to_string()),
            FileError::Name => Self::input("file-name-invalid", error.to_string()),
            FileError::MediaType => Self::input("media-type-invalid", error.to_string()),
            FileError::BrokenOff(_) => Self::input("upload-broken-off", "the body ended early: upload the file again"),
            FileError::Store(error) => error.into(),
            FileError::Changed | FileError::Keyless => Self::internal(&error),
        }
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Unwanted(why) => Self::input("token-invalid", why),
            TokenError::Store(error) => error.into(),
        }
    }
}

impl From<DecideError> for Problem {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::Refused(error) => error.into(),
            DecideError::Ruled { code, told } => Self::new(StatusCode::FORBIDDEN, code, told),
            DecideError::Ledger(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the ledger refused");
                Self::unavailable("the decision is not recorded: the host's store failed")
            }
        }
    }
}

impl From<ReadyError> for Problem {
    fn from(error: ReadyError) -> Self {
        match error {
            ReadyError::Refused(error) => error.into(),
            ReadyError::Engine(error) => error.into(),
        }
    }
}

impl From<engine::Error> for Problem {
    fn from(error: engine::Error) -> Self {
        tracing::warn!(error = &error as &dyn std::error::Error, "a skill is not ready to run");
        let code = error.code();
        let status = match code {
            engine::Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let problem = Self::new(status, code.as_str(), error.told().to_owned());
        if code.retryable() { problem.later(5) } else { problem }
    }
}

impl From<registry::Error> for Problem {
    fn from(error: registry::Error) -> Self {
        if let Some(cause) = std::error::Error::source(&error) {
            tracing::info!(code = error.code().as_str(), error = cause, "an artifact is refused");
        }
        let problem = Self::new(status(error.code()), error.code().as_str(), error.told().to_owned());
        if error.code().retryable() {
            problem.later(5)
        } else {
            problem
        }
    }
}

impl Problem {
    fn unavailable(detail: &'static str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", detail).later(30)
    }
}

/// The status of each refusal of the registry: 400 what was sent, 403 what is not trusted, 404 and 409 by the ledger,
/// 413 size, 503 what another try may get.
const fn status(code: registry::Code) -> StatusCode {
    use registry::Code;
    match code {
        Code::Unsigned
        | Code::SignedByStranger
        | Code::SignatureInvalid
        | Code::StatementMismatch
        | Code::StatementExpired
        | Code::KeyNotValid
        | Code::NamespaceNotTrusted
        | Code::SignaturesMissing
        | Code::StatementMissing
        | Code::DigestRevoked
        | Code::KeyRevoked
        | Code::PublisherRevoked
        | Code::NamespaceNotOwned
        | Code::ApprovalRevoked
        | Code::DigestMismatch
        | Code::RegistryMisbehaved
        | Code::TokenHostNotAllowed
        | Code::RedirectNotAllowed
        | Code::RegistryRefused => StatusCode::FORBIDDEN,
        Code::NotApproved | Code::ArtifactNotFound | Code::PublisherUnknown | Code::KeyUnknown => StatusCode::NOT_FOUND,
        Code::NamespaceTaken | Code::NameConfusable | Code::KeyKnown | Code::VersionLower => StatusCode::CONFLICT,
        Code::ArtifactTooLarge | Code::DeclarationTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::ShelfUnusable | Code::FolderUnusable | Code::CredentialsUnusable | Code::SettingsInvalid => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        Code::RegistryUnreachable | Code::RegistryUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DigestMalformed
        | Code::NameMalformed
        | Code::ReferenceMalformed
        | Code::ManifestInvalid
        | Code::FileInvalid
        | Code::NotAComponent
        | Code::DeclarationMissing
        | Code::DeclarationRepeated
        | Code::DeclarationMalformed
        | Code::DeclarationVersion
        | Code::InterfaceInvalid
        | Code::InterfaceMismatch
        | Code::ToolInvalid
        | Code::ImportUnknown
        | Code::SignatureMalformed
        | Code::ArtifactMalformed
        | Code::MediaTypeWrong
        | Code::KeyInvalid
        | Code::GrantInvalid
        | Code::PolicyInvalid
        | Code::EntryInvalid => StatusCode::BAD_REQUEST,
    }
}
