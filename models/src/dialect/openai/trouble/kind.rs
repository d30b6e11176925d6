//! From a provider's words to this house's codes.

use gate::Code;
use serde_json::Value;

use super::text;
use crate::trouble::{
    CONTEXT, DENIED, FAILED, FILTERED, IMAGE, INVALID, OVERLOADED, QUOTA, RATE_LIMITED, SCHEMA, SLOW, UNAUTHORIZED,
    UNKNOWN,
};

/// What kind of failure it is.
pub(super) struct Kind {
    pub(super) code: Code,
    pub(super) told: &'static str,
    /// Whether the same question may be answered later.
    pub(super) retryable: bool,
}

impl Kind {
    /// By what an error says of itself, where that is known.
    pub(super) fn of_error(error: &Value, status: Option<u16>) -> Option<Self> {
        let words = [text(error, "code"), text(error, "type")];
        let by_word = words.into_iter().flatten().find_map(Self::of_word);
        let refused = status.is_none_or(|status| matches!(status, 400 | 413 | 422));
        by_word.or_else(|| if refused { Self::of_place(error) } else { None })
    }

    /// By the status alone (RFC 9110, 15; 529 is Anthropic's, and others took it over).
    pub(super) const fn of_status(status: u16) -> Self {
        match status {
            400 | 405 | 406 | 415 | 422 => Self::invalid(),
            401 => Self::new(
                UNAUTHORIZED,
                "the model's provider does not know this credential; have the operator renew it",
            ),
            402 => Self::quota(),
            403 => Self::denied(),
            404 => Self::unknown(),
            408 | 504 => Self::slow(),
            413 => Self::new(
                INVALID,
                "the question is larger than the model's provider takes; send less",
            ),
            429 => Self::limited(),
            503 | 529 => Self::overloaded(),
            409 | 424 | 500..=599 => Self::failed(),
            _ => Self::new(
                FAILED,
                "the model's provider answered something unexpected; have the operator look at the binding",
            ),
        }
    }

    /// By a code or a type of OpenAI's, of Azure's, or of those who speak as they do. `server_error` says less than a status.
    fn of_word(word: &str) -> Option<Self> {
        let kind = match word {
            "context_length_exceeded" => Self::context(),
            "insufficient_quota" | "billing_hard_limit_reached" | "billing_not_active" => Self::quota(),
            "rate_limit_exceeded" | "rate_limit_error" => Self::limited(),
            "model_not_found" | "DeploymentNotFound" => Self::unknown(),
            "data_residency_mismatch" => Self::denied(),
            "invalid_json_schema" | "invalid_function_parameters" => Self::schema(),
            "server_is_overloaded" | "overloaded_error" | "slow_down" => Self::overloaded(),
            "vector_store_timeout" | "timeout" => Self::slow(),
            "invalid_prompt" => Self::invalid(),
            word if is_filter(word) => Self::filtered(),
            word if is_image(word) => Self::image(),
            _ => return None,
        };
        Some(kind)
    }

    /// By the field that an error is about, or by what its message says: vLLM has no code for a conversation that is too
    /// long.
    fn of_place(error: &Value) -> Option<Self> {
        let param = text(error, "param").unwrap_or_default();
        let is_schema = ["text.format.schema", "text.format", "response_format"].contains(&param)
            || param.starts_with("tools") && param.ends_with("parameters");
        if is_schema {
            return Some(Self::schema());
        }
        let message = text(error, "message").unwrap_or_default();
        message.contains("maximum context length").then(Self::context)
    }

    const fn new(code: Code, told: &'static str) -> Self {
        Self {
            code,
            told,
            retryable: false,
        }
    }

    const fn passing(code: Code, told: &'static str) -> Self {
        Self {
            code,
            told,
            retryable: true,
        }
    }

    const fn invalid() -> Self {
        Self::new(
            INVALID,
            "the model's provider cannot take this question; ask it for less at once, or another model",
        )
    }

    const fn schema() -> Self {
        Self::new(
            SCHEMA,
            "the model's provider does not take a schema of this question; write a simpler one",
        )
    }

    const fn image() -> Self {
        Self::new(
            IMAGE,
            "the model's provider cannot read a picture of this question; send a smaller PNG, JPEG, GIF or WebP",
        )
    }

    const fn context() -> Self {
        Self::new(
            CONTEXT,
            "the conversation is longer than the model reads; leave out what is old or large",
        )
    }

    const fn filtered() -> Self {
        Self::new(
            FILTERED,
            "a filter of the model's provider refused the question; ask it differently",
        )
    }

    const fn unknown() -> Self {
        Self::new(
            UNKNOWN,
            "the model's provider has no such model for this account; have the operator look at the binding",
        )
    }

    const fn denied() -> Self {
        Self::new(
            DENIED,
            "the model's provider does not let this account do this; have the operator look at the binding",
        )
    }

    const fn quota() -> Self {
        Self::new(
            QUOTA,
            "the account's quota with the model's provider is used up; have the operator raise it",
        )
    }

    const fn limited() -> Self {
        Self::passing(
            RATE_LIMITED,
            "too much is asked of the model at the moment; ask again later",
        )
    }

    const fn overloaded() -> Self {
        Self::passing(OVERLOADED, "the model's provider is overloaded; ask again later")
    }

    const fn slow() -> Self {
        Self::passing(SLOW, "the model took too long; ask again, or ask for less at once")
    }

    const fn failed() -> Self {
        Self::passing(FAILED, "the model's provider failed; ask again later")
    }
}

fn is_filter(word: &str) -> bool {
    let known = [
        "content_filter",
        "bio_policy",
        "misalignment_policy_violation",
        "ResponsibleAIPolicyViolation",
    ];
    known.contains(&word) || word.contains("content_policy_violation")
}

fn is_image(word: &str) -> bool {
    let known = [
        "invalid_base64_image",
        "unsupported_image_media_type",
        "empty_image_file",
        "failed_to_download_image",
    ];
    known.contains(&word) || word.starts_with("image_") || word.starts_with("invalid_image")
}
