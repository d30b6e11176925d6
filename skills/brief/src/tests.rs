//! The tool without a host: what it asks of a model, and what it makes of its answers.

mod answers;
mod asked;
mod refusals;

use serde_json::{Value, json};
use skillhost_sdk::ToolError;
use skillhost_sdk::model::testing::{says, script};
use skillhost_sdk::model::{Completion, ModelError};

use crate::Brief;
use crate::exports::skillhost::brief::briefs::{Briefing, Guest, Source};

fn source(title: &str, text: &str) -> Source {
    Source {
        title: title.to_owned(),
        text: text.to_owned(),
        link: None,
    }
}

/// Two issues and a report.
fn pile() -> Vec<Source> {
    let checkout = source(
        "PROJ-1 Checkout fails",
        "Orders over 10,000 fail.\n\nAda fixes it by Friday.",
    );
    vec![
        Source {
            link: Some("https://acme.example/browse/PROJ-1".to_owned()),
            ..checkout
        },
        source("PROJ-2 Release", "The release is on Friday. \"No\" open blockers."),
        source("Pipeline, March", "stage,amount\nwon,120\nlost,40"),
    ]
}

/// What a model that does as it is told answers about the pile.
fn good() -> Value {
    json!({
        "title": "Release of Friday",
        "summary": "The release is on Friday.\n\nA failure at the checkout endangers it.",
        "key_points": [
            {"text": "Orders over 10,000 fail.", "sources": [1]},
            {"text": "The release is on Friday.", "sources": [2, 1]},
        ],
        "open_questions": ["PROJ-2 says that nothing blocks the release; does PROJ-1?"],
        "actions": [
            {"what": "Fix the checkout.", "who": "Ada", "due": "by Friday", "sources": [1]},
            {"what": "Release.", "who": null, "due": null, "sources": [2]},
        ],
    })
}

/// What it answers where the sources say nothing about the focus.
fn nothing() -> Value {
    json!({
        "title": "Nothing",
        "summary": "The sources say nothing about it.",
        "key_points": [],
        "open_questions": [],
        "actions": [],
    })
}

/// The good answer with another value in one place.
fn with(place: &str, value: Value) -> Value {
    let mut answer = good();
    *answer.pointer_mut(place).unwrap() = value;
    answer
}

fn brief(answers: impl IntoIterator<Item = Result<Completion, ModelError>>) -> Result<Briefing, ToolError> {
    script(answers);
    Brief::brief(pile(), None, None, None)
}

fn answered(answer: &Value) -> Result<Completion, ModelError> {
    Ok(says(answer.to_string()))
}

fn told(error: &ToolError) -> String {
    let details: Vec<_> = error
        .details
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{error} {:?} {}", error.retry_after_ms, details.join(" "))
}
