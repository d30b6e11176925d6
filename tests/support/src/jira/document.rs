//! Texts: documents of Atlassian's format, checked by its own schema.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

static SCHEMA: LazyLock<Option<Validator>> = LazyLock::new(|| {
    let schema = serde_json::from_str(include_str!("../../../jira/document.schema.json")).ok()?;
    jsonschema::validator_for(&schema).ok()
});

/// Whether Jira takes this for a text. Other JSON than documents it takes for none.
pub(super) fn is_document(value: &Value) -> bool {
    SCHEMA.as_ref().is_some_and(|schema| schema.is_valid(value))
}

/// All words of a document, for searches.
pub(super) fn words(value: &Value) -> String {
    let mut words = String::new();
    gather(value, &mut words);
    words
}

fn gather(node: &Value, words: &mut String) {
    if let Some(text) = node.get("text").and_then(Value::as_str) {
        words.push_str(text);
        words.push(' ');
    }
    for child in node.get("content").and_then(Value::as_array).into_iter().flatten() {
        gather(child, words);
    }
}
