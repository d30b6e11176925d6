//! A streamed answer. Its last event carries the whole response, so that nothing has to be put together.

use gate::Failure;
use serde_json::Value;
use serde_json_borrow::Value as Borrowed;

use crate::dialect::openai::{self, said, trouble};
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
        let data = openai::event(event)?;
        match said(&data, "type").or(event.name.as_deref()) {
            Some("response.output_text.delta" | "response.refusal.delta") => Ok(words(&data)),
            Some("response.output_item.added") => Ok(tool(&data)),
            Some("response.completed" | "response.incomplete" | "response.failed") => {
                let response = data.get("response");
                if !response.is_object() {
                    return Err(malformed("the last event holds no response"));
                }
                self.whole = Some(response.into());
                Ok(None)
            }
            Some("error") => Err(trouble::of_error(&data.into())),
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

fn words(data: &Borrowed<'_>) -> Option<Delta> {
    said(data, "delta").map(|words| Delta::Text(words.to_owned()))
}

fn tool(data: &Borrowed<'_>) -> Option<Delta> {
    let item = data.get("item");
    let name = said(item, "name").filter(|_| said(item, "type") == Some("function_call"));
    name.map(|name| Delta::Tool(name.to_owned()))
}
