//! A streamed answer, put together from its chunks into the object that comes unstreamed.

use gate::Failure;
use serde_json::{Map, Value};
use serde_json_borrow::Value as Borrowed;

use crate::dialect::openai::{self, said};
use crate::dialect::{Delta, Event, Gather};
use crate::trouble::cut;

/// What every chunk says of the whole.
const HEAD: [&str; 6] = ["id", "created", "model", "service_tier", "system_fingerprint", "usage"];

/// Only the first choice is read: no more are asked for.
#[derive(Default)]
pub(super) struct Gathered {
    /// What the chunks say of the whole, in the order of [`HEAD`]. The last one to say it counts.
    head: [Option<Value>; HEAD.len()],
    content: Option<String>,
    refusal: Option<String>,
    calls: Vec<Call>,
    finish: Option<String>,
    done: bool,
}

/// A tool call under way.
#[derive(Default)]
struct Call {
    index: u64,
    id: String,
    name: String,
    arguments: String,
    extra: Option<Value>,
}

impl Gather for Gathered {
    fn event(&mut self, event: &Event) -> Result<Option<Delta>, Failure> {
        if self.done {
            return Ok(None);
        }
        if event.data.starts_with(b"[DONE]") {
            self.done = true;
            return Ok(None);
        }
        let chunk = openai::event(event)?;
        self.head(&chunk);
        let choices = chunk.get("choices").as_array();
        let is_first = |choice: &&Borrowed<'_>| choice.get("index").as_u64().unwrap_or(0) == 0;
        let choice = choices.into_iter().flatten().find(is_first);
        Ok(choice.and_then(|choice| self.choice(choice)))
    }

    fn is_complete(&self) -> bool {
        self.done
    }

    fn whole(self: Box<Self>) -> Result<Value, Failure> {
        let finish = self.finish.ok_or_else(cut)?;
        let mut message = object([
            ("role", "assistant".into()),
            ("content", self.content.into()),
            ("refusal", self.refusal.into()),
        ]);
        let calls: Vec<Value> = self.calls.into_iter().map(Call::written).collect();
        if !calls.is_empty() {
            message.insert("tool_calls".to_owned(), calls.into());
        }
        let choice = object([
            ("index", 0.into()),
            ("message", message.into()),
            ("logprobs", Value::Null),
            ("finish_reason", finish.into()),
        ]);
        let said = HEAD.into_iter().zip(self.head);
        let mut whole: Map<String, Value> = said
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect();
        whole.insert("object".to_owned(), "chat.completion".into());
        whole.insert("choices".to_owned(), Value::Array(vec![choice.into()]));
        Ok(whole.into())
    }
}

impl Gathered {
    /// Azure's first chunk, which is about its filters, names no model.
    fn head(&mut self, chunk: &Borrowed<'_>) {
        for (name, head) in HEAD.into_iter().zip(&mut self.head) {
            let value = chunk.get(name);
            let is_known = head.as_ref().is_some_and(|known| is(known, value));
            if !is_known && !value.is_null() && value.as_str() != Some("") {
                *head = Some(value.into());
            }
        }
    }

    fn choice(&mut self, choice: &Borrowed<'_>) -> Option<Delta> {
        if let Some(reason) = said(choice, "finish_reason") {
            self.finish = Some(reason.to_owned());
        }
        let delta = choice.get("delta");
        let mut shown = None;
        for (kind, gathered) in [("content", &mut self.content), ("refusal", &mut self.refusal)] {
            if let Some(more) = said(delta, kind) {
                gathered.get_or_insert_default().push_str(more);
                shown = Some(Delta::Text(more.to_owned()));
            }
        }
        let calls = delta.get("tool_calls").as_array();
        for call in calls.into_iter().flatten() {
            shown = self.call(call).or(shown);
        }
        shown
    }

    /// A piece of a call belongs to the call of its index. Some services give all of their calls the same index: another
    /// identifier is another call.
    fn call(&mut self, piece: &Borrowed<'_>) -> Option<Delta> {
        let index = piece.get("index").as_u64().unwrap_or(0);
        let id = said(piece, "id").unwrap_or_default();
        let is_it = |call: &Call| call.index == index && (id.is_empty() || call.id.is_empty() || call.id == id);
        let place = match self.calls.iter().rposition(is_it) {
            Some(place) => place,
            None => {
                self.calls.push(Call {
                    index,
                    ..Call::default()
                });
                self.calls.len() - 1
            }
        };
        let call = self.calls.get_mut(place)?;
        let extra = piece.get("extra_content");
        if !extra.is_null() {
            call.extra = Some(extra.into());
        }
        call.add(id, piece.get("function"))
    }
}

impl Call {
    fn add(&mut self, id: &str, function: &Borrowed<'_>) -> Option<Delta> {
        if !id.is_empty() {
            id.clone_into(&mut self.id);
        }
        self.arguments.push_str(said(function, "arguments").unwrap_or_default());
        let name = said(function, "name")?;
        let is_new = self.name.is_empty();
        name.clone_into(&mut self.name);
        is_new.then(|| Delta::Tool(name.to_owned()))
    }

    fn written(self) -> Value {
        let function = object([("name", self.name.into()), ("arguments", self.arguments.into())]);
        let mut written = object([
            ("id", self.id.into()),
            ("type", "function".into()),
            ("function", function.into()),
        ]);
        written.extend(self.extra.map(|extra| ("extra_content".to_owned(), extra)));
        written.into()
    }
}

/// An object of these fields: unlike `json!`, which copies what it is given.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    let owned = |(name, value): (&str, Value)| (name.to_owned(), value);
    fields.into_iter().map(owned).collect()
}

/// Whether a text or a number is this one: they are the same in every chunk.
fn is(known: &Value, value: &Borrowed<'_>) -> bool {
    match value {
        Borrowed::Str(text) => known.as_str() == Some(text),
        Borrowed::Number(_) => *known == Value::from(value),
        _ => false,
    }
}
