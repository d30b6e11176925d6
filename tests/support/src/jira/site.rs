//! A site: its projects, its people, and what was created.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::clock::Clock;
use super::issue::Issue;
use super::refusal::Refusal;
use super::search::Rest;
use super::{EMAIL, EMMA, MIA, ROBOT};

/// The address that a site has for itself; clients come by another.
pub(super) const BASE: &str = "https://acme.atlassian.net";

/// Projects: key, id and name.
const PROJECTS: [(&str, &str, &str); 2] = [("ED", "10000", "Example"), ("OPS", "10001", "Operations")];

/// Types of issues: name and id.
pub(super) const TYPES: [(&str, &str); 4] = [
    ("Task", "10001"),
    ("Bug", "10002"),
    ("Story", "10003"),
    ("Epic", "10004"),
];

/// Priorities from high to low: name and id.
pub(super) const PRIORITIES: [(&str, &str); 5] = [
    ("Highest", "1"),
    ("High", "2"),
    ("Medium", "3"),
    ("Low", "4"),
    ("Lowest", "5"),
];

const PEOPLE: [(&str, &str, &str); 3] = [
    (ROBOT, "Robot", EMAIL),
    (MIA, "Mia Krystof", "mia@acme.example"),
    (EMMA, "Emma Richards", "emma@acme.example"),
];

pub(super) struct Site {
    pub(super) clock: Clock,
    pub(super) issues: Vec<Issue>,
    /// What is left of searches, by the token that asks for it.
    pub(super) pages: BTreeMap<String, Rest>,
    /// From how many searches a new issue is missing.
    pub(super) lag: usize,
    /// How many searches there were.
    pub(super) searches: usize,
    /// The last number given to a page or a comment.
    counted: usize,
}

impl Site {
    pub(super) fn new() -> Self {
        Self {
            clock: Clock::new(),
            issues: Vec::new(),
            pages: BTreeMap::new(),
            lag: 0,
            searches: 0,
            counted: 10_000,
        }
    }

    /// Every issue, as a test reads it.
    pub(super) fn whole(&self) -> Vec<Value> {
        self.issues.iter().map(|issue| issue.whole(self)).collect()
    }

    /// A number that was given to nothing else.
    pub(super) fn count(&mut self) -> usize {
        self.counted += 1;
        self.counted
    }

    /// An issue by its key, in capitals or not, or by its id.
    pub(super) fn issue(&self, name: &str) -> Result<&Issue, Refusal> {
        self.issues
            .iter()
            .find(|issue| issue.is(name))
            .ok_or_else(Refusal::no_issue)
    }

    pub(super) fn issue_mut(&mut self, name: &str) -> Result<&mut Issue, Refusal> {
        self.issues
            .iter_mut()
            .find(|issue| issue.is(name))
            .ok_or_else(Refusal::no_issue)
    }
}

/// What a site says of itself, by which clients tell it from Jira on a server of one's own.
pub(super) fn about() -> Value {
    json!({
        "baseUrl": BASE, "version": "1001.0.0-SNAPSHOT", "versionNumbers": [1001, 0, 0], "deploymentType": "Cloud",
        "buildNumber": 100_285, "serverTitle": "Jira",
    })
}

/// A project by its key or its id: the key, and how it is told.
pub(super) fn project(name: &str) -> Option<(&'static str, Value)> {
    let (key, id, title) = PROJECTS.iter().find(|(key, id, _)| *key == name || *id == name)?;
    Some((
        key,
        json!({"self": format!("{BASE}/rest/api/3/project/{id}"), "id": id, "key": key, "name": title}),
    ))
}

/// Something with a name and an id, as Jira tells it.
pub(super) fn named(list: &[(&str, &str)], given: &Value) -> Option<Value> {
    let by = |key: &str, part: fn(&(&str, &str)) -> String| {
        let given = given.get(key)?.as_str()?;
        list.iter().find(|entry| part(entry) == given)
    };
    let (name, id) = by("name", |entry| entry.0.to_owned()).or_else(|| by("id", |entry| entry.1.to_owned()))?;
    Some(json!({"name": name, "id": id}))
}

/// An account as Jira tells it.
pub(super) fn person(account: &str) -> Option<Value> {
    let (id, name, email) = PEOPLE.iter().find(|(id, _, _)| *id == account)?;
    Some(json!({
        "self": format!("{BASE}/rest/api/3/user?accountId={id}"), "accountId": id, "accountType": "atlassian",
        "active": true, "displayName": name, "emailAddress": email,
    }))
}
