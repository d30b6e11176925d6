//! New issues, and what is wrong with them.

use serde_json::{Map, Value, json};

use super::issue::{self, Issue};
use super::refusal::Refusal;
use super::site::{self, PRIORITIES, Site, TYPES};
use super::{ROBOT, clock, document, workflow};

/// What every issue needs, and what is said where it is missing.
const REQUIRED: [(&str, &str); 3] = [
    ("project", "Specify a valid project ID or key"),
    ("issuetype", "Specify an issue type"),
    ("summary", "You must specify a summary of the issue."),
];

/// Fields by their ids, and the names that people see.
const NAMES: [(&str, &str); 16] = [
    ("summary", "Summary"),
    ("project", "Project"),
    ("issuetype", "Issue Type"),
    ("status", "Status"),
    ("priority", "Priority"),
    ("labels", "Labels"),
    ("assignee", "Assignee"),
    ("reporter", "Reporter"),
    ("parent", "Parent"),
    ("description", "Description"),
    ("environment", "Environment"),
    ("duedate", "Due date"),
    ("resolution", "Resolution"),
    ("created", "Created"),
    ("customfield_10016", "Story Points"),
    ("customfield_10020", "Colour"),
];

/// The fields that issues have, as a list of them tells.
pub(super) fn fields() -> Value {
    let told =
        |(id, name): &(&str, &str)| json!({"id": id, "key": id, "name": name, "custom": id.starts_with("custom")});
    NAMES.iter().map(told).collect()
}

/// Creates an issue from the body of a request, and answers its key.
pub(super) fn create(site: &mut Site, body: &Value) -> Result<String, Refusal> {
    let given = body
        .get("fields")
        .and_then(Value::as_object)
        .ok_or_else(Refusal::body_invalid)?;
    let properties = issue::properties(body)?;
    let (key, mut fields) = read(site, given)?;
    let number = site
        .issues
        .iter()
        .filter(|issue| issue.key.split('-').next() == Some(key))
        .count()
        + 1;
    let now = clock::written(site.clock.tick());
    fields.insert("created".to_owned(), now.clone().into());
    fields.insert("updated".to_owned(), now.into());
    let key = format!("{key}-{number}");
    let lag = if site.lag == 0 { 0 } else { site.searches + site.lag + 1 };
    site.issues.push(Issue {
        id: (20_000 + site.issues.len()).to_string(),
        key: key.clone(),
        status: workflow::FIRST,
        fields,
        properties,
        comments: Vec::new(),
        history: Vec::new(),
        found_from: lag,
    });
    Ok(key)
}

/// The key of the project, and all fields as Jira will tell them; or what is wrong with each.
fn read(site: &Site, given: &Map<String, Value>) -> Result<(&'static str, Map<String, Value>), Refusal> {
    let mut fields = blank();
    let mut errors = Map::new();
    for (name, message) in REQUIRED {
        if !given.contains_key(name) {
            errors.insert(name.to_owned(), message.into());
        }
    }
    for (name, value) in given {
        match field(site, name, value) {
            Ok(value) => drop(fields.insert(name.clone(), value)),
            Err(message) => drop(errors.insert(name.clone(), message.into())),
        }
    }
    let key = given.get("project").and_then(named_project).map(|(key, _)| key);
    match key {
        Some(key) if errors.is_empty() => Ok((key, fields)),
        _ => Err(Refusal::fields(errors)),
    }
}

/// Every field that an issue has, before anything is said of it.
fn blank() -> Map<String, Value> {
    let known = [
        ("priority", json!({"name": "Medium", "id": "3"})),
        ("labels", json!([])),
        ("reporter", json!(site::person(ROBOT))),
    ];
    let empty = [
        "assignee",
        "description",
        "environment",
        "duedate",
        "parent",
        "resolution",
        "customfield_10016",
        "customfield_10020",
    ];
    let empty = empty.iter().map(|name| (*name, Value::Null));
    known
        .into_iter()
        .chain(empty)
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn named_project(value: &Value) -> Option<(&'static str, Value)> {
    site::project(value.get("key").or(value.get("id"))?.as_str()?)
}

/// One field as Jira will tell it, or what is wrong with it.
fn field(site: &Site, name: &str, value: &Value) -> Result<Value, String> {
    let fault = |message: &str| Err(message.to_owned());
    match name {
        "project" => named_project(value)
            .map(|(_, project)| project)
            .ok_or_else(|| "valid project is required".to_owned()),
        "issuetype" => site::named(&TYPES, value).ok_or_else(|| "Specify a valid issue type".to_owned()),
        "priority" => site::named(&PRIORITIES, value).ok_or_else(|| "The priority selected is invalid.".to_owned()),
        "summary" => summary(value),
        "description" | "environment" => match value {
            Value::Null => Ok(Value::Null),
            value if document::is_document(value) => Ok(value.clone()),
            _ => fault("Operation value must be an Atlassian Document (see the Atlassian Document Format)"),
        },
        "labels" => labels(value),
        "assignee" | "reporter" => {
            let account = value.get("id").or(value.get("accountId")).and_then(Value::as_str);
            account
                .and_then(site::person)
                .ok_or_else(|| "User does not exist or cannot be assigned.".to_owned())
        }
        "parent" => {
            let parent = value.get("key").or(value.get("id")).and_then(Value::as_str);
            let parent = parent.and_then(|name| site.issue(name).ok());
            let told = |parent: &Issue| json!({"id": parent.id, "key": parent.key, "fields": {"summary": parent.field("summary")}});
            parent
                .map(told)
                .ok_or_else(|| "Could not find issue by id or key.".to_owned())
        }
        "duedate" => match value.as_str().and_then(|day| day.parse::<jiff::civil::Date>().ok()) {
            Some(_) => Ok(value.clone()),
            None => fault("Error parsing date string: it must be of the form yyyy-MM-dd"),
        },
        "customfield_10016" if value.is_number() => Ok(value.clone()),
        "customfield_10016" => fault("Operation value must be a number"),
        "customfield_10020" if value.get("value").is_some_and(Value::is_string) => Ok(value.clone()),
        "customfield_10020" => fault("Specify a valid 'id' or 'name' for Colour"),
        name => Err(format!(
            "Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        )),
    }
}

fn summary(value: &Value) -> Result<Value, String> {
    match value.as_str() {
        None => Err("Operation value must be a string".to_owned()),
        Some(text) if text.trim().is_empty() => Err("You must specify a summary of the issue.".to_owned()),
        Some(text) if text.contains(['\n', '\r']) => {
            Err("The summary is invalid because it contains newline characters.".to_owned())
        }
        Some(text) if text.chars().count() > 255 => Err("Summary must be less than 255 characters.".to_owned()),
        Some(text) => Ok(text.into()),
    }
}

fn labels(value: &Value) -> Result<Value, String> {
    let labels = value.as_array().ok_or_else(|| "data was not an array".to_owned())?;
    for label in labels {
        match label.as_str() {
            None => return Err("string expected at index 0".to_owned()),
            Some(label) if label.contains(' ') => {
                return Err(format!("The label '{label}' contains spaces which is invalid."));
            }
            Some(_) => {}
        }
    }
    Ok(value.clone())
}
