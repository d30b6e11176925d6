//! A conversation as a list of items: messages, calls, results, and thoughts that were given back.

use std::mem::take;

use gate::call::model::{Message, Part, Role};
use serde_json::{Value, json};

use super::super::NAME;
use crate::dialect::Unfit;
use crate::dialect::openai::{media, text};

pub(super) fn input(messages: &[Message]) -> Result<Value, Unfit> {
    let mut items = Items::default();
    for message in messages {
        for part in &message.parts {
            items.part(message.role, part)?;
        }
        items.end_message();
    }
    Ok(Value::Array(items.made))
}

#[derive(Default)]
struct Items {
    made: Vec<Value>,
    /// What the user's message under way holds so far.
    content: Vec<Value>,
    /// What the model called the texts that follow in its message: a remark on the way, or the answer.
    phase: Option<String>,
}

impl Items {
    fn part(&mut self, role: Role, part: &Part) -> Result<(), Unfit> {
        match (role, part) {
            (Role::User, Part::Text(said)) => self.content.push(json!({"type": "input_text", "text": said})),
            (Role::Assistant, Part::Text(said)) => self.said(said),
            (_, Part::Image(picture)) => {
                let url = media::data_url(picture)?;
                self.content
                    .push(json!({"type": "input_image", "detail": "auto", "image_url": url}));
            }
            (_, Part::File(file)) => {
                let (name, url) = (media::file_name(file), media::data_url(file)?);
                self.content
                    .push(json!({"type": "input_file", "filename": name, "file_data": url}));
            }
            (_, Part::ToolCall { id, name, arguments }) => self.item(json!({
                "type": "function_call", "call_id": id, "name": name, "arguments": arguments,
            })),
            // There is no word for a tool that could not do it: its text says so.
            (_, Part::ToolResult { id, content, .. }) => self.item(json!({
                "type": "function_call_output", "call_id": id, "output": content,
            })),
            (_, Part::Opaque { dialect, data }) if dialect == NAME => self.given_back(data)?,
            (_, Part::Opaque { .. }) => {}
        }
        Ok(())
    }

    fn said(&mut self, said: &str) {
        let mut item = json!({"type": "message", "role": "assistant", "content": said});
        if let (Some(phase), Some(item)) = (&self.phase, item.as_object_mut()) {
            item.insert("phase".to_owned(), json!(phase));
        }
        self.item(item);
    }

    /// Only what an answer can have held goes back: other items would bring tools of the provider into the conversation,
    /// which nobody granted.
    fn given_back(&mut self, data: &str) -> Result<(), Unfit> {
        let item: Value = serde_json::from_str(data).unwrap_or_default();
        match text(&item, "type") {
            Some("reasoning") => self.item(item),
            Some("message") => self.phase = text(&item, "phase").map(str::to_owned),
            _ => {
                let told = "an opaque part is none that this provider made; send back what the answer held, unchanged";
                return Err(Unfit::new("opaque", told));
            }
        }
        Ok(())
    }

    fn item(&mut self, item: Value) {
        self.flush();
        self.made.push(item);
    }

    fn end_message(&mut self) {
        self.flush();
        self.phase = None;
    }

    fn flush(&mut self) {
        let content = take(&mut self.content);
        if !content.is_empty() {
            self.made
                .push(json!({"type": "message", "role": "user", "content": content}));
        }
    }
}
