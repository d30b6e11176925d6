//! Comments.

use serde_json::{Map, Value, json};

use super::document;
use super::issue::{self, Issue};
use super::refusal::Refusal;
use super::site::{self, BASE, Site};
use super::{ROBOT, clock};

pub(super) struct Comment {
    id: String,
    author: &'static str,
    body: Value,
    created: String,
    properties: Map<String, Value>,
}

impl Comment {
    /// What is said, for searches.
    pub(super) fn words(&self) -> String {
        document::words(&self.body)
    }

    pub(super) fn told(&self, issue: &Issue, properties: bool) -> Value {
        let author = site::person(self.author);
        let mut told = json!({
            "self": format!("{BASE}/rest/api/3/issue/{}/comment/{}", issue.id, self.id), "id": self.id,
            "author": author, "body": self.body, "updateAuthor": author, "created": self.created,
            "updated": self.created, "jsdPublic": true,
        });
        if let Some(told) = told.as_object_mut().filter(|_| properties) {
            let pair = |(key, value): (&String, &Value)| json!({"key": key, "value": value});
            let list: Vec<_> = self.properties.iter().map(pair).collect();
            told.insert("properties".to_owned(), list.into());
        }
        told
    }
}

/// Adds a comment to an issue.
pub(super) fn add(site: &mut Site, name: &str, body: &Value) -> Result<Value, Refusal> {
    site.issue(name)?;
    let said = match body.get("body") {
        None | Some(Value::Null) => return Err(Refusal::field("comment", "Comment body can not be empty!")),
        Some(said) if document::is_document(said) => said.clone(),
        Some(_) => return Err(Refusal::field("comment", "Comment body is not valid!")),
    };
    let properties = issue::properties(body)?;
    let comment = Comment {
        id: site.count().to_string(),
        author: ROBOT,
        body: said,
        created: clock::written(site.clock.tick()),
        properties,
    };
    let issue = site.issue_mut(name)?;
    let told = comment.told(issue, false);
    issue
        .fields
        .insert("updated".to_owned(), comment.created.clone().into());
    issue.comments.push(comment);
    Ok(told)
}

/// One page of the comments of an issue.
pub(super) fn list(site: &Site, name: &str, asked: &Asked) -> Result<Value, Refusal> {
    let issue = site.issue(name)?;
    let mut comments: Vec<_> = issue.comments.iter().collect();
    match asked.order.as_str() {
        "" | "created" | "+created" => {}
        "-created" => comments.reverse(),
        other => return Err(Refusal::bad(format!("The order '{other}' is not supported."))),
    }
    let page = comments.iter().skip(asked.start).take(asked.most);
    let page: Vec<_> = page.map(|comment| comment.told(issue, asked.properties)).collect();
    Ok(json!({"startAt": asked.start, "maxResults": asked.most, "total": comments.len(), "comments": page}))
}

/// Which comments are asked for.
pub(super) struct Asked {
    pub(super) start: usize,
    pub(super) most: usize,
    pub(super) order: String,
    pub(super) properties: bool,
}
