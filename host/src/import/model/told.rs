//! What the gate returned, as a guest is told it.

use gate::call::model::{Completion, Embeddings, ModelCallError, Part, Served, StopReason, Usage};
use gate::{Failed, Refusal};

use crate::import::bindings::model as wit;

/// A message; an error where the model will not say one.
pub(super) fn completion(completion: Completion) -> Result<wit::Completion, wit::ModelError> {
    let refused = match completion.stop {
        StopReason::Refusal => Some(("model-refused", "the model will not do what was asked")),
        StopReason::ContentFilter => Some((
            "model-content-filtered",
            "a filter of the provider took the message away",
        )),
        _ => None,
    };
    if let Some((code, sentence)) = refused {
        return Err(by_model(code, &said(&completion.parts, sentence)));
    }
    Ok(wit::Completion {
        stop: completion.stop.as_str().to_owned(),
        parts: completion.parts.into_iter().map(wit::Part::from).collect(),
        served: completion.served.into(),
    })
}

pub(super) fn embeddings(embeddings: &Embeddings) -> Result<wit::Embeddings, wit::ModelError> {
    let bytes = embeddings.vectors.bytes().ok_or_else(another_kind)?;
    let width = usize::try_from(embeddings.dimensions).unwrap_or(usize::MAX);
    let (numbers, _) = bytes.as_chunks::<4>();
    let numbers: Vec<f32> = numbers.iter().map(|number| f32::from_le_bytes(*number)).collect();
    Ok(wit::Embeddings {
        vectors: numbers.chunks(width.max(1)).map(<[f32]>::to_vec).collect(),
        served: embeddings.served.clone().into(),
    })
}

pub(super) fn invalid(error: &ModelCallError) -> wit::ModelError {
    by_host("invalid-prompt", error.to_string())
}

pub(super) fn no_way_out() -> wit::ModelError {
    by_host(
        "no-way-out",
        "this run has no way out: nothing that it asks for leaves".to_owned(),
    )
}

/// The binding carries something else than models; nobody configures one so.
pub(super) fn another_kind() -> wit::ModelError {
    by_host("internal", "the answer is of another kind than the question".to_owned())
}

pub(super) fn refused(refusal: Refusal) -> wit::ModelError {
    by_host(refusal.code.as_str(), refusal.told)
}

pub(super) fn failed(failed: Failed) -> wit::ModelError {
    let source = match failed.code.as_str() {
        "model-content-filtered" => wit::Source::Model,
        _ => wit::Source::Backend,
    };
    wit::ModelError {
        source,
        code: failed.code.to_string(),
        message: failed.told,
        retryable: failed.retryable,
        retry_after_ms: failed.retry_after_ms,
    }
}

/// What the model says of it, or a sentence in its place.
fn said(parts: &[Part], otherwise: &str) -> String {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let said = texts.collect::<Vec<_>>().join("\n");
    if said.is_empty() { otherwise.to_owned() } else { said }
}

fn by_host(code: &str, message: String) -> wit::ModelError {
    error(wit::Source::Host, code, message)
}

fn by_model(code: &str, message: &str) -> wit::ModelError {
    error(wit::Source::Model, code, message.to_owned())
}

fn error(source: wit::Source, code: &str, message: String) -> wit::ModelError {
    wit::ModelError {
        source,
        code: code.to_owned(),
        message,
        retryable: false,
        retry_after_ms: None,
    }
}

impl From<Part> for wit::Part {
    fn from(part: Part) -> Self {
        match part {
            Part::Text(text) => Self::Text(text),
            Part::Image(media) => Self::Image(media.into()),
            Part::File(media) => Self::File(media.into()),
            Part::ToolCall { id, name, arguments } => Self::ToolCall(wit::ToolCall { id, name, arguments }),
            Part::ToolResult {
                id,
                name,
                content,
                failed,
            } => Self::ToolResult(wit::ToolResult {
                id,
                name,
                content,
                failed,
            }),
            Part::Opaque { dialect, data } => Self::Opaque(wit::Opaque { dialect, data }),
        }
    }
}

impl From<gate::call::model::Media> for wit::Media {
    fn from(media: gate::call::model::Media) -> Self {
        Self {
            name: media.name,
            media_type: media.media_type,
            content: media.content.bytes().map(|bytes| bytes.to_vec()).unwrap_or_default(),
        }
    }
}

impl From<Served> for wit::Served {
    fn from(served: Served) -> Self {
        Self {
            backend: served.backend,
            asked: served.asked,
            model: served.model,
            region: served.region,
            tier: served.tier,
            request: served.request,
            usage: served.usage.map(wit::Usage::from),
        }
    }
}

impl From<Usage> for wit::Usage {
    fn from(usage: Usage) -> Self {
        Self {
            input: usage.input,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
            cache_write_long: usage.cache_write_long,
            output: usage.output,
            reasoning: usage.reasoning,
        }
    }
}
