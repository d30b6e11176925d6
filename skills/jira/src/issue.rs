//! An issue as Jira tells it, and as agents read it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::exports::skillhost::jira::issues::{Field, Issue, Person};
use crate::{adf, mark};

/// What is read of each issue that was found, where nobody says more.
pub(crate) const SHORT: &[&str] = &["summary", "status", "issuetype", "priority", "assignee", "updated"];

/// What is read of one issue, where nobody says more.
pub(crate) const LONG: &[&str] = &[
    "summary",
    "status",
    "issuetype",
    "priority",
    "assignee",
    "reporter",
    "labels",
    "created",
    "updated",
    "description",
];

/// An issue in an answer of Jira's.
#[derive(Deserialize)]
pub(crate) struct Told {
    key: String,
    #[serde(default)]
    fields: Map<String, Value>,
    #[serde(default)]
    properties: Map<String, Value>,
}

impl From<Told> for Issue {
    fn from(told: Told) -> Self {
        let mut fields = told.fields;
        let mut take = |name: &str| fields.shift_remove(name);
        let mut text = |name: &str| take(name).as_ref().and_then(readable);
        Self {
            key: told.key,
            summary: text("summary"),
            status: text("status"),
            issue_type: text("issuetype"),
            priority: text("priority"),
            created: text("created"),
            updated: text("updated"),
            description: text("description"),
            assignee: person(take("assignee").as_ref()),
            reporter: person(take("reporter").as_ref()),
            labels: labels(take("labels").as_ref()),
            fields: fields.iter().filter_map(field).collect(),
            run: mark::run_of(&told.properties),
        }
    }
}

/// Somebody, where the value is a user.
pub(crate) fn person(user: Option<&Value>) -> Option<Person> {
    let account_id = user?.get("accountId")?.as_str()?.to_owned();
    let name = user?
        .get("displayName")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    Some(Person { account_id, name })
}

fn labels(value: Option<&Value>) -> Vec<String> {
    let labels = value.and_then(Value::as_array).into_iter().flatten();
    labels.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn field((id, value): (&String, &Value)) -> Option<Field> {
    Some(Field {
        id: id.clone(),
        value: readable(value)?,
    })
}

/// A value as people read it: a document as Markdown, a thing by its name, several of them in a row.
pub(crate) fn readable(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(values) => values.iter().filter_map(readable).collect::<Vec<_>>().join(", "),
        Value::Object(object) => adf::markdown(value)
            .or_else(|| link(object))
            .or_else(|| name(object))
            .unwrap_or_else(|| value.to_string()),
    };
    (!text.is_empty()).then_some(text)
}

/// How an issue is linked with another, such as `depends on PR-2`.
fn link(object: &Map<String, Value>) -> Option<String> {
    let ways = [("outward", "outwardIssue"), ("inward", "inwardIssue")];
    ways.iter().find_map(|(verb, issue)| {
        let key = object.get(*issue)?.get("key")?.as_str()?;
        Some(format!("{} {key}", object.get("type")?.get(*verb)?.as_str()?))
    })
}

fn name(object: &Map<String, Value>) -> Option<String> {
    let named = ["displayName", "name", "value", "key", "filename"]
        .iter()
        .find_map(|key| object.get(*key)?.as_str())?;
    // A choice within a choice.
    match object.get("child").and_then(readable) {
        Some(child) => Some(format!("{named} / {child}")),
        None => Some(named.to_owned()),
    }
}
