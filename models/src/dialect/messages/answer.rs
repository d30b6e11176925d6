//! What a message says.

use gate::Failure;
use gate::call::model::{Part, StopReason, Usage};
use serde::Deserialize;
use serde_json::Value;

use super::{NAME, trouble};
use crate::dialect::{Answer, Content};
use crate::trouble::malformed;

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    model: Option<String>,
    content: Vec<Value>,
    stop_reason: String,
    #[serde(default)]
    usage: Option<Tokens>,
}

/// Tokens as they are counted here: the input excludes what a cache held or took.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Tokens {
    input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation: Option<Kept>,
    output_tokens: Option<u64>,
    output_tokens_details: Option<Details>,
    service_tier: Option<String>,
    inference_geo: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Kept {
    ephemeral_5m_input_tokens: Option<u64>,
    ephemeral_1h_input_tokens: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Details {
    thinking_tokens: Option<u64>,
}

pub(super) fn read(whole: &Value) -> Result<Answer, Failure> {
    if whole.get("type").and_then(Value::as_str) == Some("error") {
        return Err(trouble::after(whole));
    }
    let message = Message::deserialize(whole).map_err(malformed)?;
    let parts: Result<Vec<_>, _> = message.content.iter().map(part).collect();
    let tokens = message.usage.as_ref();
    Ok(Answer {
        content: Content::Message {
            parts: parts?.into_iter().flatten().collect(),
            stop: stop(&message.stop_reason),
        },
        usage: tokens.map(Tokens::usage),
        tier: tokens.and_then(|tokens| tokens.service_tier.clone()),
        region: tokens.and_then(Tokens::region),
        model: message.model,
        request: message.id,
    })
}

fn part(block: &Value) -> Result<Option<Part>, Failure> {
    let text = |name: &str| block.get(name).and_then(Value::as_str);
    let needed = |name| text(name).ok_or_else(|| malformed(format_args!("a block without `{name}`")));
    Ok(match needed("type")? {
        "text" => Some(needed("text")?)
            .filter(|text| !text.is_empty())
            .map(|text| Part::Text(text.to_owned())),
        "tool_use" => Some(Part::ToolCall {
            id: needed("id")?.to_owned(),
            name: needed("name")?.to_owned(),
            arguments: block.get("input").map_or_else(|| "{}".to_owned(), Value::to_string),
        }),
        _ => Some(Part::Opaque {
            dialect: NAME.to_owned(),
            data: block.to_string(),
        }),
    })
}

fn stop(word: &str) -> StopReason {
    match word {
        "end_turn" => StopReason::End,
        "max_tokens" | "model_context_window_exceeded" => StopReason::Length,
        "stop_sequence" => StopReason::StopSequence,
        "tool_use" => StopReason::ToolCalls,
        "refusal" => StopReason::Refusal,
        other => StopReason::Other(other.to_owned()),
    }
}

impl Tokens {
    fn usage(&self) -> Usage {
        let kept = self.cache_creation.as_ref();
        let long = kept.and_then(|kept| kept.ephemeral_1h_input_tokens).unwrap_or_default();
        let short = kept.and_then(|kept| kept.ephemeral_5m_input_tokens).unwrap_or_default();
        let thoughts = self.output_tokens_details.as_ref();
        Usage {
            input: self.input_tokens.unwrap_or_default(),
            cache_read: self.cache_read_input_tokens.unwrap_or_default(),
            cache_write: self
                .cache_creation_input_tokens
                .unwrap_or_else(|| short.saturating_add(long)),
            cache_write_long: long,
            output: self.output_tokens.unwrap_or_default(),
            reasoning: thoughts
                .and_then(|thoughts| thoughts.thinking_tokens)
                .unwrap_or_default(),
        }
    }

    /// Models that cannot be held to a place say `not_available`.
    fn region(&self) -> Option<String> {
        self.inference_geo.clone().filter(|place| place != "not_available")
    }
}
