//! A step of an issue through its workflow.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use skillhost_sdk::ToolError;
use skillhost_sdk::http::{self, Method};

use crate::exports::skillhost::jira::issues::{Field, Step};
use crate::{check, client, mark};

#[derive(Deserialize)]
struct Possible {
    #[serde(default)]
    transitions: Vec<Way>,
}

/// A step that is possible now. Its number is text in this API.
#[derive(Deserialize)]
struct Way {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    to: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    name: String,
}

impl Way {
    fn status(&self) -> Option<&str> {
        self.to.as_ref().map(|status| status.name.as_str())
    }

    fn told(&self) -> String {
        match self.status() {
            Some(status) => format!("`{}` ({}) leads to `{status}`", self.name, self.id),
            None => format!("`{}` ({})", self.name, self.id),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Move {
    transition: Value,
    #[serde(skip_serializing_if = "Map::is_empty")]
    fields: Map<String, Value>,
    properties: Value,
    history_metadata: Value,
}

/// Moves an issue.
///
/// # Errors
/// Arguments that cannot be meant, `invalid-argument` with the steps that are possible where none fits, or what Jira
/// said.
pub(crate) fn transition(key: &str, to: &str, fields: Option<Vec<Field>>) -> Result<Step, ToolError> {
    let key = check::filled("key", key)?;
    let to = check::filled("to", to)?;
    let mut set = Map::new();
    check::add(&mut set, fields.unwrap_or_default())?;
    let uri = client::uri(&["issue", key, "transitions"], &[])?;
    let possible: Possible = client::read(http::get(uri.clone()))?;
    let way = choose(&possible.transitions, to)?;
    let body = Move {
        transition: json!({"id": way.id}),
        fields: set,
        properties: mark::moved(),
        history_metadata: mark::history(),
    };
    client::write(http::json(Method::POST, uri, &body)?)?;
    Ok(Step {
        transition: way.name.clone(),
        status: way.status().map(str::to_owned),
    })
}

/// The one step of this number, else of this name, else to the status of this name.
fn choose<'a>(ways: &'a [Way], to: &str) -> Result<&'a Way, ToolError> {
    let same = |name: &str| name.to_lowercase() == to.to_lowercase();
    let by_number = one(ways, |way| way.id == to);
    let by_name = || one(ways, |way| same(&way.name));
    let by_status = || one(ways, |way| way.status().is_some_and(same));
    by_number
        .or_else(by_name)
        .or_else(by_status)
        .ok_or_else(|| unfit(ways, to))
}

fn one(ways: &[Way], fits: impl Fn(&Way) -> bool) -> Option<&Way> {
    let mut fitting = ways.iter().filter(|way| fits(way));
    fitting.next().filter(|_| fitting.next().is_none())
}

fn unfit(ways: &[Way], to: &str) -> ToolError {
    if ways.is_empty() {
        return ToolError::denied("No step is possible for this issue, or none to this credential.");
    }
    let told: Vec<_> = ways.iter().map(Way::told).collect();
    let message = format!(
        "`{to}` is not one of the steps that are possible now: {}.",
        told.join(", ")
    );
    check::refused("to", message)
}
