//! What no provider could answer is refused before it is judged.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::Ask;
use super::prompt::{Embed, Message, Part, Prompt, Role, Tool, ToolChoice, options};

/// Why a question cannot be asked, in a sentence that says what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelCallError {
    /// Nothing to answer.
    #[error("there is nothing to answer; end with a message of the user's that holds something")]
    NoMessage,
    /// A part in a message of the wrong side.
    #[error(
        "message {0} holds a part that only the other side can say; tool calls are the assistant's, results, images and files the user's"
    )]
    Side(usize),
    /// A name that not every provider takes.
    #[error("`{0}` cannot be a name here; use 1 to 64 letters, digits, hyphens and underscores, each name once")]
    Name(String),
    /// A schema that is none.
    #[error("the schema of `{0}` is no JSON Schema of an object; write one with \"type\": \"object\"")]
    Schema(String),
    /// Arguments that are no object.
    #[error("the arguments of the tool call `{0}` are no JSON object; send back what the model wrote")]
    Arguments(String),
    /// A result without a call, a call without a result, or an identifier twice.
    #[error("the tool call `{0}` has not exactly one result; answer each call in the user's next message")]
    Unanswered(String),
    /// A choice that names no tool.
    #[error("the tool `{0}` has to be used and is not there; name one that the prompt brings")]
    Choice(String),
    /// A number outside its range.
    #[error("`{0}` is outside of its range; tokens are at least 1, a temperature is 0 to 2")]
    Range(&'static str),
    /// A word that is not one of its list.
    #[error("`{value}` is no {name}; {told}")]
    Word {
        /// Of what.
        name: String,
        /// Which word.
        value: String,
        /// Which words there are.
        told: String,
    },
    /// An option that nobody knows.
    #[error("there is no option `{0}`; leave it out")]
    Option(String),
    /// A media type that is none, or no image's in an image.
    #[error(
        "`{0}` is no media type for this; an image has `image/png`, `image/jpeg`, `image/gif` or `image/webp`, a file its own"
    )]
    MediaType(String),
}

const EFFORTS: [&str; 5] = ["minimal", "low", "medium", "high", "max"];
const IMAGES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

pub(super) fn check(ask: &Ask) -> Result<(), ModelCallError> {
    match ask {
        Ask::Complete(prompt) => complete(prompt),
        Ask::Embed(embed) => embedded(embed),
    }
}

fn embedded(embed: &Embed) -> Result<(), ModelCallError> {
    if embed.inputs.is_empty() || embed.inputs.iter().any(String::is_empty) {
        return Err(ModelCallError::NoMessage);
    }
    if embed.dimensions == Some(0) {
        return Err(ModelCallError::Range("dimensions"));
    }
    known(&embed.options)
}

fn complete(prompt: &Prompt) -> Result<(), ModelCallError> {
    let last = prompt.messages.last();
    if last.is_none_or(|last| last.role != Role::User) || prompt.messages.iter().any(is_empty) {
        return Err(ModelCallError::NoMessage);
    }
    tools(prompt)?;
    for (place, message) in prompt.messages.iter().enumerate() {
        message
            .parts
            .iter()
            .try_for_each(|part| one(place + 1, message, part))?;
    }
    answered(&prompt.messages)?;
    if prompt.max_tokens == Some(0) {
        return Err(ModelCallError::Range("max-tokens"));
    }
    if prompt.temperature.is_some_and(|temperature| temperature > 2000) {
        return Err(ModelCallError::Range("temperature"));
    }
    if let Some(effort) = &prompt.effort {
        word("effort", effort, &EFFORTS)?;
    }
    known(&prompt.options)
}

fn is_empty(message: &Message) -> bool {
    message.parts.is_empty()
}

