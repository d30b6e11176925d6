//! The events of a stream, put together to the response that they are pieces of.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::Failure;
use serde_json::{Map, Value, json};
use serde_json_borrow::Value as Borrowed;

use super::trouble;
use crate::dialect::{Delta, Event, Gather};
use crate::trouble::{cut, malformed};

#[derive(Default)]
pub(super) struct Gathered {
    blocks: BTreeMap<u64, Block>,
    response: Map<String, Value>,
    counted: bool,
}

/// One block; only that of a tool begins with an event of its own.
#[derive(Default)]
struct Block {
    tool: Option<Map<String, Value>>,
    /// The text, or the JSON of a tool's input.
    text: String,
    thought: Option<String>,
    signature: Option<String>,
    redacted: Option<Vec<u8>>,
}

impl Gather for Gathered {
    fn event(&mut self, event: &Event) -> Result<Option<Delta>, Failure> {
        let name = event.name.as_deref().unwrap_or_default();
        if event.exception {
            return Err(trouble::after(name, &event.data));
        }
        if !matches!(
            name,
            "contentBlockStart" | "contentBlockDelta" | "messageStop" | "metadata"
        ) {
            return Ok(None);
        }
        let data = event.json()?;
        match name {
            "contentBlockStart" => return self.start(&data),
            "contentBlockDelta" => return self.delta(&data),
            "messageStop" => self.put(&data, &["stopReason", "additionalModelResponseFields"]),
            _ => {
                self.counted = true;
                self.put(
                    &data,
                    &["usage", "metrics", "serviceTier", "performanceConfig", "trace"],
                );
            }
        }
        Ok(None)
    }

    fn is_complete(&self) -> bool {
        self.counted && self.response.contains_key("stopReason")
    }

    fn whole(mut self: Box<Self>) -> Result<Value, Failure> {
        let stop = self
            .response
            .get("stopReason")
            .and_then(Value::as_str)
            .ok_or_else(cut)?;
        let waits = stop == "tool_use";
        let mut content = Vec::new();
        for block in std::mem::take(&mut self.blocks).into_values() {
            match block.whole() {
                Ok(block) => content.extend(block),
                // The limit fell within what a tool was to be asked: nobody can do it.
                Err(_) if !waits => {}
                Err(error) => return Err(malformed(error)),
            }
        }
        let message = json!({"role": "assistant", "content": content});
        self.response.insert("output".to_owned(), json!({"message": message}));
        Ok(Value::Object(self.response))
    }
}

impl Gathered {
    fn put(&mut self, data: &Borrowed<'_>, names: &[&'static str]) {
        for name in names {
            let value = data.get(*name);
            if !value.is_null() {
                self.response.insert((*name).to_owned(), value.into());
            }
        }
    }

    fn block(&mut self, data: &Borrowed<'_>) -> Result<&mut Block, Failure> {
        let index = data.get("contentBlockIndex").as_u64();
        let index = index.ok_or_else(|| malformed("a block without an index"))?;
        Ok(self.blocks.entry(index).or_default())
    }

    fn start(&mut self, data: &Borrowed<'_>) -> Result<Option<Delta>, Failure> {
        let tool = data.get("start").get("toolUse");
        self.block(data)?.tool = tool.as_object().map(Map::from);
        let name = tool.get("name").as_str();
        Ok(name.map(|name| Delta::Tool(name.to_owned())))
    }

    fn delta(&mut self, data: &Borrowed<'_>) -> Result<Option<Delta>, Failure> {
        let delta = data.get("delta");
        let reasoning = |name: &'static str| delta.get("reasoningContent").get(name).as_str();
        let block = self.block(data)?;
        if let Some(text) = delta.get("text").as_str() {
            block.text.push_str(text);
            return Ok(Some(Delta::Text(text.to_owned())));
        }
        let input = delta.get("toolUse").get("input").as_str();
        block.text.push_str(input.unwrap_or_default());
        if let Some(thought) = reasoning("text") {
            block.thought.get_or_insert_default().push_str(thought);
        }
        if let Some(signature) = reasoning("signature") {
            block.signature.get_or_insert_default().push_str(signature);
        }
        if let Some(redacted) = reasoning("redactedContent") {
            let bytes = STANDARD.decode(redacted).map_err(malformed)?;
            block.redacted.get_or_insert_default().extend(bytes);
        }
        Ok(None)
    }
}

impl Block {
    fn whole(self) -> Result<Option<Value>, serde_json::Error> {
        if let Some(mut tool) = self.tool {
            let input = if self.text.is_empty() { "{}" } else { &self.text };
            tool.insert("input".to_owned(), serde_json::from_str(input)?);
            return Ok(Some(json!({"toolUse": tool})));
        }
        if let Some(redacted) = self.redacted {
            let redacted = STANDARD.encode(redacted);
            return Ok(Some(json!({"reasoningContent": {"redactedContent": redacted}})));
        }
        if self.thought.is_some() || self.signature.is_some() {
            let mut thought = json!({"text": self.thought.unwrap_or_default()});
            if let (Some(thought), Some(signature)) = (thought.as_object_mut(), self.signature) {
                thought.insert("signature".to_owned(), Value::from(signature));
            }
            return Ok(Some(json!({"reasoningContent": {"reasoningText": thought}})));
        }
        Ok((!self.text.is_empty()).then(|| json!({"text": self.text})))
    }
}
