//! A conversation as a list of items: messages, calls, results, and thoughts that were given back.

use std::borrow::Cow;
use std::mem::take;

use gate::call::model::{Message, Part, Role};
use serde::Serialize;
use serde_json::Value;

use super::super::NAME;
use crate::dialect::Unfit;
use crate::dialect::openai::media::{self, DataUrl};
use crate::dialect::openai::text;

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Item<'a> {
    Made(Made<'a>),
    /// What an answer held.
    GivenBack(Value),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Made<'a> {
    Message(Said<'a>),
    FunctionCall {
        call_id: &'a str,
        name: &'a str,
        arguments: &'a str,
    },
    /// There is no word for a tool that could not do it: its text says so.
    FunctionCallOutput {
        call_id: &'a str,
        output: &'a str,
    },
}

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub(super) enum Said<'a> {
    User {
        content: Vec<Piece<'a>>,
    },
    Assistant {
        content: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        phase: Option<String>,
    },
}

#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) enum Piece<'a> {
    #[serde(rename = "input_text")]
    Text { text: &'a str },
    #[serde(rename = "input_image")]
    Image {
        detail: &'static str,
        image_url: DataUrl<'a>,
    },
    #[serde(rename = "input_file")]
    File {
        filename: Cow<'a, str>,
        file_data: DataUrl<'a>,
    },
}

pub(super) fn input(messages: &[Message]) -> Result<Vec<Item<'_>>, Unfit> {
    let mut items = Items::default();
    for message in messages {
        for part in &message.parts {
            items.part(message.role, part)?;
        }
        items.end_message();
    }
    Ok(items.items)
}

#[derive(Default)]
struct Items<'a> {
    items: Vec<Item<'a>>,
    /// What the user's message under way holds so far.
    content: Vec<Piece<'a>>,
    /// What the model called the texts that follow in its message: a remark on the way, or the answer.
    phase: Option<String>,
}

impl<'a> Items<'a> {
    fn part(&mut self, role: Role, part: &'a Part) -> Result<(), Unfit> {
        match (role, part) {
            (Role::User, Part::Text(text)) => self.content.push(Piece::Text { text }),
            (Role::Assistant, Part::Text(content)) => {
                let phase = self.phase.clone();
                self.item(Made::Message(Said::Assistant { content, phase }));
            }
            (_, Part::Image(picture)) => self.content.push(Piece::Image {
                detail: "auto",
                image_url: DataUrl::of(picture)?,
            }),
            (_, Part::File(file)) => self.content.push(Piece::File {
                filename: media::file_name(file),
                file_data: DataUrl::of(file)?,
            }),
            (_, Part::ToolCall { id, name, arguments }) => self.item(Made::FunctionCall {
                call_id: id,
                name,
                arguments,
            }),
            (_, Part::ToolResult { id, content, .. }) => self.item(Made::FunctionCallOutput {
                call_id: id,
                output: content,
            }),
            (_, Part::Opaque { dialect, data }) if dialect == NAME => self.given_back(data)?,
            (_, Part::Opaque { .. }) => {}
        }
        Ok(())
    }

    /// Only what an answer can have held goes back: other items would bring tools of the provider into the conversation,
    /// which nobody granted.
    fn given_back(&mut self, data: &str) -> Result<(), Unfit> {
        let item: Value = serde_json::from_str(data).unwrap_or_default();
        match text(&item, "type") {
            Some("reasoning") => {
                self.flush();
                self.items.push(Item::GivenBack(item));
            }
            Some("message") => self.phase = text(&item, "phase").map(str::to_owned),
            _ => {
                let told = "an opaque part is none that this provider made; send back what the answer held, unchanged";
                return Err(Unfit::new("opaque", told));
            }
        }
        Ok(())
    }

    fn item(&mut self, item: Made<'a>) {
        self.flush();
        self.items.push(Item::Made(item));
    }

    fn end_message(&mut self) {
        self.flush();
        self.phase = None;
    }

    fn flush(&mut self) {
        let content = take(&mut self.content);
        if !content.is_empty() {
            self.items.push(Item::Made(Made::Message(Said::User { content })));
        }
    }
}
