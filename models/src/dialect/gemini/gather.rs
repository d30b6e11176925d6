//! The responses of a stream, put together to the one that they are pieces of.

use gate::Failure;
use serde_json::{Map, Value, json};

use super::trouble;
use crate::dialect::{Delta, Event, Gather};
use crate::trouble::{cut, malformed};

#[derive(Default)]
pub(super) struct Gathered {
    response: Map<String, Value>,
    candidate: Map<String, Value>,
    parts: Vec<Value>,
    answered: bool,
    ended: bool,
    counted: bool,
}

impl Gather for Gathered {
    fn event(&mut self, event: &Event) -> Result<Option<Delta>, Failure> {
        let data: Value = serde_json::from_slice(&event.data).map_err(malformed)?;
        if data.get("error").is_some() {
            return Err(trouble::after(&data));
        }
        let Value::Object(mut chunk) = data else {
            return Err(malformed("an event that is no response"));
        };
        let candidates = chunk.remove("candidates");
        self.ended |= chunk
            .get("promptFeedback")
            .is_some_and(|feedback| feedback.get("blockReason").is_some());
        let counted = chunk.contains_key("usageMetadata");
        self.response.extend(chunk);
        let delta = match candidates.as_ref().and_then(|candidates| candidates.get(0)) {
            Some(Value::Object(candidate)) => self.candidate(candidate.clone()),
            _ => None,
        };
        self.counted |= counted && self.ended;
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
            let content = json!({"role": "model", "parts": self.parts});
            self.candidate.insert("content".to_owned(), content);
            self.response.insert("candidates".to_owned(), json!([self.candidate]));
        }
        Ok(Value::Object(self.response))
    }
}

impl Gathered {
    fn candidate(&mut self, mut candidate: Map<String, Value>) -> Option<Delta> {
        let content = candidate.remove("content").unwrap_or_default();
        self.ended |= candidate.contains_key("finishReason");
        self.candidate.extend(candidate);
        self.answered = true;
        let mut shown = String::new();
        let mut tool = None;
        for part in content.get("parts").and_then(Value::as_array).into_iter().flatten() {
            shown.push_str(text(part).filter(|_| !is_thought(part)).unwrap_or_default());
            let name = part.pointer("/functionCall/name").and_then(Value::as_str);
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
    fn add(&mut self, part: &Value) {
        let last = self.parts.last_mut();
        let joined = last.filter(|last| is_plain(last) && is_plain(part) && is_thought(last) == is_thought(part));
        match (joined.and_then(|last| last.get_mut("text")), text(part)) {
            (Some(Value::String(before)), Some(more)) => before.push_str(more),
            _ => self.parts.push(part.clone()),
        }
    }
}

fn text(part: &Value) -> Option<&str> {
    part.get("text").and_then(Value::as_str)
}

fn is_thought(part: &Value) -> bool {
    part.get("thought").and_then(Value::as_bool) == Some(true)
}

fn is_plain(part: &Value) -> bool {
    let fields = part.as_object().into_iter().flat_map(Map::keys);
    text(part).is_some() && fields.into_iter().all(|field| field == "text" || field == "thought")
}
