//! Finds, reads, creates, comments and moves issues of Jira Cloud.

mod adf;
mod check;
mod client;
mod create;
mod get;
mod issue;
mod mark;
mod remark;
mod search;
mod transition;

use exports::skillhost::jira::issues::{Created, Field, Found, Guest, NewIssue, ReadIssue, Remark, Step};
use skillhost_sdk::ToolError;

skillhost_sdk::bindings!("jira");

struct Jira;

export!(Jira);

impl Guest for Jira {
    fn search(
        jql: String,
        limit: Option<u32>,
        fields: Option<Vec<String>>,
        page_token: Option<String>,
    ) -> Result<Found, ToolError> {
        search::search(&jql, limit, fields, page_token)
    }

    fn get(key: String, fields: Option<Vec<String>>, comments: Option<u32>) -> Result<ReadIssue, ToolError> {
        get::get(&key, fields, comments)
    }

    fn create(issue: NewIssue) -> Result<Created, ToolError> {
        create::create(issue)
    }

    fn comment(key: String, body: String) -> Result<Remark, ToolError> {
        remark::comment(&key, &body)
    }

    fn transition(key: String, to: String, fields: Option<Vec<Field>>) -> Result<Step, ToolError> {
        transition::transition(&key, &to, fields)
    }
}

#[cfg(test)]
mod tests;
