//! A new issue.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use skillhost_sdk::ToolError;
use skillhost_sdk::http::{self, Method};

use crate::exports::skillhost::jira::issues::{Created, NewIssue};
use crate::{adf, check, client, mark};

#[derive(Deserialize)]
struct Made {
    key: String,
    id: String,
}

/// Creates an issue.
///
/// # Errors
/// Arguments that cannot be meant, or what Jira said.
pub(crate) fn create(issue: NewIssue) -> Result<Created, ToolError> {
    let body = json!({"fields": fields(issue)?, "properties": mark::made()});
    let request = http::json(Method::POST, client::uri(&["issue"], &[])?, &body)?;
    let Made { key, id } = client::written(&client::write(request)?)?;
    Ok(Created { key, id })
}

fn fields(issue: NewIssue) -> Result<Map<String, Value>, ToolError> {
    let mut fields = Map::new();
    fields.insert(
        "project".to_owned(),
        json!({"key": check::line("project", &issue.project, 255)?}),
    );
    fields.insert(
        "issuetype".to_owned(),
        json!({"name": check::line("issue-type", &issue.issue_type, 255)?}),
    );
    fields.insert(
        "summary".to_owned(),
        json!(check::line("summary", &issue.summary, 255)?),
    );
    if let Some(description) = issue.description {
        let document = adf::document(&description).map_err(|error| error.detail("field", "description"))?;
        fields.insert("description".to_owned(), document);
    }
    if let Some(priority) = issue.priority {
        fields.insert(
            "priority".to_owned(),
            json!({"name": check::line("priority", &priority, 255)?}),
        );
    }
    if let Some(labels) = issue.labels {
        check::labels(&labels)?;
        fields.insert("labels".to_owned(), json!(labels));
    }
    if let Some(assignee) = issue.assignee {
        fields.insert(
            "assignee".to_owned(),
            json!({"id": check::line("assignee", &assignee, 128)?}),
        );
    }
    if let Some(parent) = issue.parent {
        fields.insert(
            "parent".to_owned(),
            json!({"key": check::line("parent", &parent, 255)?}),
        );
    }
    check::add(&mut fields, issue.fields.unwrap_or_default())?;
    Ok(fields)
}
