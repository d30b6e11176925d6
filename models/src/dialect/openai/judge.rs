//! OpenAI's own description of its interface, which judges what the tests send and feed.

mod tests;

use std::sync::LazyLock;

use gate::call::model::{Ask, Message, Part, Prompt, Role};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::dialect::{Abilities, Delta, Dialect, Event, Model, Unfit, Wire};

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

/// What is sent, once the judge has nothing against it.
pub(in crate::dialect) fn sent(dialect: &dyn Dialect, ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
    let schema = match dialect.name() {
        "responses" => "CreateResponse",
        "chat" => "CreateChatCompletionRequest",
        _ => "CreateEmbeddingRequest",
    };
    let wire = dialect.request(ask, to)?;
    let faults = faults_of_request(schema, &wire.json());
    assert!(faults.is_empty(), "{faults:#?}\n{:#}", wire.json());
    Ok(wire)
}

/// A model that can do everything.
pub(in crate::dialect) fn model() -> Model {
    Model {
        name: "gpt-5.6-sol".to_owned(),
        stream: false,
        can: Abilities {
            efforts: ["minimal", "low", "medium", "high", "xhigh"]
                .map(str::to_owned)
                .to_vec(),
            ..Abilities::default()
        },
    }
}

/// A message of these parts.
pub(in crate::dialect) fn says(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        parts,
        cache: false,
    }
}

/// A prompt that says one word, to be added to.
pub(in crate::dialect) fn greeting() -> Prompt {
    Prompt {
        messages: vec![says(Role::User, vec![Part::Text("Hi".to_owned())])],
        ..Prompt::default()
    }
}

/// What events show, and what they add up to.
pub(in crate::dialect) fn gathered(
    dialect: &dyn Dialect,
    events: &[Event],
) -> (Vec<Delta>, Result<Value, gate::Failure>) {
    let mut gather = dialect.gather();
    let mut shown = Vec::new();
    for event in events {
        match gather.event(event) {
            Ok(delta) => shown.extend(delta),
            Err(failure) => return (shown, Err(failure)),
        }
    }
    (shown, gather.whole())
}

/// An event of this JSON.
pub(in crate::dialect) fn event_of(data: &Value) -> Event {
    Event {
        name: None,
        exception: false,
        data: data.to_string().into_bytes(),
    }
}

/// A recorded stream of this name, and the answer that it adds up to.
macro_rules! recorded {
    ($name:literal) => {
        (
            $crate::dialect::openai::judge::events(include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../tests/models/streams/",
                $name,
                ".sse"
            ))),
            serde_json::from_str::<serde_json::Value>(include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../tests/models/streams/",
                $name,
                ".json"
            )))
            .unwrap(),
        )
    };
}
pub(in crate::dialect) use recorded;

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
