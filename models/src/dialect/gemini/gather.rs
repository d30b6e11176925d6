//! The responses of a stream, put together to the one that they are pieces of.

use gate::Failure;
use serde_json::{Map, Value, json};
use serde_json_borrow::{ObjectAsVec, Value as Borrowed};

use super::trouble;
use crate::dialect::{Delta, Event, Gather};
use crate::trouble::{cut, malformed};

#[derive(Default)]
pub(super) struct Gathered {
    response: Map<String, Value>,
    candidate: Map<String, Value>,
    /// Each with what it is, if it is a text and nothing else.
    parts: Vec<(Value, Option<Kind>)>,
    answered: bool,
    ended: bool,
    counted: bool,
}

impl Gather for Gathered {
    fn event(&mut self, event: &Event) -> Result<Option<Delta>, Failure> {
        let data = event.json()?;
        let chunk = data
            .as_object()
            .ok_or_else(|| malformed("an event that is no response"))?;
        if chunk.contains_key("error") {
            return Err(trouble::after(&Value::from(&data)));
        }
        let feedback = data.get("promptFeedback").as_object();
        self.ended |= feedback.is_some_and(|feedback| feedback.contains_key("blockReason"));
        self.response.extend(fields(chunk, "candidates"));
        let candidate = data.get("candidates").get(0).as_object();
        let delta = candidate.and_then(|candidate| self.candidate(candidate));
        self.counted |= chunk.contains_key("usageMetadata") && self.ended;
        Ok(delta)
    }

    /// The stream has no end of its own: it is complete with the reason why it ends and the counts that come with it.
    fn is_complete(&self) -> bool {
        self.ended && self.counted
    }

    fn whole(mut self: Box<Self>) -> Result<Value, Failure> {
        if !self.ended {
            return Err(cut());
        }
        if self.answered {
            let parts: Vec<Value> = self.parts.into_iter().map(|(part, _)| part).collect();
            let content = json!({"role": "model", "parts": parts});
            self.candidate.insert("content".to_owned(), content);
            self.response.insert("candidates".to_owned(), json!([self.candidate]));
        }
        Ok(Value::Object(self.response))
    }
}

impl Gathered {
    fn candidate(&mut self, candidate: &ObjectAsVec<'_>) -> Option<Delta> {
        self.ended |= candidate.contains_key("finishReason");
        self.candidate.extend(fields(candidate, "content"));
        self.answered = true;
        let mut shown = String::new();
        let mut tool = None;
        let parts = candidate
            .get("content")
            .and_then(|content| content.get("parts").as_array());
        for part in parts.into_iter().flatten() {
            shown.push_str(text(part).filter(|_| !is_thought(part)).unwrap_or_default());
            let name = part.get("functionCall").get("name").as_str();
            tool = tool.or_else(|| name.map(|name| Delta::Tool(name.to_owned())));
            self.add(part);
        }
        if shown.is_empty() {
            tool
        } else {
            Some(Delta::Text(shown))
        }
    }

    /// Text goes on where text was, unless one of them is signed: a signature is of its own part only.
    fn add(&mut self, part: &Borrowed<'_>) {
        let kind = Kind::of(part);
        match (self.parts.last_mut(), text(part)) {
            (Some((Value::Object(last), before)), Some(more)) if kind.is_some() && *before == kind => {
                if let Some(Value::String(text)) = last.get_mut("text") {
                    text.push_str(more);
                }
            }
            _ => self.parts.push((part.into(), kind)),
        }
    }
}

/// What a part is that holds a text and nothing else.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Said,
    Thought,
}

impl Kind {
    fn of(part: &Borrowed<'_>) -> Option<Self> {
        let mut fields = part.as_object()?.keys();
        let plain = text(part).is_some() && fields.all(|field| field == "text" || field == "thought");
        let kind = if is_thought(part) { Self::Thought } else { Self::Said };
        plain.then_some(kind)
    }
}

/// The fields of an object but for this one.
fn fields(of: &ObjectAsVec<'_>, but: &str) -> impl Iterator<Item = (String, Value)> {
    let others = of.iter().filter(move |(name, _)| *name != but);
    others.map(|(name, value)| (name.to_owned(), value.into()))
}

fn text<'a>(part: &'a Borrowed<'_>) -> Option<&'a str> {
    part.get("text").as_str()
}

fn is_thought(part: &Borrowed<'_>) -> bool {
    part.get("thought").as_bool() == Some(true)
}
