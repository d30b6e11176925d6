//! A whole completion.

use gate::Failure;
use gate::call::model::{Part, StopReason};
use serde_json::{Value, json};

use super::NAME;
use crate::dialect::openai::{choices, owned, text, trouble, usage};
use crate::dialect::{Answer, Content};
use crate::trouble::malformed;

pub(super) fn answer(whole: &Value, extra: bool) -> Result<Answer, Failure> {
    if let Some(error) = whole.get("error").filter(|error| !error.is_null()) {
        return Err(trouble::of_error(error));
    }
    let choice = whole.pointer("/choices/0");
    let message = choice.and_then(|choice| choice.get("message").filter(|message| message.is_object()));
    let (choice, message) = choice
        .zip(message)
        .ok_or_else(|| malformed("a completion has no message"))?;
    let finish = text(choice, "finish_reason").ok_or_else(|| malformed("a completion does not say why it ends"))?;
    Ok(Answer {
        usage: usage::read(whole, &usage::CHAT)?,
        model: owned(whole, "model"),
        tier: choices::tier_served(whole),
        region: None,
        request: owned(whole, "id"),
        content: Content::Message {
            parts: parts(message, extra)?,
            stop: stop(finish, message),
        },
    })
}

fn parts(message: &Value, extra: bool) -> Result<Vec<Part>, Failure> {
    let said = [owned(message, "content"), owned(message, "refusal")];
    let mut parts: Vec<Part> = said.into_iter().flatten().map(Part::Text).collect();
    for asked in calls(message) {
        let content = asked
            .get("extra_content")
            .filter(|content| extra && content.is_object());
        parts.extend(content.map(|content| Part::Opaque {
            dialect: NAME.to_owned(),
            data: json!({"extra_content": content}).to_string(),
        }));
        parts.push(call(asked)?);
    }
    Ok(parts)
}

fn calls(message: &Value) -> impl Iterator<Item = &Value> {
    let calls = message.get("tool_calls").and_then(Value::as_array);
    calls.into_iter().flatten()
}

fn call(call: &Value) -> Result<Part, Failure> {
    let nameless = || malformed("a tool call has no name or no identifier");
    let function = call.get("function").unwrap_or(&Value::Null);
    Ok(Part::ToolCall {
        id: owned(call, "id").ok_or_else(nameless)?,
        name: owned(function, "name").ok_or_else(nameless)?,
        arguments: owned(function, "arguments").unwrap_or_default(),
    })
}

/// A text at which the model was to end is no reason of its own here, and a call of a tool that it had to use ends with
/// `stop`.
fn stop(finish: &str, message: &Value) -> StopReason {
    match finish {
        "length" => StopReason::Length,
        "content_filter" => StopReason::ContentFilter,
        _ if text(message, "refusal").is_some() => StopReason::Refusal,
        "stop" if calls(message).next().is_none() => StopReason::End,
        "stop" | "tool_calls" | "function_call" => StopReason::ToolCalls,
        other => StopReason::Other(other.to_owned()),
    }
}
