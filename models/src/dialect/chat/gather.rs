//! A streamed answer, put together from its chunks into the object that comes unstreamed.

use gate::Failure;
use serde_json::{Map, Value, json};

use crate::dialect::openai::{self, text};
use crate::dialect::{Delta, Event, Gather};
use crate::trouble::cut;

/// Only the first choice is read: no more are asked for.
#[derive(Default)]
pub(super) struct Gathered {
    /// What every chunk says of the whole: `id`, `created`, `model` and more. The last one to say it counts.
    head: Map<String, Value>,
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
        let choices = chunk.get("choices").and_then(Value::as_array);
        let is_first = |choice: &&Value| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
        let choice = choices.into_iter().flatten().find(is_first);
        Ok(choice.and_then(|choice| self.choice(choice)))
    }

    fn is_complete(&self) -> bool {
        self.done
    }

    fn whole(self: Box<Self>) -> Result<Value, Failure> {
        let Self { mut head, finish, .. } = *self;
        let finish = finish.ok_or_else(cut)?;
        let mut message = json!({"role": "assistant", "content": self.content, "refusal": self.refusal});
        let calls: Vec<Value> = self.calls.into_iter().map(Call::written).collect();
        if let (Some(message), false) = (message.as_object_mut(), calls.is_empty()) {
            message.insert("tool_calls".to_owned(), Value::Array(calls));
        }
        let choice = json!({"index": 0, "message": message, "logprobs": null, "finish_reason": finish});
        head.insert("object".to_owned(), json!("chat.completion"));
        head.insert("choices".to_owned(), json!([choice]));
        Ok(Value::Object(head))
    }
}

impl Gathered {
    /// Azure's first chunk, which is about its filters, names no model.
    fn head(&mut self, chunk: &Value) {
        for name in ["id", "created", "model", "service_tier", "system_fingerprint", "usage"] {
            if let Some(value) = chunk
                .get(name)
                .filter(|value| !value.is_null() && value.as_str() != Some(""))
            {
                self.head.insert(name.to_owned(), value.clone());
            }
        }
    }

    fn choice(&mut self, choice: &Value) -> Option<Delta> {
        if let Some(reason) = openai::owned(choice, "finish_reason") {
            self.finish = Some(reason);
        }
        let delta = choice.get("delta")?;
        let mut shown = None;
        for (kind, gathered) in [("content", &mut self.content), ("refusal", &mut self.refusal)] {
            if let Some(more) = text(delta, kind) {
                gathered.get_or_insert_default().push_str(more);
                shown = Some(Delta::Text(more.to_owned()));
            }
        }
        let calls = delta.get("tool_calls").and_then(Value::as_array);
        for call in calls.into_iter().flatten() {
            shown = self.call(call).or(shown);
        }
        shown
    }

    /// A piece of a call belongs to the call of its index. Some services give all of their calls the same index: another
    /// identifier is another call.
    fn call(&mut self, piece: &Value) -> Option<Delta> {
        let index = piece.get("index").and_then(Value::as_u64).unwrap_or(0);
        let id = text(piece, "id").unwrap_or_default();
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
        call.extra = piece.get("extra_content").cloned().or(call.extra.take());
        call.add(id, piece.get("function")?)
    }
}

impl Call {
    fn add(&mut self, id: &str, function: &Value) -> Option<Delta> {
        if !id.is_empty() {
            id.clone_into(&mut self.id);
        }
        self.arguments.push_str(text(function, "arguments").unwrap_or_default());
        let name = text(function, "name")?;
        let is_new = self.name.is_empty();
        name.clone_into(&mut self.name);
        is_new.then(|| Delta::Tool(name.to_owned()))
    }

    fn written(self) -> Value {
        let mut written = json!({
            "id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments},
        });
        if let (Some(written), Some(extra)) = (written.as_object_mut(), self.extra) {
            written.insert("extra_content".to_owned(), extra);
        }
        written
    }
}
