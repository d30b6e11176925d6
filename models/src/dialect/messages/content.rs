//! The blocks of messages.

use gate::call::model::{Media, Part, Prompt, Role, options};
use serde_json::{Value, json};

use crate::dialect::Unfit;
use crate::dialect::native::{self, Turn};

/// Media types beside `text/…` that are read as text.
const TEXTS: [&str; 3] = ["application/json", "application/xml", "application/yaml"];

/// The mark of a point up to which a cache is kept.
pub(super) fn kept(prompt: &Prompt) -> Value {
    let mut kept = json!({"type": "ephemeral"});
    if let Some(ttl) = prompt.option(options::CACHE_TTL) {
        put(&mut kept, "ttl", json!(ttl));
    }
    kept
}

pub(super) fn keep(block: &mut Value, kept: &Value) {
    put(block, "cache_control", kept.clone());
}

pub(super) fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

pub(super) fn messages(turns: Vec<Turn<'_>>, kept: &Value) -> Result<Value, Unfit> {
    let mut messages = Vec::new();
    for turn in turns {
        let mut blocks = Vec::new();
        for piece in &turn.pieces {
            let mut block = block(piece.part)?;
            if piece.cache {
                keep(&mut block, kept);
            }
            blocks.push(block);
        }
        let role = match turn.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        messages.push(json!({"role": role, "content": blocks}));
    }
    Ok(Value::Array(messages))
}

fn block(part: &Part) -> Result<Value, Unfit> {
    Ok(match part {
        Part::Text(text) => json!({"type": "text", "text": text}),
        Part::Image(media) => json!({"type": "image", "source": bytes(media)?}),
        Part::File(media) => document(media)?,
        Part::ToolCall { id, name, arguments } => {
            json!({"type": "tool_use", "id": identifier(id), "name": name, "input": native::parse(arguments)?})
        }
        Part::ToolResult {
            id, content, failed, ..
        } => result(id, content, *failed),
        Part::Opaque { data, .. } => native::parse(data)?,
    })
}

fn result(id: &str, content: &str, failed: bool) -> Value {
    let mut result = json!({"type": "tool_result", "tool_use_id": identifier(id)});
    if !content.is_empty() {
        put(&mut result, "content", json!(content));
    }
    if failed {
        put(&mut result, "is_error", json!(true));
    }
    result
}

fn identifier(id: &str) -> String {
    native::call_id(id, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn document(media: &Media) -> Result<Value, Unfit> {
    let kind = media.media_type.as_str();
    let source = if kind == "application/pdf" {
        bytes(media)?
    } else if kind.starts_with("text/") || TEXTS.contains(&kind) {
        json!({"type": "text", "media_type": "text/plain", "data": text(media)?})
    } else {
        let told = format!("this model reads PDF and text and no `{kind}`; send one of these");
        return Err(Unfit::new("files", told));
    };
    let mut document = json!({"type": "document", "source": source});
    if let Some(name) = media.name.as_ref().filter(|name| !name.is_empty()) {
        put(&mut document, "title", json!(name));
    }
    Ok(document)
}

fn bytes(media: &Media) -> Result<Value, Unfit> {
    Ok(json!({"type": "base64", "media_type": media.media_type, "data": native::base64(media)?}))
}

fn text(media: &Media) -> Result<&str, Unfit> {
    let bytes = media.content.bytes().map(|bytes| bytes.as_ref()).unwrap_or_default();
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty());
    text.ok_or_else(|| {
        Unfit::new(
            "files",
            "one of the text files is empty or not in UTF-8; send it as UTF-8",
        )
    })
}
