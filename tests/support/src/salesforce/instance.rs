//! One instance: its records, who is logged in, what was used of its limits, and which resource answers what.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::data::{Data, Record};
use super::exchange::{Answer, Request};
use super::refusal::Refusal;
use super::schema::{Object, SCHEMA};
use super::select::Scope;
use super::soql::Query;
use super::{collections, composite, describe, rows, search};

/// As many cursors are kept; a further one pushes out the oldest.
const CURSORS: usize = 10;

/// An order for the next changes of records, each of which meets one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// Somebody else holds the record: 400 `UNABLE_TO_LOCK_ROW`, and the same again may succeed.
    Locked,
    /// 403 `INSUFFICIENT_ACCESS_OR_READONLY`.
    NoAccess,
}

/// How many requests were counted, and how many may be in 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Counted so far.
    pub used: u64,
    /// From then on, requests are refused with 403 `REQUEST_LIMIT_EXCEEDED`.
    pub max: u64,
}

pub(super) struct Instance {
    pub(super) data: Data,
    /// The id of the user as whom everybody is logged in.
    pub(super) user: String,
    pub(super) organization: String,
    pub(super) usage: Usage,
    pub(super) troubles: VecDeque<Trouble>,
    sessions: BTreeSet<String>,
    issued: usize,
    cursors: VecDeque<(String, Vec<Value>)>,
    opened: usize,
}

impl Instance {
    /// An instance with an organization and a user, and nothing else.
    pub(super) fn new(username: &str) -> Result<Self, Refusal> {
        let mut instance = Self {
            data: Data::default(),
            user: String::new(),
            organization: String::new(),
            usage: Usage { used: 0, max: 15_000 },
            troubles: VecDeque::new(),
            sessions: BTreeSet::new(),
            issued: 0,
            cursors: VecDeque::new(),
            opened: 0,
        };
        let organization = json!({
            "Name": "Acme", "IsSandbox": true, "OrganizationType": "Developer Edition", "InstanceName": "SIM1",
        });
        instance.organization = instance.seed("Organization", &organization)?;
        let user = json!({
            "Username": username, "FirstName": "Ada", "LastName": "Agent", "Email": username, "IsActive": true,
        });
        instance.user = instance.seed("User", &user)?;
        Ok(instance)
    }

    /// Makes a record without asking who may.
    pub(super) fn seed(&mut self, object: &str, values: &Value) -> Result<String, Refusal> {
        let object = SCHEMA.object(object).ok_or_else(Refusal::not_found)?;
        let empty = Record::new();
        let user = self.user.clone();
        self.data.insert(object, values.as_object().unwrap_or(&empty), &user)
    }

    /// Opens a session and answers its token.
    pub(super) fn log_in(&mut self) -> String {
        self.issued += 1;
        let token = format!(
            "{}!AQcAQSim{:032}",
            self.organization.get(..15).unwrap_or_default(),
            self.issued
        );
        self.sessions.insert(token.clone());
        token
    }

    /// Ends a session.
    pub(super) fn log_out(&mut self, token: &str) {
        self.sessions.remove(token);
    }

    /// Ends all sessions.
    pub(super) fn expire(&mut self) {
        self.sessions.clear();
    }

    /// Releases all cursors.
    pub(super) fn release(&mut self) {
        self.cursors.clear();
    }

    /// Lets a request in by its header, and counts it.
    pub(super) fn admit(&mut self, authorization: Option<&str>) -> Result<(), Refusal> {
        let token = match authorization.map(|header| header.split_once(' ').unwrap_or((header, ""))) {
            Some(("Bearer" | "OAuth", token)) => token,
            Some(_) => return Err(Refusal::new(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")),
            None => "",
        };
        if !self.sessions.contains(token) {
            return Err(Refusal::new(401, "INVALID_SESSION_ID", "Session expired or invalid"));
        }
        if self.usage.used >= self.usage.max {
            return Err(Refusal::new(
                403,
                "REQUEST_LIMIT_EXCEEDED",
                "TotalRequests Limit exceeded.",
            ));
        }
        self.usage.used += 1;
        Ok(())
    }

    /// Answers a request of somebody who is logged in.
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        self.route(request).unwrap_or_else(Answer::from)
    }

    fn route(&mut self, request: &Request) -> Result<Answer, Refusal> {
        let path: Vec<_> = request.path.iter().map(String::as_str).collect();
        match (request.method.as_str(), path.as_slice()) {
            ("GET", []) => Ok(Answer::ok(resources(request))),
            ("GET", ["limits"]) => Ok(Answer::ok(self.limits())),
            ("GET", ["query"]) => self.query(request, false),
            ("GET", ["queryAll"]) => self.query(request, true),
            ("GET", ["query" | "queryAll", locator]) => self.more(request, locator),
            ("GET", ["search"]) => search::sosl(&self.scope(request), request),
            ("GET" | "POST", ["parameterizedSearch"]) => search::parameterised(&self.scope(request), request),
            ("GET", ["sobjects"]) => Ok(Answer::ok(describe::global(request))),
            ("GET", ["sobjects", name, "describe"]) => Ok(Answer::ok(describe::object(request, object(name)?))),
            (_, ["sobjects", name, rest @ ..]) => rows::answer(self, request, object(name)?, rest),
            ("POST", ["composite"]) => composite::answer(self, request),
            (_, ["composite", "sobjects", rest @ ..]) => collections::answer(self, request, rest),
            (method, ["limits" | "query" | "queryAll" | "search" | "sobjects" | "composite"]) => {
                Err(Refusal::no_method(method))
            }
            _ => Err(Refusal::not_found()),
        }
    }

    /// The records as a query of this request sees them.
    pub(super) fn scope(&self, request: &Request) -> Scope<'_> {
        Scope {
            data: &self.data,
            version: request.version,
            deleted: false,
        }
    }

