//! Which resource answers what.

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri, header};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::issue::Fields;
use super::jql::Query;
use super::refusal::Refusal;
use super::site::{self, Site};
use super::{ROBOT, comment, create, search, workflow};

/// A request that was understood as far as HTTP goes.
pub(super) struct Asked {
    method: String,
    /// Below the API's root, decoded.
    path: Vec<String>,
    query: Vec<(String, String)>,
    body: Value,
}

/// A status and a body; no body where it is null.
pub(super) type Answered = Result<(u16, Value), Refusal>;

impl Asked {
    pub(super) fn read(method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<Self, Refusal> {
        let parts: Vec<_> = uri.path().split('/').skip(1).collect();
        let path = match parts.as_slice() {
            ["rest", "api", "3", path @ ..] | ["ex", "jira", _, "rest", "api", "3", path @ ..] => path,
            _ => return Err(Refusal::new(404, "Not found")),
        };
        let decode = |part: &&str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        Ok(Self {
            method: method.to_string(),
            path: path.iter().map(decode).collect(),
            query: form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
            body: if method == Method::GET {
                Value::Null
            } else {
                content(headers, body)?
            },
        })
    }

    pub(super) fn answer(&self, site: &mut Site) -> Answered {
        let path: Vec<_> = self.path.iter().map(String::as_str).collect();
        match (self.method.as_str(), path.as_slice()) {
            ("GET", ["myself"]) => Ok((200, json!(site::person(ROBOT)))),
            ("GET", ["field"]) => Ok((200, create::fields())),
            ("GET", ["serverInfo"]) => Ok((200, site::about())),
            ("POST", ["search", "approximate-count"]) => {
                let query = Query::read(self.search()?.jql.as_str(), site)?;
                Ok((200, json!({"count": query.run(site).len()})))
            }
            ("GET" | "POST", ["search", "jql"]) => Ok((200, search::search(site, &self.search()?)?)),
            (_, ["search"]) => Err(Refusal::new(
                410,
                "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.",
            )),
            ("POST", ["issue"]) => self.create(site),
            ("GET", ["issue", key]) => {
                let fields = Some(self.list("fields")).filter(|fields| !fields.is_empty());
                let fields = Fields::read(&fields.unwrap_or_else(|| vec!["*all".to_owned()]));
                Ok((200, site.issue(key)?.told(&fields, &self.list("properties"))))
            }
            ("GET", ["issue", key, "properties", name]) => match site.issue(key)?.properties.get(*name) {
                Some(value) => Ok((200, json!({"key": name, "value": value}))),
                None => Err(Refusal::new(404, format!("The property {name} does not exist."))),
            },
            ("GET", ["issue", key, "comment"]) => Ok((200, comment::list(site, key, &self.comments()?)?)),
            ("POST", ["issue", key, "comment"]) => Ok((201, comment::add(site, key, &self.body)?)),
            ("GET", ["issue", key, "transitions"]) => Ok((200, workflow::list(site.issue(key)?.status))),
            ("POST", ["issue", key, "transitions"]) => self.step(site, key),
            (_, ["myself"] | ["issue", ..]) => Err(Refusal::new(405, "Method Not Allowed")),
            _ => Err(Refusal::new(404, "Not found")),
        }
    }

    fn create(&self, site: &mut Site) -> Answered {
        let key = create::create(site, &self.body)?;
        let id = &site.issue(&key)?.id;
        Ok((
            201,
            json!({"id": id, "key": key, "self": format!("{}/rest/api/3/issue/{id}", site::BASE)}),
        ))
    }

    fn step(&self, site: &mut Site, key: &str) -> Answered {
        let time = site.clock.now();
        site.issue_mut(key)?.step(&self.body, ROBOT, time)?;
        site.clock.tick();
        Ok((204, Value::Null))
    }

    /// A search, from a body or from a query.
    fn search(&self) -> Result<search::Asked, Refusal> {
        let (body, most) = if self.method == "GET" {
            (
                json!({"jql": self.one("jql"), "nextPageToken": self.one("nextPageToken")}),
                self.number("maxResults", 50)?,
            )
        } else {
            let most = self
                .body
                .get("maxResults")
                .map(|most| most.as_u64().ok_or_else(Refusal::body_invalid));
            (
                self.body.clone(),
                usize::try_from(most.transpose()?.unwrap_or(50)).unwrap_or(usize::MAX),
            )
        };
        let list = |name: &str| {
            if self.method == "GET" {
                Ok(self.list(name))
            } else {
                texts(&body, name)
            }
        };
        Ok(search::Asked {
            jql: body.get("jql").and_then(Value::as_str).unwrap_or_default().to_owned(),
            token: body.get("nextPageToken").and_then(Value::as_str).map(str::to_owned),
            most,
            fields: list("fields")?,
            properties: list("properties")?,
            reconciled: numbers(&body)?,
        })
    }

    fn comments(&self) -> Result<comment::Asked, Refusal> {
        Ok(comment::Asked {
            start: self.number("startAt", 0)?,
            most: self.number("maxResults", 100)?.min(5_000),
            order: self.one("orderBy").unwrap_or_default(),
            properties: self.list("expand").iter().any(|part| part == "properties"),
        })
    }

    fn one(&self, name: &str) -> Option<String> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone())
    }

    /// A parameter that may come more than once, and be split by commas.
    fn list(&self, name: &str) -> Vec<String> {
        let given = self.query.iter().filter(|(key, _)| key == name);
        given
            .flat_map(|(_, value)| value.split(','))
            .map(|part| part.trim().to_owned())
            .collect()
    }

    fn number(&self, name: &str, missing: usize) -> Result<usize, Refusal> {
        let given = self.one(name).map(|text| text.parse());
        given
            .transpose()
            .map(|number| number.unwrap_or(missing))
            .map_err(|_| Refusal::body_invalid())
    }
}

fn content(headers: &HeaderMap, body: &Bytes) -> Result<Value, Refusal> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    if !kind.starts_with("application/json") {
        return Err(Refusal::new(415, "Unsupported Media Type"));
    }
    serde_json::from_slice(body).map_err(|_| Refusal::body_invalid())
}

fn texts(body: &Value, name: &str) -> Result<Vec<String>, Refusal> {
    let Some(given) = body.get(name) else {
        return Ok(Vec::new());
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let texts = given.as_array().and_then(|list| list.iter().map(text).collect());
    texts.ok_or_else(Refusal::body_invalid)
}

fn numbers(body: &Value) -> Result<Vec<String>, Refusal> {
    let given = body.get("reconcileIssues").and_then(Value::as_array);
    let number = |value: &Value| value.as_u64().map(|number| number.to_string());
    given
        .into_iter()
        .flatten()
        .map(number)
        .collect::<Option<_>>()
        .ok_or_else(Refusal::body_invalid)
}
