//! The workflow that all projects share.

use serde_json::{Value, json};

use super::refusal::Refusal;

/// A status: its name, its id, and its category's key.
pub(super) type Status = (&'static str, &'static str, &'static str);

const TO_DO: Status = ("To Do", "10000", "new");
const IN_PROGRESS: Status = ("In Progress", "3", "indeterminate");
const DONE: Status = ("Done", "10001", "done");

/// Where a new issue stands.
pub(super) const FIRST: Status = TO_DO;

/// A step from one status to another.
pub(super) struct Step {
    id: &'static str,
    name: &'static str,
    from: Status,
    pub(super) to: Status,
    /// It has a screen, on which a resolution must be chosen.
    resolves: bool,
}

const STEPS: [Step; 4] = [
    Step {
        id: "11",
        name: "Start work",
        from: TO_DO,
        to: IN_PROGRESS,
        resolves: false,
    },
    Step {
        id: "21",
        name: "Stop work",
        from: IN_PROGRESS,
        to: TO_DO,
        resolves: false,
    },
    Step {
        id: "31",
        name: "Close issue",
        from: IN_PROGRESS,
        to: DONE,
        resolves: true,
    },
    Step {
        id: "41",
        name: "Reopen",
        from: DONE,
        to: TO_DO,
        resolves: false,
    },
];

/// The resolutions that can be chosen.
const RESOLUTIONS: [&str; 2] = ["Done", "Won't Do"];

/// A status as Jira tells it.
pub(super) fn told(status: Status) -> Value {
    let (name, id, category) = status;
    json!({"name": name, "id": id, "statusCategory": {"key": category}})
}

/// The steps that are possible from a status.
pub(super) fn list(status: Status) -> Value {
    let steps = STEPS.iter().filter(|step| step.from == status);
    let told = steps.map(|step| {
        json!({
            "id": step.id, "name": step.name, "to": told(step.to), "hasScreen": step.resolves,
            "isGlobal": false, "isInitial": false, "isAvailable": true, "isConditional": false, "isLooped": false,
        })
    });
    json!({"expand": "transitions", "transitions": told.collect::<Vec<_>>()})
}

/// The step that a request asks for, with the resolution that it sets: none, where it takes one away.
pub(super) fn choose(status: Status, body: &Value) -> Result<(&'static Step, Option<String>), Refusal> {
    let id = body.get("transition").and_then(|step| step.get("id"));
    // The description wants text; numbers are taken too, and clients send them.
    let id = match id.ok_or_else(Refusal::body_invalid)? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return Err(Refusal::body_invalid()),
    };
    let step = STEPS.iter().find(|step| step.from == status && step.id == id);
    let step = step.ok_or_else(|| Refusal::bad(format!("Transition id '{id}' is not valid for this issue.")))?;
    let mut fields = body
        .get("fields")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let resolution = fields.shift_remove("resolution");
    if let Some(unknown) = fields.keys().next() {
        let message = format!("Field '{unknown}' cannot be set. It is not on the appropriate screen, or unknown.");
        return Err(Refusal::field(unknown, &message));
    }
    let name = resolution
        .as_ref()
        .and_then(|resolution| resolution.get("name")?.as_str());
    match (step.resolves, name) {
        (false, None) => Ok((step, None)),
        (true, Some(name)) if RESOLUTIONS.contains(&name) => Ok((step, Some(name.to_owned()))),
        (true, Some(_)) => Err(Refusal::field("resolution", "The resolution selected is invalid.")),
        (true, None) => Err(Refusal::field("resolution", "Resolution is required.")),
        (false, Some(_)) => Err(Refusal::field(
            "resolution",
            "Field 'resolution' cannot be set. It is not on the appropriate screen, or unknown.",
        )),
    }
}
