//! What is said about an issue.

use serde::Deserialize;
use serde_json::{Value, json};
use skillhost_sdk::ToolError;
use skillhost_sdk::http::{self, Method};

use crate::exports::skillhost::jira::issues::Remark;
use crate::issue::{person, readable};
use crate::{adf, check, client, mark};

/// A comment in an answer of Jira's.
#[derive(Deserialize)]
pub(crate) struct Said {
    id: String,
    #[serde(default)]
    author: Value,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    body: Value,
    #[serde(default)]
    properties: Vec<Value>,
}

impl From<Said> for Remark {
    fn from(said: Said) -> Self {
        Self {
            id: said.id,
            author: person(Some(&said.author)),
            created: said.created,
            body: readable(&said.body).unwrap_or_default(),
            run: mark::run_of_list(&said.properties),
        }
    }
}

/// Adds a comment.
///
/// # Errors
/// Arguments that cannot be meant, or what Jira said.
pub(crate) fn comment(key: &str, body: &str) -> Result<Remark, ToolError> {
    let key = check::filled("key", key)?;
    let document = adf::document(check::filled("body", body)?).map_err(|error| error.detail("field", "body"))?;
    let body = json!({"body": document, "properties": mark::made()});
    let request = http::json(Method::POST, client::uri(&["issue", key, "comment"], &[])?, &body)?;
    let said: Said = client::written(&client::write(request)?)?;
    Ok(said.into())
}