    fn query(&mut self, request: &Request, deleted: bool) -> Result<Answer, Refusal> {
        let soql = request.parameter("q").unwrap_or_default();
        let query = Query::read(soql).map_err(|flaw| flaw.of(soql))?;
        let scope = Scope {
            deleted,
            ..self.scope(request)
        };
        let selected = scope.select(&query).map_err(|flaw| flaw.of(soql))?;
        let size = batch_size(request);
        if selected.records.len() <= size {
            return Ok(Answer::ok(
                json!({ "totalSize": selected.total, "done": true, "records": selected.records }),
            ));
        }
        self.opened += 1;
        let cursor = format!("0r8Sim{:09}", self.opened);
        self.cursors.push_back((cursor.clone(), selected.records));
        if self.cursors.len() > CURSORS {
            self.cursors.pop_front();
        }
        self.batch(request, &cursor, 0)
    }

    fn more(&self, request: &Request, locator: &str) -> Result<Answer, Refusal> {
        let (cursor, start) = locator.split_once('-').unwrap_or((locator, "0"));
        let start = start.parse().map_err(|_| no_cursor())?;
        self.batch(request, cursor, start)
    }

    fn batch(&self, request: &Request, cursor: &str, start: usize) -> Result<Answer, Refusal> {
        let (_, records) = self
            .cursors
            .iter()
            .find(|(own, _)| own == cursor)
            .ok_or_else(no_cursor)?;
        let end = start + batch_size(request);
        let part: Vec<_> = records.iter().skip(start).take(end - start).collect();
        let size = records.len();
        if end >= size {
            return Ok(Answer::ok(json!({ "totalSize": size, "done": true, "records": part })));
        }
        let next = request.url(&format!("query/{cursor}-{end}"));
        Ok(Answer::ok(
            json!({ "totalSize": size, "done": false, "nextRecordsUrl": next, "records": part }),
        ))
    }

    fn limits(&self) -> Value {
        let left = self.usage.max.saturating_sub(self.usage.used);
        json!({
            "DailyApiRequests": { "Max": self.usage.max, "Remaining": left },
            "DataStorageMB": { "Max": 5, "Remaining": 5 },
            "SingleEmail": { "Max": 15, "Remaining": 15 },
        })
    }

    /// Makes a record.
    pub(super) fn insert(&mut self, object: &Object, values: &Record) -> Result<String, Refusal> {
        self.may(object, "create")?;
        let user = self.user.clone();
        self.data.insert(object, values, &user)
    }

    /// Changes a record.
    pub(super) fn update(&mut self, object: &Object, id: &str, values: &Record) -> Result<(), Refusal> {
        self.may(object, "update")?;
        let user = self.user.clone();
        self.data.update(object, id, values, &user)
    }

    /// Deletes a record.
    pub(super) fn delete(&mut self, object: &Object, id: &str) -> Result<(), Refusal> {
        self.may(object, "delete")?;
        self.data.delete(object, id)
    }

    fn may(&mut self, object: &Object, change: &str) -> Result<(), Refusal> {
        if object.read_only {
            let message = format!("entity type {} does not support {change}", object.name);
            return Err(Refusal::bad("INVALID_TYPE_FOR_OPERATION", message));
        }
        match self.troubles.pop_front() {
            None => Ok(()),
            Some(Trouble::Locked) => {
                let message = "unable to obtain exclusive access to this record or 1 records";
                Err(Refusal::bad("UNABLE_TO_LOCK_ROW", message))
            }
            Some(Trouble::NoAccess) => {
                let message = "insufficient access rights on object id";
                Err(Refusal::new(403, "INSUFFICIENT_ACCESS_OR_READONLY", message))
            }
        }
    }
}

/// The object of this name.
pub(super) fn object(name: &str) -> Result<&'static Object, Refusal> {
    SCHEMA.object(name).ok_or_else(Refusal::not_found)
}

/// 2,000 unless the request asks for fewer, 200 at least.
fn batch_size(request: &Request) -> usize {
    let options = request.headers.get("sforce-query-options").map_or("", String::as_str);
    let size = options
        .split(',')
        .find_map(|option| option.trim().strip_prefix("batchSize="));
    size.and_then(|size| size.parse().ok())
        .map_or(2000, |size: usize| size.clamp(200, 2000))
}

fn no_cursor() -> Refusal {
    Refusal::bad("INVALID_QUERY_LOCATOR", "invalid query locator")
}

fn resources(request: &Request) -> Value {
    let names = [
        "sobjects",
        "query",
        "queryAll",
        "search",
        "parameterizedSearch",
        "composite",
        "limits",
    ];
    names
        .iter()
        .map(|name| ((*name).to_owned(), Value::from(request.url(name))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
