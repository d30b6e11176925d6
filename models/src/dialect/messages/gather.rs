//! The events of a stream, put together to the message that they are pieces of.

use std::collections::BTreeMap;

use gate::Failure;
use serde_json::{Map, Value};
use serde_json_borrow::Value as Borrowed;

use super::trouble;
use crate::dialect::{Delta, Event, Gather};
use crate::trouble::{cut, malformed};

#[derive(Default)]
pub(super) struct Gathered {
    message: Map<String, Value>,
    blocks: BTreeMap<u64, Block>,
    complete: bool,
}

struct Block {
    block: Value,
    /// The JSON of a tool's input, which comes in pieces that are none.
    input: String,
}

impl Gather for Gathered {
    fn event(&mut self, event: &Event) -> Result<Option<Delta>, Failure> {
        let data = event.json()?;
        match data.get("type").as_str().unwrap_or_default() {
            "message_start" => self.start(&data)?,
            "content_block_start" => return self.block_start(&data),
            "content_block_delta" => return self.block_delta(&data),
            "message_delta" => self.delta(&data),
            "message_stop" => self.complete = true,
            "error" => return Err(trouble::after(&data.into())),
            _ => {}
        }
        Ok(None)
    }

    fn is_complete(&self) -> bool {
        self.complete
    }

    fn whole(mut self: Box<Self>) -> Result<Value, Failure> {
        if !self.complete {
            return Err(cut());
        }
        let waits = self.message.get("stop_reason").and_then(Value::as_str) == Some("tool_use");
        let mut content = Vec::new();
        for block in std::mem::take(&mut self.blocks).into_values() {
            match block.whole() {
                Ok(block) => content.push(block),
                // The limit fell within what a tool was to be asked: nobody can do it.
                Err(_) if !waits => {}
                Err(error) => return Err(malformed(error)),
            }
        }
        self.message.insert("content".to_owned(), Value::Array(content));
        Ok(Value::Object(self.message))
    }
}

impl Gathered {
    fn start(&mut self, data: &Borrowed<'_>) -> Result<(), Failure> {
        let message = data.get("message").as_object();
        self.message = message
            .map(Map::from)
            .ok_or_else(|| malformed("a start without a message"))?;
        Ok(())
    }

    fn block_start(&mut self, data: &Borrowed<'_>) -> Result<Option<Delta>, Failure> {
        let block = data.get("content_block");
        if !block.is_object() {
            return Err(malformed("a start without a block"));
        }
        let tool = block.get("type").as_str() == Some("tool_use");
        let name = block.get("name").as_str().filter(|_| tool);
        let begun = Block {
            block: block.into(),
            input: String::new(),
        };
        self.blocks.insert(index(data)?, begun);
        Ok(name.map(|name| Delta::Tool(name.to_owned())))
    }

    fn block_delta(&mut self, data: &Borrowed<'_>) -> Result<Option<Delta>, Failure> {
        let block = self.blocks.get_mut(&index(data)?);
        let block = block.ok_or_else(|| malformed("a piece of no block"))?;
        let delta = data.get("delta");
        let text = |name: &'static str| delta.get(name).as_str().unwrap_or_default();
        match text("type") {
            "text_delta" => {
                block.append("text", text("text"));
                return Ok(Some(Delta::Text(text("text").to_owned())));
            }
            "input_json_delta" => block.input.push_str(text("partial_json")),
            "thinking_delta" => block.append("thinking", text("thinking")),
            "signature_delta" => block.put("signature", Value::from(text("signature"))),
            "citations_delta" => block.cite(delta.get("citation").into()),
            _ => {}
        }
        Ok(None)
    }

    /// The counts of this event are those of the whole message so far (they are cumulative), but not all are in it.
    fn delta(&mut self, data: &Borrowed<'_>) {
        let fields = data.get("delta").as_object().map(Map::from);
        self.message.extend(fields.unwrap_or_default());
        let counts = data.get("usage").as_object().map(Map::from);
        let given = counts.into_iter().flatten().filter(|(_, count)| !count.is_null());
        let usage = self.message.entry("usage").or_insert_with(|| Value::Object(Map::new()));
        if let Some(usage) = usage.as_object_mut() {
            usage.extend(given);
        }
    }
}

impl Block {
    fn append(&mut self, name: &str, more: &str) {
        match self.block.get_mut(name) {
            Some(Value::String(text)) => text.push_str(more),
            _ => self.put(name, Value::from(more)),
        }
    }

    fn put(&mut self, name: &str, value: Value) {
        if let Some(block) = self.block.as_object_mut() {
            block.insert(name.to_owned(), value);
        }
    }

    fn cite(&mut self, citation: Value) {
        match self.block.get_mut("citations") {
            Some(Value::Array(citations)) => citations.push(citation),
            _ => self.put("citations", Value::Array(vec![citation])),
        }
    }

    fn whole(mut self) -> Result<Value, serde_json::Error> {
        if !self.input.is_empty() {
            let input = serde_json::from_str(&self.input)?;
            self.put("input", input);
        }
        Ok(self.block)
    }
}

fn index(data: &Borrowed<'_>) -> Result<u64, Failure> {
    let index = data.get("index").as_u64();
    index.ok_or_else(|| malformed("a block without an index"))
}
