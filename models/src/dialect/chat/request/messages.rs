//! A conversation as a list of messages.

use std::borrow::Cow;

use gate::call::model::{self, Part, Prompt, Role};
use serde::Serialize;
use serde_json::Value;

use crate::dialect::Unfit;
use crate::dialect::chat::NAME;
use crate::dialect::openai::media::{self, DataUrl};

const EXTRA: &str = "extra_content";

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub(super) enum Message<'a> {
    System {
        content: &'a str,
    },
    User {
        content: Content<'a>,
    },
    Assistant {
        #[serde(skip_serializing_if = "Option::is_none")]
        content: Option<Content<'a>>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Call<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
        content: &'a str,
    },
}

/// A single text is sent as such: not every service that speaks this format reads lists.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Content<'a> {
    Text(&'a str),
    Pieces(Vec<Piece<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Piece<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: Picture<'a> },
    File { file: File<'a> },
}

#[derive(Serialize)]
pub(super) struct Picture<'a> {
    url: DataUrl<'a>,
}

#[derive(Serialize)]
pub(super) struct File<'a> {
    filename: Cow<'a, str>,
    file_data: DataUrl<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Call<'a> {
    Function {
        id: &'a str,
        function: Called<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        extra_content: Option<Value>,
    },
}

#[derive(Serialize)]
pub(super) struct Called<'a> {
    name: &'a str,
    arguments: &'a str,
}

pub(super) fn messages(prompt: &Prompt, extra: bool) -> Result<Vec<Message<'_>>, Unfit> {
    let system = prompt.system.as_deref().map(|content| Message::System { content });
    let mut made = Vec::from_iter(system);
    for message in &prompt.messages {
        match message.role {
            Role::User => user(message, &mut made)?,
            Role::Assistant => made.extend(assistant(message, extra)?),
        }
    }
    Ok(made)
}

/// The results of tools are messages of their own, and have to follow the calls before the user says more.
fn user<'a>(message: &'a model::Message, made: &mut Vec<Message<'a>>) -> Result<(), Unfit> {
    let mut pieces = Vec::new();
    for part in &message.parts {
        match part {
            Part::ToolResult { id, content, .. } => made.push(Message::Tool {
                tool_call_id: id,
                content,
            }),
            Part::Text(text) => pieces.push(Piece::Text { text }),
            Part::Image(picture) => {
                let url = DataUrl::of(picture)?;
                pieces.push(Piece::ImageUrl {
                    image_url: Picture { url },
                });
            }
            Part::File(file) => {
                let (filename, file_data) = (media::file_name(file), DataUrl::of(file)?);
                pieces.push(Piece::File {
                    file: File { filename, file_data },
                });
            }
            Part::ToolCall { .. } | Part::Opaque { .. } => {}
        }
    }
    made.extend(content(pieces).map(|content| Message::User { content }));
    Ok(())
}

fn assistant(message: &model::Message, extra: bool) -> Result<Option<Message<'_>>, Unfit> {
    let (mut pieces, mut tool_calls) = (Vec::new(), Vec::new());
    // What belongs to the next call.
    let mut waiting = None;
    for part in &message.parts {
        match part {
            Part::Text(text) => pieces.push(Piece::Text { text }),
            Part::ToolCall { id, name, arguments } => tool_calls.push(Call::Function {
                id,
                function: Called { name, arguments },
                extra_content: waiting.take(),
            }),
            Part::Opaque { dialect, data } if extra && dialect == NAME => waiting = Some(given_back(data)?),
            _ => {}
        }
    }
    let content = content(pieces);
    let says = content.is_some() || !tool_calls.is_empty();
    Ok(says.then_some(Message::Assistant { content, tool_calls }))
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

fn content(pieces: Vec<Piece<'_>>) -> Option<Content<'_>> {
    match pieces.as_slice() {
        [] => None,
        [Piece::Text { text }] => Some(Content::Text(text)),
        _ => Some(Content::Pieces(pieces)),
    }
}
