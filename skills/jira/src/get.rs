//! One issue, and what was said about it.

use serde::Deserialize;
use skillhost_sdk::{ToolError, http};

use crate::exports::skillhost::jira::issues::{ReadIssue, Remark};
use crate::issue::{self, Told};
use crate::remark::Said;
use crate::{check, client, mark};

/// Reads an issue, and its newest comments where some are asked for.
///
/// # Errors
/// Arguments that cannot be meant, or what Jira said.
pub(crate) fn get(key: &str, fields: Option<Vec<String>>, comments: Option<u32>) -> Result<ReadIssue, ToolError> {
    let key = check::filled("key", key)?;
    let comments = check::count("comments", comments, 0, 100, 0)?;
    let fields = check::fields(fields, issue::LONG)?.join(",");
    let uri = client::uri(&["issue", key], &[("fields", &fields), ("properties", mark::MADE)])?;
    let told: Told = client::read(http::get(uri))?;
    Ok(ReadIssue {
        issue: told.into(),
        comments: if comments == 0 {
            Vec::new()
        } else {
            newest(key, comments)?
        },
    })
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    comments: Vec<Said>,
}

fn newest(key: &str, count: u32) -> Result<Vec<Remark>, ToolError> {
    let count = count.to_string();
    let query = [
        ("orderBy", "-created"),
        ("maxResults", &count),
        ("expand", "properties"),
    ];
    let page: Page = client::read(http::get(client::uri(&["issue", key, "comment"], &query)?))?;
    Ok(page.comments.into_iter().map(Into::into).collect())
}
