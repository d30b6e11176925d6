//! A conversation as a list of messages.

use gate::call::model::{Message, Part, Prompt, Role};
use serde_json::{Map, Value, json};

use crate::dialect::Unfit;
use crate::dialect::chat::NAME;
use crate::dialect::openai::media;

const EXTRA: &str = "extra_content";

pub(super) fn messages(prompt: &Prompt, extra: bool) -> Result<Value, Unfit> {
    let mut made = Vec::new();
    if let Some(system) = &prompt.system {
        made.push(json!({"role": "system", "content": system}));
    }
    for message in &prompt.messages {
        match message.role {
            Role::User => user(message, &mut made)?,
            Role::Assistant => made.extend(assistant(message, extra)?),
        }
    }
    Ok(Value::Array(made))
}

/// The results of tools are messages of their own, and have to follow the calls before the user says more.
fn user(message: &Message, made: &mut Vec<Value>) -> Result<(), Unfit> {
    let mut content = Vec::new();
    for part in &message.parts {
        match part {
            Part::ToolResult { id, content, .. } => {
                made.push(json!({"role": "tool", "tool_call_id": id, "content": content}));
            }
            Part::Text(text) => content.push(json!({"type": "text", "text": text})),
            Part::Image(picture) => {
                content.push(json!({"type": "image_url", "image_url": {"url": media::data_url(picture)?}}));
            }
            Part::File(file) => {
                let file = json!({"filename": media::file_name(file), "file_data": media::data_url(file)?});
                content.push(json!({"type": "file", "file": file}));
            }
            Part::ToolCall { .. } | Part::Opaque { .. } => {}
        }
    }
    if !content.is_empty() {
        made.push(json!({"role": "user", "content": plain(content)}));
    }
    Ok(())
}

fn assistant(message: &Message, extra: bool) -> Result<Option<Value>, Unfit> {
    let (mut content, mut calls) = (Vec::new(), Vec::new());
    // What belongs to the next call.
    let mut waiting = None;
    for part in &message.parts {
        match part {
            Part::Text(text) => content.push(json!({"type": "text", "text": text})),
            Part::ToolCall { id, name, arguments } => {
                let mut call = Map::from_iter([
                    ("id".to_owned(), json!(id)),
                    ("type".to_owned(), json!("function")),
                    ("function".to_owned(), json!({"name": name, "arguments": arguments})),
                ]);
                call.extend(waiting.take().map(|content| (EXTRA.to_owned(), content)));
                calls.push(Value::Object(call));
            }
            Part::Opaque { dialect, data } if extra && dialect == NAME => waiting = Some(given_back(data)?),
            _ => {}
        }
    }
    if content.is_empty() && calls.is_empty() {
        return Ok(None);
    }
    let mut made = Map::from_iter([("role".to_owned(), json!("assistant"))]);
    if !content.is_empty() {
        made.insert("content".to_owned(), plain(content));
    }
    if !calls.is_empty() {
        made.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    Ok(Some(Value::Object(made)))
}

/// Only what an answer can have held goes back.
fn given_back(data: &str) -> Result<Value, Unfit> {
    let mut data: Value = serde_json::from_str(data).unwrap_or_default();
    let content = data.get_mut(EXTRA).map(Value::take).filter(Value::is_object);
    content.ok_or_else(|| {
        let told = "an opaque part is none that this provider made; send back what the answer held, unchanged";
        Unfit::new("opaque", told)
    })
}

/// A single text is sent as such: not every service that speaks this format reads lists.
fn plain(mut content: Vec<Value>) -> Value {
    match content.as_mut_slice() {
        [Value::Object(only)] => match only.remove("text") {
            Some(text) => text,
            None => Value::Array(content),
        },
        _ => Value::Array(content),
    }
}
