//! A conversation as a list of messages.

use gate::call::model::{Message, Part, Prompt, Role};
use serde_json::{Map, Value, json};

use crate::dialect::Unfit;
use crate::dialect::openai::media;

pub(super) fn messages(prompt: &Prompt) -> Result<Value, Unfit> {
    let mut made = Vec::new();
    if let Some(system) = &prompt.system {
        made.push(json!({"role": "system", "content": system}));
    }
    for message in &prompt.messages {
        match message.role {
            Role::User => user(message, &mut made)?,
            Role::Assistant => made.extend(assistant(message)),
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

fn assistant(message: &Message) -> Option<Value> {
    let (mut content, mut calls) = (Vec::new(), Vec::new());
    for part in &message.parts {
        match part {
            Part::Text(text) => content.push(json!({"type": "text", "text": text})),
            Part::ToolCall { id, name, arguments } => calls.push(json!({
                "id": id, "type": "function", "function": {"name": name, "arguments": arguments},
            })),
            _ => {}
        }
    }
    if content.is_empty() && calls.is_empty() {
        return None;
    }
    let mut made = Map::from_iter([("role".to_owned(), json!("assistant"))]);
    if !content.is_empty() {
        made.insert("content".to_owned(), plain(content));
    }
    if !calls.is_empty() {
        made.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    Some(Value::Object(made))
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
