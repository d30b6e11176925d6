//! What OpenAI's three formats share: Responses, Chat Completions and Embeddings.

pub(super) mod choices;
#[cfg(test)]
pub(super) mod judge;
pub(super) mod media;
pub(super) mod strict;
pub(super) mod tools;
pub(super) mod trouble;
pub(super) mod usage;

use gate::Failure;
use gate::call::model::{Ask, Prompt};
use serde_json::Value;
use serde_json_borrow::Value as Borrowed;

use super::{Event, Model, Unfit, fit};

/// The prompt of a question that the model can take.
pub(super) fn prompt<'a>(ask: &'a Ask, to: &Model) -> Result<&'a Prompt, Unfit> {
    let Ask::Complete(prompt) = ask else {
        let told = "this backend completes and makes no vectors; ask one that does";
        return Err(Unfit::new("embed", told));
    };
    fit::check(ask, &to.can)?;
    Ok(prompt)
}

/// The JSON of an event of a stream.
///
/// # Errors
/// A failure where it is none, or is an error: in the middle of a stream it comes as `{"error": {...}}` whatever the
/// format.
pub(super) fn event(event: &Event) -> Result<Borrowed<'_>, Failure> {
    let data = event.json()?;
    match data.get("error") {
        Borrowed::Null => Ok(data),
        error => Err(trouble::of_error(&error.into())),
    }
}

/// The text at a key, where there is one that says something.
pub(super) fn text<'a>(of: &'a Value, key: &str) -> Option<&'a str> {
    of.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The same in an event.
pub(super) fn said<'a>(of: &'a Borrowed<'a>, key: &'static str) -> Option<&'a str> {
    of.get(key).as_str().filter(|text| !text.is_empty())
}

/// A text at a key, to keep.
pub(super) fn owned(of: &Value, key: &str) -> Option<String> {
    text(of, key).map(str::to_owned)
}
