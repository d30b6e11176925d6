//! The blocks of messages.

use gate::call::model::{Media, Part, Prompt, Role, options};
use serde_json::{Value, json};

use super::document::Documents;
use crate::dialect::Unfit;
use crate::dialect::native::{self, Turn};

/// A block that stands after what a cache keeps.
pub(super) fn kept(prompt: &Prompt) -> Value {
    let mut point = json!({"type": "default"});
    if let Some(ttl) = prompt.option(options::CACHE_TTL) {
        put(&mut point, "ttl", json!(ttl));
    }
    json!({"cachePoint": point})
}

pub(super) fn put(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

pub(super) fn messages(turns: Vec<Turn<'_>>, kept: &Value) -> Result<Value, Unfit> {
    let mut documents = Documents::default();
    let mut messages = Vec::new();
    for turn in turns {
        let mut blocks = Vec::new();
        for piece in &turn.pieces {
            blocks.push(block(piece.part, &mut documents)?);
            blocks.extend(piece.cache.then(|| kept.clone()));
        }
        let role = match turn.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        messages.push(json!({"role": role, "content": blocks}));
    }
    Ok(Value::Array(messages))
}

fn block(part: &Part, documents: &mut Documents) -> Result<Value, Unfit> {
    Ok(match part {
        Part::Text(text) => json!({"text": text}),
        Part::Image(media) => image(media)?,
        Part::File(media) => documents.write(media)?,
        Part::ToolCall { id, name, arguments } => {
            json!({"toolUse": {"toolUseId": identifier(id), "name": name, "input": native::parse(arguments)?}})
        }
        Part::ToolResult {
            id, content, failed, ..
        } => result(id, content, *failed),
        Part::Opaque { data, .. } => native::parse(data)?,
    })
}

/// Not every model takes a status, so it is said only where something failed.
fn result(id: &str, content: &str, failed: bool) -> Value {
    let texts = match content {
        "" => json!([]),
        text => json!([{"text": text}]),
    };
    let mut result = json!({"toolUseId": identifier(id), "content": texts});
    if failed {
        put(&mut result, "status", json!("error"));
    }
    json!({"toolResult": result})
}

fn identifier(id: &str) -> String {
    native::call_id(id, |byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte))
}

fn image(media: &Media) -> Result<Value, Unfit> {
    let format = media.media_type.strip_prefix("image/").unwrap_or(&media.media_type);
    Ok(json!({"image": {"format": format, "source": {"bytes": native::base64(media)?}}}))
}
