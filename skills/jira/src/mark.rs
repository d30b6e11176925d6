//! The mark that a write leaves: by it a person can tell which run did it, and whether it happened at all.

use serde_json::{Map, Value, json};
use skillhost_sdk::run;

/// The property of an issue or a comment that says which run made it.
pub(crate) const MADE: &str = "skillhost.run";

/// The property of an issue that says which run moved it last.
const MOVED: &str = "skillhost.transition";

/// For what is made.
pub(crate) fn made() -> Value {
    json!([{"key": MADE, "value": by()}])
}

/// For a step of an issue, which is not to hide who made the issue.
pub(crate) fn moved() -> Value {
    json!([{"key": MOVED, "value": by()}])
}

/// For the history of an issue, where a person reads of the step.
pub(crate) fn history() -> Value {
    json!({
        "type": "skillhost:run",
        "activityDescription": format!("skillhost/jira, run {}", run::id()),
        "extraData": by(),
    })
}

fn by() -> Value {
    json!({"run": run::id(), "skill": "skillhost/jira"})
}

/// The run that an issue's properties name.
pub(crate) fn run_of(properties: &Map<String, Value>) -> Option<String> {
    run_in(properties.get(MADE)?)
}

/// The run that a comment's properties name; they are a list there.
pub(crate) fn run_of_list(properties: &[Value]) -> Option<String> {
    let made = properties
        .iter()
        .find(|property| property.get("key").and_then(Value::as_str) == Some(MADE))?;
    run_in(made.get("value")?)
}

fn run_in(value: &Value) -> Option<String> {
    value.get("run")?.as_str().map(str::to_owned)
}
