//! An issue: its fields as Jira tells them, and what hangs on it.

use serde_json::{Map, Value, json};

use super::clock;
use super::comment::Comment;
use super::refusal::Refusal;
use super::site::{self, BASE, Site};
use super::workflow::{self, Status};

pub(super) struct Issue {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) status: Status,
    /// All but the status.
    pub(super) fields: Map<String, Value>,
    pub(super) properties: Map<String, Value>,
    pub(super) comments: Vec<Comment>,
    /// The steps that it took, with what the requests said of their history.
    pub(super) history: Vec<Value>,
    /// From this search on, it is found.
    pub(super) found_from: usize,
}

impl Issue {
    /// Whether this is its key, in capitals or not, or its id.
    pub(super) fn is(&self, name: &str) -> bool {
        self.id == name || self.key.eq_ignore_ascii_case(name)
    }

    /// One field, as Jira tells it.
    pub(super) fn field(&self, name: &str) -> Option<Value> {
        match name {
            "status" => Some(workflow::told(self.status)),
            name => self.fields.get(name).cloned(),
        }
    }

    /// As a request sees it, with these fields and properties.
    pub(super) fn told(&self, fields: &Fields, properties: &[String]) -> Value {
        let mut told = json!({
            "expand": "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations",
            "id": self.id, "self": format!("{BASE}/rest/api/3/issue/{}", self.id), "key": self.key,
        });
        if let Some(told) = told.as_object_mut() {
            told.insert("fields".to_owned(), fields.of(self).into());
            let asked = self.properties.iter().filter(|(key, _)| properties.contains(key));
            let asked: Map<_, _> = asked.map(|(key, value)| (key.clone(), value.clone())).collect();
            if !properties.is_empty() {
                told.insert("properties".to_owned(), asked.into());
            }
        }
        told
    }

    /// As a test reads it: everything.
    pub(super) fn whole(&self, site: &Site) -> Value {
        let all = Fields::read(&["*all".to_owned()]);
        let comments = self.comments.iter().map(|comment| comment.told(self, true));
        json!({
            "key": self.key, "fields": all.of(self), "properties": self.properties, "history": self.history,
            "comments": comments.collect::<Vec<_>>(), "found": self.found_from <= site.searches,
        })
    }

    /// Takes a step.
    pub(super) fn step(&mut self, body: &Value, by: &str, time: jiff::Timestamp) -> Result<(), Refusal> {
        let (step, resolution) = workflow::choose(self.status, body)?;
        let properties = properties(body)?;
        self.status = step.to;
        self.fields.insert(
            "resolution".to_owned(),
            json!(resolution.map(|name| json!({"name": name}))),
        );
        self.fields.insert("updated".to_owned(), clock::written(time).into());
        self.properties.extend(properties);
        self.history.push(json!({
            "author": site::person(by), "to": step.to.0, "historyMetadata": body.get("historyMetadata"),
        }));
        Ok(())
    }
}

/// The properties that a request sets: a list of keys and values.
pub(super) fn properties(body: &Value) -> Result<Map<String, Value>, Refusal> {
    let given = match body.get("properties") {
        None => return Ok(Map::new()),
        Some(given) => given.as_array().ok_or_else(Refusal::body_invalid)?,
    };
    let pair = |property: &Value| {
        let key = property
            .get("key")?
            .as_str()
            .filter(|key| (1..=255).contains(&key.len()))?;
        Some((key.to_owned(), property.get("value")?.clone()))
    };
    given
        .iter()
        .map(pair)
        .collect::<Option<_>>()
        .ok_or_else(Refusal::body_invalid)
}

/// Which fields a request asks for.
pub(super) struct Fields {
    all: bool,
    named: Vec<String>,
    without: Vec<String>,
}

impl Fields {
    /// Reads names, `*all`, `*navigable`, and what is taken off with `-name`. An unknown name is no fault.
    pub(super) fn read(names: &[String]) -> Self {
        let (without, named): (Vec<_>, Vec<_>) = names.iter().cloned().partition(|name| name.starts_with('-'));
        Self {
            all: named.iter().any(|name| name == "*all" || name == "*navigable"),
            named,
            without: without
                .iter()
                .map(|name| name.trim_start_matches('-').to_owned())
                .collect(),
        }
    }

    fn of(&self, issue: &Issue) -> Map<String, Value> {
        let names = issue.fields.keys().map(String::as_str).chain(["status"]);
        let asked = names.filter(|name| {
            let is_named = self.all || self.named.iter().any(|named| named == name);
            is_named && !self.without.iter().any(|without| without == name)
        });
        asked
            .filter_map(|name| Some((name.to_owned(), issue.field(name)?)))
            .collect()
    }
}
