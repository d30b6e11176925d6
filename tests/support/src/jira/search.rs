//! Searches, page by page.

use serde_json::{Value, json};

use super::issue::Fields;
use super::jql::Query;
use super::refusal::Refusal;
use super::site::Site;

/// As many issues are on one page, whatever was asked.
const PAGE: usize = 100;

/// A search that is asked for.
pub(super) struct Asked {
    pub(super) jql: String,
    pub(super) token: Option<String>,
    pub(super) most: usize,
    pub(super) fields: Vec<String>,
    pub(super) properties: Vec<String>,
    /// Ids of issues that must not be missing.
    pub(super) reconciled: Vec<String>,
}

/// What a token stands for: the search that it goes on with, and the issues that are left.
pub(super) struct Rest {
    jql: String,
    ids: Vec<String>,
}

/// Answers a page.
pub(super) fn search(site: &mut Site, asked: &Asked) -> Result<Value, Refusal> {
    if asked.most == 0 {
        return Err(Refusal::bad("The maxResults parameter must be a positive number."));
    }
    let mut left = match &asked.token {
        Some(token) => rest(site, token, &asked.jql)?,
        None => first(site, asked)?,
    };
    let after = left.split_off(left.len().min(asked.most.min(PAGE)));
    let told: Vec<_> = left.iter().filter_map(|id| tell(site, id, asked)).collect();
    if after.is_empty() {
        return Ok(json!({"issues": told, "isLast": true}));
    }
    // The real token says nothing to anybody either.
    let token = format!("Ch0jU3RyaW5nJlIwUQ{}", site.count());
    let rest = Rest {
        jql: asked.jql.clone(),
        ids: after,
    };
    site.pages.insert(token.clone(), rest);
    Ok(json!({"issues": told, "nextPageToken": token, "isLast": false}))
}

/// The first page of a search is what goes into its count.
fn first(site: &mut Site, asked: &Asked) -> Result<Vec<String>, Refusal> {
    let query = Query::read(&asked.jql, site)?;
    site.searches += 1;
    let searches = site.searches;
    for issue in site
        .issues
        .iter_mut()
        .filter(|issue| asked.reconciled.contains(&issue.id))
    {
        issue.found_from = issue.found_from.min(searches);
    }
    Ok(query.run(site).iter().map(|issue| issue.id.clone()).collect())
}

/// A token is of one search, and can be used again.
fn rest(site: &Site, token: &str, jql: &str) -> Result<Vec<String>, Refusal> {
    let rest = site.pages.get(token).filter(|rest| rest.jql == jql);
    let rest = rest.ok_or_else(|| Refusal::bad("The provided next page token is invalid or expired."))?;
    Ok(rest.ids.clone())
}

/// Where no fields are named, an issue is no more than its id.
fn tell(site: &Site, id: &str, asked: &Asked) -> Option<Value> {
    let issue = site.issue(id).ok()?;
    if asked.fields.is_empty() || asked.fields == ["id"] {
        return Some(json!({"id": issue.id}));
    }
    Some(issue.told(&Fields::read(&asked.fields), &asked.properties))
}
