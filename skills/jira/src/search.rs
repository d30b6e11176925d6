//! Issues found by JQL, page by page.

use serde::{Deserialize, Serialize};
use skillhost_sdk::ToolError;
use skillhost_sdk::http::{self, Method};

use crate::exports::skillhost::jira::issues::Found;
use crate::issue::{self, Told};
use crate::{check, client, mark};

/// What one page holds; Jira may give fewer, where they are large.
const PAGE: usize = 100;

/// How often Jira is asked for one answer.
const PAGES: usize = 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Query<'a> {
    jql: &'a str,
    fields: &'a [String],
    max_results: usize,
    properties: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    issues: Vec<Told>,
    #[serde(default)]
    next_page_token: Option<String>,
    #[serde(default)]
    is_last: bool,
}

/// Reads pages until there are enough issues, or no more.
///
/// # Errors
/// Arguments that cannot be meant, or what Jira said.
pub(crate) fn search(
    jql: &str,
    limit: Option<u32>,
    fields: Option<Vec<String>>,
    token: Option<String>,
) -> Result<Found, ToolError> {
    let jql = check::filled("jql", jql)?;
    let limit = check::count("limit", limit, 1, 500, 50)? as usize;
    let fields = check::fields(fields, issue::SHORT)?;
    let mut found = Found {
        issues: Vec::new(),
        next_page_token: token,
    };
    for _ in 0..PAGES {
        let page = ask(&Query {
            jql,
            fields: &fields,
            max_results: limit.saturating_sub(found.issues.len()).min(PAGE),
            properties: [mark::MADE],
            next_page_token: found.next_page_token.as_deref(),
        })?;
        found.issues.extend(page.issues.into_iter().map(Into::into));
        let next = page.next_page_token.filter(|_| !page.is_last);
        let stuck = next.is_some() && next == found.next_page_token;
        found.next_page_token = next;
        if stuck {
            return Err(ToolError::upstream(
                "Jira's pages go round in a circle: search for less.",
            ));
        }
        if found.next_page_token.is_none() || found.issues.len() >= limit {
            break;
        }
    }
    Ok(found)
}

fn ask(query: &Query<'_>) -> Result<Page, ToolError> {
    client::read(http::json(Method::POST, client::uri(&["search", "jql"], &[])?, query)?)
}
