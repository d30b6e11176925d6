//! What a ConverseResponse says. It names no model: who was asked has to know which one answered.

use gate::Failure;
use gate::call::model::{Part, StopReason, Usage};
use serde::Deserialize;
use serde_json::Value;

use super::NAME;
use crate::dialect::{Answer, Content};
use crate::trouble::malformed;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    output: Output,
    stop_reason: String,
    #[serde(default)]
    usage: Option<Tokens>,
    #[serde(default)]
    service_tier: Option<Tier>,
}

#[derive(Deserialize)]
struct Output {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Vec<Value>,
}

#[derive(Deserialize)]
struct Tier {
    r#type: String,
}

/// Tokens as they are counted here: the input excludes what a cache held or took.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    input_tokens: u64,
    output_tokens: u64,
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    cache_write_input_tokens: Option<u64>,
    #[serde(default)]
    cache_details: Option<Vec<Kept>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    ttl: String,
    input_tokens: u64,
}

pub(super) fn read(whole: &Value) -> Result<Answer, Failure> {
    let response = Response::deserialize(whole).map_err(malformed)?;
    let parts: Result<Vec<_>, _> = response.output.message.content.iter().map(part).collect();
    // Only a prompt router says whom it chose.
    let model = whole
        .pointer("/trace/promptRouter/invokedModelId")
        .and_then(Value::as_str);
    Ok(Answer {
        content: Content::Message {
            parts: parts?.into_iter().flatten().collect(),
            stop: stop(&response.stop_reason),
        },
        usage: response.usage.as_ref().map(Tokens::usage),
        model: model.map(str::to_owned),
        tier: response.service_tier.map(|tier| word(tier.r#type)),
        region: None,
        request: None,
    })
}

fn part(block: &Value) -> Result<Option<Part>, Failure> {
    if let Some(text) = block.get("text").and_then(Value::as_str) {
        return Ok((!text.is_empty()).then(|| Part::Text(text.to_owned())));
    }
    let Some(tool) = block.get("toolUse") else {
        return Ok(Some(Part::Opaque {
            dialect: NAME.to_owned(),
            data: block.to_string(),
        }));
    };
    let needed = |name: &str| {
        let text = tool.get(name).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| malformed(format_args!("a tool use without `{name}`")))
    };
    Ok(Some(Part::ToolCall {
        id: needed("toolUseId")?,
        name: needed("name")?,
        arguments: tool.get("input").map_or_else(|| "{}".to_owned(), Value::to_string),
    }))
}

fn stop(word: &str) -> StopReason {
    match word {
        "end_turn" => StopReason::End,
        "max_tokens" | "model_context_window_exceeded" => StopReason::Length,
        "stop_sequence" => StopReason::StopSequence,
        "tool_use" => StopReason::ToolCalls,
        "guardrail_intervened" | "content_filtered" => StopReason::ContentFilter,
        other => StopReason::Other(other.to_owned()),
    }
}

fn word(tier: String) -> String {
    if tier == "default" { "standard".to_owned() } else { tier }
}

impl Tokens {
    fn usage(&self) -> Usage {
        let kept = self.cache_details.iter().flatten();
        let long = kept.filter(|kept| kept.ttl == "1h").map(|kept| kept.input_tokens);
        Usage {
            input: self.input_tokens,
            cache_read: self.cache_read_input_tokens.unwrap_or_default(),
            cache_write: self.cache_write_input_tokens.unwrap_or_default(),
            cache_write_long: long.fold(0, u64::saturating_add),
            output: self.output_tokens,
            reasoning: 0,
        }
    }
}
