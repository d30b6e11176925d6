//! What a refusal means where a provider's own words say nothing better.

use std::time::Duration;

use gate::{Code, Failure, Reach};

use crate::trouble::{
    CONTEXT, DENIED, FAILED, FILTERED, IMAGE, INVALID, OVERLOADED, QUOTA, RATE_LIMITED, SCHEMA, SLOW, UNAUTHORIZED,
    UNKNOWN,
};

/// The code of a status (RFC 9110, 15; 424 is Amazon's for a model that failed, 529 Anthropic's for no capacity).
pub(in crate::dialect) const fn by_status(status: u16) -> Code {
    match status {
        401 => UNAUTHORIZED,
        402 => QUOTA,
        403 => DENIED,
        404 => UNKNOWN,
        408 | 504 => SLOW,
        429 => RATE_LIMITED,
        503 | 529 => OVERLOADED,
        409 | 424 | 499 => FAILED,
        400..=498 => INVALID,
        _ => FAILED,
    }
}

/// What a question is refused for, by the words that providers have for it and no code.
pub(in crate::dialect) fn by_message(message: &str) -> Code {
    let message = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&[
        "too long",
        "context length",
        "context window",
        "context limit",
        "maximum number of tokens",
        "too many input tokens",
    ]) {
        CONTEXT
    } else if says(&["content filter", "content policy", "usage policy"]) {
        FILTERED
    } else if says(&["schema"]) {
        SCHEMA
    } else if says(&["image"]) {
        IMAGE
    } else {
        INVALID
    }
}

/// Whether an answer of this status can have cost something. Where the question was refused, it was not answered.
pub(in crate::dialect) const fn reach(status: u16) -> Reach {
    match status {
        408 | 409 | 424 => Reach::Perhaps,
        400..=499 => Reach::Nothing,
        _ => Reach::Perhaps,
    }
}

/// The failure of a code, which may succeed later where waiting can help.
pub(in crate::dialect) fn failure(code: Code, reach: Reach, after: Option<Duration>, kept: String) -> Failure {
    let told = told(&code);
    let waits = [RATE_LIMITED, OVERLOADED, SLOW, FAILED].contains(&code);
    let failure = match reach {
        Reach::Nothing => Failure::nothing_sent(code, told),
        Reach::Perhaps => Failure::perhaps_sent(code, told),
    };
    let failure = failure.keep(kept);
    if waits { failure.retryable(after) } else { failure }
}

fn told(code: &Code) -> &'static str {
    let sentences = [
        (
            SCHEMA,
            "the model's provider does not take one of the schemas; use plainer JSON Schema",
        ),
        (
            IMAGE,
            "the model's provider does not take one of the pictures; send a smaller one, as PNG or JPEG",
        ),
        (CONTEXT, "the conversation is longer than the model reads; shorten it"),
        (
            FILTERED,
            "a filter of the model's provider refused the question; ask in other words",
        ),
        (
            UNKNOWN,
            "the model's provider has no such model for this account; have the operator check its name",
        ),
        (
            UNAUTHORIZED,
            "the model's provider does not take the credential; have the operator renew it",
        ),
        (
            DENIED,
            "the credential may not use this model; have the operator allow it",
        ),
        (
            RATE_LIMITED,
            "the model's provider takes no more questions at the moment; ask again later",
        ),
        (
            QUOTA,
            "the account's quota at the model's provider is used up; have the operator raise it",
        ),
        (
            OVERLOADED,
            "the model's provider has no capacity at the moment; ask again later",
        ),
        (SLOW, "the model took too long for its provider; ask again, or for less"),
        (FAILED, "the model's provider failed; ask again"),
    ];
    let found = sentences.into_iter().find(|(known, _)| known == code);
    found.map_or(
        "the model's provider does not take the question as it is; have the operator look up why in the log",
        |(_, sentence)| sentence,
    )
}
