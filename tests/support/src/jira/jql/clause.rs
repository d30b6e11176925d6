//! One clause: a field, an operator, and what it is compared with.

use super::super::comment::Comment;
use super::super::issue::Issue;
use super::super::refusal::Refusal;
use super::super::site::{self, PRIORITIES, Site, TYPES};
use super::super::{ROBOT, clock, document};
use super::text;
use jiff::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Is,
    IsNot,
    Contains,
    ContainsNot,
    Before,
    Until,
    After,
    From,
    In,
    NotIn,
    Empty,
    NotEmpty,
}

impl Operator {
    pub(super) fn of(sign: &str) -> Option<Self> {
        Some(match sign {
            "=" => Self::Is,
            "!=" => Self::IsNot,
            "~" => Self::Contains,
            "!~" => Self::ContainsNot,
            "<" => Self::Before,
            "<=" => Self::Until,
            ">" => Self::After,
            ">=" => Self::From,
            _ => return None,
        })
    }
}

pub(in super::super) struct Clause {
    field: String,
    operator: Operator,
    values: Vec<String>,
}

/// The name of a field inside of an issue, by the name that JQL has for it.
pub(super) fn known(name: &str) -> Result<&'static str, Refusal> {
    Ok(match name {
        "project" => "project",
        "key" | "issuekey" | "id" | "issue" => "key",
        "status" => "status",
        "statuscategory" => "statusCategory",
        "issuetype" | "type" => "issuetype",
        "priority" => "priority",
        "summary" => "summary",
        "description" => "description",
        "text" => "text",
        "labels" => "labels",
        "assignee" => "assignee",
        "reporter" => "reporter",
        "resolution" => "resolution",
        "parent" => "parent",
        "created" => "created",
        "updated" => "updated",
        "duedate" | "due" => "duedate",
        name => {
            return Err(Refusal::bad(format!(
                "Field '{name}' does not exist or you do not have permission to view it."
            )));
        }
    })
}

impl Clause {
    pub(super) fn new(field: &str, operator: Operator, values: Vec<String>) -> Self {
        Self {
            field: field.to_lowercase(),
            operator,
            values,
        }
    }

    /// Whether the field is there, takes the operator, and has such values.
    pub(super) fn check(&self, site: &Site) -> Result<(), Refusal> {
        let field = known(&self.field)?;
        let words = matches!(self.operator, Operator::Contains | Operator::ContainsNot);
        if words != matches!(field, "summary" | "description" | "text") && !self.asks_for_nothing() {
            return Err(Refusal::bad(format!(
                "The operator is not supported by the '{}' field.",
                self.field
            )));
        }
        for value in self.values.iter().filter(|_| !words) {
            if !has(field, value, site) {
                let message = format!("The value '{value}' does not exist for the field '{}'.", self.field);
                return Err(Refusal::bad(message));
            }
        }
        Ok(())
    }

    const fn asks_for_nothing(&self) -> bool {
        matches!(self.operator, Operator::Empty | Operator::NotEmpty)
    }

    pub(super) fn fits(&self, issue: &Issue, site: &Site) -> bool {
        let Ok(field) = known(&self.field) else {
            return false;
        };
        let found = values(issue, field);
        let is = |value: &String| found.iter().any(|found| found.eq_ignore_ascii_case(&meant(value)));
        let contains = |value: &String| {
            let found = found.join(" ").to_lowercase();
            value
                .to_lowercase()
                .split_whitespace()
                .all(|word| found.contains(word.trim_end_matches('*')))
        };
        let time = |compare: fn(&Timestamp, &Timestamp) -> bool| {
            let time = |text: &String| clock::named(text, site.clock.now());
            let pair = self
                .values
                .first()
                .and_then(time)
                .zip(found.first().and_then(|found| found.parse().ok()));
            pair.is_some_and(|(limit, found)| compare(&found, &limit))
        };
        match self.operator {
            Operator::Is | Operator::In => self.values.iter().any(is),
            Operator::IsNot | Operator::NotIn => !found.is_empty() && !self.values.iter().any(is),
            Operator::Contains => self.values.iter().all(contains),
            Operator::ContainsNot => !self.values.iter().any(contains),
            Operator::Empty => found.is_empty(),
            Operator::NotEmpty => !found.is_empty(),
            Operator::Before => time(Timestamp::lt),
            Operator::Until => time(Timestamp::le),
            Operator::After => time(Timestamp::gt),
            Operator::From => time(Timestamp::ge),
        }
    }
}

/// What a function stands for.
fn meant(value: &str) -> String {
    match value {
        "currentUser()" => ROBOT.to_owned(),
        value => value.to_owned(),
    }
}

/// Whether a field can have this value.
fn has(field: &str, value: &str, site: &Site) -> bool {
    let among = |list: &[(&str, &str)]| {
        list.iter()
            .any(|(name, id)| name.eq_ignore_ascii_case(value) || *id == value)
    };
    match field {
        "project" => site::project(&value.to_uppercase()).is_some(),
        "issuetype" => among(&TYPES),
        "priority" => among(&PRIORITIES),
        "status" => among(&[("To Do", "10000"), ("In Progress", "3"), ("Done", "10001")]),
        "statusCategory" => among(&[("new", ""), ("indeterminate", ""), ("done", "")]),
        "assignee" | "reporter" => site::person(&meant(value)).is_some(),
        "key" | "parent" => site.issue(value).is_ok(),
        "created" | "updated" | "duedate" => clock::named(value, site.clock.now()).is_some(),
        _ => true,
    }
}

/// What a field of an issue is compared by.
fn values(issue: &Issue, field: &str) -> Vec<String> {
    let told = issue.field(field).unwrap_or_default();
    let parts = |keys: &[&str]| keys.iter().filter_map(|key| told.get(*key)).map(text).collect();
    match field {
        "key" => vec![issue.key.clone(), issue.id.clone()],
        "project" => parts(&["key", "id", "name"]),
        "status" | "issuetype" | "priority" | "resolution" => parts(&["name", "id"]),
        "statusCategory" => vec![issue.status.2.to_owned()],
        "assignee" | "reporter" => parts(&["accountId"]),
        "parent" => parts(&["key", "id"]),
        "labels" => told.as_array().into_iter().flatten().map(text).collect(),
        "description" => vec![document::words(&told)],
        "text" => vec![words(issue)],
        "created" | "updated" => vec![text(&told).replace("+0000", "Z")],
        "duedate" if told.is_null() => Vec::new(),
        "duedate" => vec![format!("{}T00:00:00Z", text(&told))],
        _ => vec![text(&told)],
    }
}

fn words(issue: &Issue) -> String {
    let field = |name: &str| issue.field(name).unwrap_or_default();
    let documents = [field("description"), field("environment")];
    let said = issue.comments.iter().map(Comment::words);
    let texts = documents.iter().map(document::words).chain(said);
    texts.fold(text(&field("summary")), |all, next| format!("{all} {next}"))
}

/// What a field is sorted by.
pub(super) fn rank(issue: &Issue, name: &str) -> String {
    match known(name) {
        Ok("key") => format!(
            "{:>10}{:>10}",
            issue.key.split('-').next().unwrap_or_default(),
            issue.id
        ),
        // The highest has the lowest id.
        Ok("priority") => {
            let id = issue
                .field("priority")
                .and_then(|priority| priority.get("id")?.as_str()?.parse::<u8>().ok());
            format!("{:>3}", id.map_or(0, |id| 9 - id))
        }
        Ok(field) => values(issue, field).join(" "),
        Err(_) => String::new(),
    }
}
