//! Making the error of a tool: a constructor for each code of `tool-error`, and conversions for `?`.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::model::ModelError;
use crate::{FileError, ToolError};

impl ToolError {
    /// The arguments are well formed and still cannot be used as they are.
    pub fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new("invalid-argument", message)
    }

    /// The thing that was named does not exist, or is hidden from this credential.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new("not-found", message)
    }

    /// The credential of the binding was missing, wrong or expired.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new("unauthorized", message)
    }

    /// The credential is good and may not do this.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new("denied", message)
    }

    /// The service asked to slow down; say with [`retry_after`](Self::retry_after) for how long.
    pub fn rate_limited(message: impl Into<String>) -> Self {
        Self::new("rate-limited", message)
    }

    /// The service failed or answered something that makes no sense.
    pub fn upstream(message: impl Into<String>) -> Self {
        Self::new("upstream", message)
    }

    /// The skill itself failed.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new("internal", message)
    }

    /// An error with a code of the skill's own, in kebab-case, where none of the others fits.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            retry_after_ms: None,
            details: Vec::new(),
        }
    }

    /// Adds a fact, such as the field that was refused.
    #[must_use]
    pub fn detail(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.details.push((name.into(), value.into()));
        self
    }

    /// Says after what time the same call may succeed.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.retry_after_ms = Some(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        self
    }
}

/// The code and the message, as a person reads them.
impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

/// Lets `?` turn any error into `internal` with the error's own sentence, and a [`FileError`] or a [`ModelError`] into
/// what it means for the agent. `ToolError` is no [`Error`] itself, because this conversion would then overlap with the
/// identity.
///
/// Of a model's errors, a refusal of the host becomes `denied`, or `invalid-argument` for a prompt that nobody could
/// answer; a refusal of the model `invalid-argument`, because another question may pass; a failure of a backend
/// `rate-limited`, `unauthorized`, `denied`, `invalid-argument` or `internal` where its code says so, and else `upstream`.
/// The details `source`, `code` and `retryable` are the model error's own.
impl<E: Error + 'static> From<E> for ToolError {
    fn from(cause: E) -> Self {
        let any: &(dyn Error + 'static) = &cause;
        if let Some(refused) = any.downcast_ref::<FileError>() {
            return Self::from_file_error(refused);
        }
        if let Some(unanswered) = any.downcast_ref::<ModelError>() {
            return Self::from_model_error(unanswered);
        }
        Self::internal(cause.to_string())
    }
}

impl ToolError {
    fn from_file_error(refused: &FileError) -> Self {
        let code = match refused.code.as_str() {
            "not-found" => "not-found",
            // The agent asked for more than fits into a run and can ask for less.
            "too-large" | "too-many" => "invalid-argument",
            _ => "internal",
        };
        Self::new(code, refused.message.clone()).detail("file-error", refused.code.clone())
    }
}
