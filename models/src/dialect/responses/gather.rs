//! A streamed answer. Its last event carries the whole response, so that nothing has to be put together.

use gate::Failure;
use serde_json::Value;

use crate::dialect::openai::{self, text, trouble};
use crate::dialect::{Delta, Event, Gather};
use crate::trouble::{cut, malformed};

#[derive(Default)]
pub(super) struct Gathered {
    whole: Option<Value>,
}

impl Gather for Gathered {
    fn event(&mut self, event: &Event) -> Result<Option<Delta>, Failure> {
        if self.is_complete() || event.data.starts_with(b"[DONE]") {
            return Ok(None);
        }
        let mut data = openai::event(event)?;
        match text(&data, "type").or(event.name.as_deref()) {
            Some("response.output_text.delta" | "response.refusal.delta") => Ok(words(&data)),
            Some("response.output_item.added") => Ok(tool(&data)),
            Some("response.completed" | "response.incomplete" | "response.failed") => {
                let response = data.get_mut("response").map(Value::take);
                let response = response.filter(Value::is_object);
                self.whole = Some(response.ok_or_else(|| malformed("the last event holds no response"))?);
                Ok(None)
            }
            Some("error") => Err(trouble::of_error(&data)),
            _ => Ok(None),
        }
    }

    fn is_complete(&self) -> bool {
        self.whole.is_some()
    }

    fn whole(self: Box<Self>) -> Result<Value, Failure> {
        self.whole.ok_or_else(cut)
    }
}

fn words(data: &Value) -> Option<Delta> {
    openai::owned(data, "delta").map(Delta::Text)
}

fn tool(data: &Value) -> Option<Delta> {
    let item = data
        .get("item")
        .filter(|item| text(item, "type") == Some("function_call"))?;
    openai::owned(item, "name").map(Delta::Tool)
}