fn tools(prompt: &Prompt) -> Result<(), ModelCallError> {
    let mut names = BTreeSet::new();
    for Tool { name, schema, .. } in &prompt.tools {
        if !is_name(name) || !names.insert(name.as_str()) {
            return Err(ModelCallError::Name(name.clone()));
        }
        object_schema(name, schema)?;
    }
    if let Some(output) = &prompt.output {
        if !is_name(&output.name) {
            return Err(ModelCallError::Name(output.name.clone()));
        }
        object_schema(&output.name, &output.schema)?;
    }
    match &prompt.choice {
        ToolChoice::Named(name) if !names.contains(name.as_str()) => Err(ModelCallError::Choice(name.clone())),
        ToolChoice::Required if names.is_empty() => Err(ModelCallError::Choice("any".to_owned())),
        _ => Ok(()),
    }
}

fn one(place: usize, message: &Message, part: &Part) -> Result<(), ModelCallError> {
    let user = message.role == Role::User;
    let fits = match part {
        Part::Text(_) => true,
        Part::Image(_) | Part::File(_) | Part::ToolResult { .. } => user,
        Part::ToolCall { .. } | Part::Opaque { .. } => !user,
    };
    if !fits {
        return Err(ModelCallError::Side(place));
    }
    match part {
        Part::Image(media) if !IMAGES.contains(&media.media_type.as_str()) => {
            Err(ModelCallError::MediaType(media.media_type.clone()))
        }
        Part::File(media) if !is_media_type(&media.media_type) => {
            Err(ModelCallError::MediaType(media.media_type.clone()))
        }
        Part::ToolCall { id, arguments, .. } => match serde_json::from_str(arguments) {
            Ok(Value::Object(_)) => Ok(()),
            _ => Err(ModelCallError::Arguments(id.clone())),
        },
        _ => Ok(()),
    }
}

/// Every call of a message of the model's is answered in the message that follows it, once, and nothing else is.
fn answered(messages: &[Message]) -> Result<(), ModelCallError> {
    let mut waiting: BTreeSet<&str> = BTreeSet::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for message in messages {
        if message.role == Role::Assistant
            && let Some(id) = waiting.first()
        {
            return Err(ModelCallError::Unanswered((*id).to_owned()));
        }
        for part in &message.parts {
            match part {
                Part::ToolCall { id, .. } if !seen.insert(id) => {
                    return Err(ModelCallError::Unanswered(id.clone()));
                }
                Part::ToolCall { id, .. } => {
                    waiting.insert(id);
                }
                Part::ToolResult { id, .. } if !waiting.remove(id.as_str()) => {
                    return Err(ModelCallError::Unanswered(id.clone()));
                }
                _ => {}
            }
        }
        if message.role == Role::User
            && let Some(id) = waiting.first()
        {
            return Err(ModelCallError::Unanswered((*id).to_owned()));
        }
    }
    Ok(())
}

fn known(asked: &[(String, String)]) -> Result<(), ModelCallError> {
    for (name, value) in asked {
        let found = options::ALL.iter().find(|(known, _)| known == name);
        let (_, values) = found.ok_or_else(|| ModelCallError::Option(name.clone()))?;
        if !values.is_empty() {
            word(name, value, values)?;
        }
    }
    Ok(())
}

fn word(name: &str, value: &str, words: &[&str]) -> Result<(), ModelCallError> {
    if words.contains(&value) {
        return Ok(());
    }
    Err(ModelCallError::Word {
        name: name.to_owned(),
        value: value.to_owned(),
        told: format!("say one of {}", words.join(", ")),
    })
}

fn object_schema(name: &str, schema: &str) -> Result<(), ModelCallError> {
    /// Of all that it says only this is looked at.
    #[derive(Deserialize)]
    struct Schema<'a> {
        #[serde(rename = "type", borrow)]
        kind: Cow<'a, str>,
    }
    // Serde reads a struct from an array as well.
    let is_map = schema.trim_start().starts_with('{');
    let object = is_map && serde_json::from_str(schema).is_ok_and(|schema: Schema<'_>| schema.kind == "object");
    object
        .then_some(())
        .ok_or_else(|| ModelCallError::Schema(name.to_owned()))
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

fn is_media_type(text: &str) -> bool {
    let token = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        (1..=127).contains(&part.len()) && part.bytes().all(fits)
    };
    text.split_once('/')
        .is_some_and(|(kind, sub)| token(kind) && token(sub))
}
