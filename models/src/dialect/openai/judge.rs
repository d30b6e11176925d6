//! OpenAI's own description of its interface, which judges what the tests send and feed.

mod tests;

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::dialect::Event;

static DESCRIBED: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/models/openai.schemas.json"
    ));
    serde_json::from_str(text).unwrap()
});

/// What is wrong with this request by the schema of this name.
pub(in crate::dialect) fn faults_of_request(schema: &str, body: &Value) -> Vec<String> {
    faults("requests", schema, body)
}

/// What is wrong with this reply, or with this event.
pub(in crate::dialect) fn faults_of_reply(schema: &str, body: &Value) -> Vec<String> {
    faults("replies", schema, body)
}

fn faults(side: &str, schema: &str, body: &Value) -> Vec<String> {
    let validator = validator(side, schema);
    validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

fn validator(side: &str, schema: &str) -> Validator {
    let schemas = &DESCRIBED[side]["$defs"];
    assert!(schemas.get(schema).is_some(), "there is no schema {schema}");
    let whole = json!({"$ref": format!("#/$defs/{schema}"), "$defs": schemas});
    jsonschema::draft202012::new(&whole).unwrap()
}

/// The events of a recorded stream: blocks with the fields `event` and `data`.
pub(in crate::dialect) fn events(stream: &str) -> Vec<Event> {
    let blocks = stream.split("\n\n").filter(|block| !block.trim().is_empty());
    blocks.map(event).collect()
}

fn event(block: &str) -> Event {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
    Event {
        name: field("event: ").map(str::to_owned),
        exception: false,
        data: field("data: ").unwrap().as_bytes().to_vec(),
    }
}
