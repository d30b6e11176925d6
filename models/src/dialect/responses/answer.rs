//! A whole response.

use gate::Failure;
use gate::call::model::{Part, StopReason};
use serde_json::{Value, json};

use super::NAME;
use crate::dialect::openai::{choices, owned, text, trouble, usage};
use crate::dialect::{Answer, Content};
use crate::trouble::malformed;

pub(super) fn answer(whole: &Value) -> Result<Answer, Failure> {
    if let Some(error) = whole.get("error").filter(|error| !error.is_null()) {
        return Err(trouble::of_error(error));
    }
    match text(whole, "status") {
        None | Some("completed" | "incomplete") => {}
        Some("failed") => return Err(trouble::of_error(&Value::Null)),
        Some(other) => return Err(malformed(format_args!("a response is over with status {other}"))),
    }
    let items = whole.get("output").and_then(Value::as_array);
    let items = items.ok_or_else(|| malformed("a response has no output"))?;
    let mut said = Said::default();
    items.iter().try_for_each(|item| said.item(item))?;
    Ok(Answer {
        usage: usage::read(whole, &usage::RESPONSES)?,
        model: owned(whole, "model"),
        tier: choices::tier_served(whole),
        region: None,
        request: owned(whole, "id"),
        content: Content::Message {
            stop: said.stop(whole),
            parts: said.parts,
        },
    })
}

#[derive(Default)]
struct Said {
    parts: Vec<Part>,
    refused: bool,
    calls: bool,
}

impl Said {
    fn item(&mut self, item: &Value) -> Result<(), Failure> {
        match text(item, "type") {
            Some("message") => self.message(item),
            Some("function_call") => return self.call(item),
            Some("reasoning") if is_of_use(item) => self.opaque(item),
            _ => {}
        }
        Ok(())
    }

    fn message(&mut self, item: &Value) {
        // Whether it is a remark on the way or the answer: the model wants to hear it again, and a text cannot say it.
        if let Some(phase) = text(item, "phase") {
            self.opaque(&json!({"type": "message", "phase": phase}));
        }
        let content = item.get("content").and_then(Value::as_array);
        for content in content.into_iter().flatten() {
            match text(content, "type") {
                Some("output_text") => self.parts.extend(owned(content, "text").map(Part::Text)),
                Some("refusal") => {
                    self.refused = true;
                    self.parts.extend(owned(content, "refusal").map(Part::Text));
                }
                _ => {}
            }
        }
    }

    fn call(&mut self, item: &Value) -> Result<(), Failure> {
        let nameless = || malformed("a tool call has no name or no identifier");
        let part = Part::ToolCall {
            id: owned(item, "call_id").ok_or_else(nameless)?,
            name: owned(item, "name").ok_or_else(nameless)?,
            arguments: owned(item, "arguments").unwrap_or_default(),
        };
        self.calls = true;
        self.parts.push(part);
        Ok(())
    }

    fn opaque(&mut self, item: &Value) {
        self.parts.push(Part::Opaque {
            dialect: NAME.to_owned(),
            data: item.to_string(),
        });
    }

    fn stop(&self, whole: &Value) -> StopReason {
        if text(whole, "status") == Some("incomplete") {
            let reason = whole.pointer("/incomplete_details/reason").and_then(Value::as_str);
            return match reason {
                Some("max_output_tokens") => StopReason::Length,
                Some("content_filter") => StopReason::ContentFilter,
                other => StopReason::Other(other.unwrap_or("incomplete").to_owned()),
            };
        }
        match (self.refused, self.calls) {
            (true, _) => StopReason::Refusal,
            (false, true) => StopReason::ToolCalls,
            (false, false) => StopReason::End,
        }
    }
}

/// Thoughts come back in a later request only where they are in the item: nothing was stored by which the provider could
/// find them.
fn is_of_use(item: &Value) -> bool {
    let content = item.get("content").and_then(Value::as_array);
    text(item, "encrypted_content").is_some() || content.is_some_and(|content| !content.is_empty())
}
