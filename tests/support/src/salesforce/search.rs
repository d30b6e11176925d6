//! Text search: parameterised, and the part of SOSL that programs use.
//!
//! A record is found where every word, or phrase between quotes, stands in one of its fields. `*` at a word's end
//! stands for the rest of it. Left out, and refused: the operators `AND`, `OR` and `NOT`, and clauses behind
//! `RETURNING` other than `LIMIT`.

use serde_json::{Value, json};

use super::data::Record;
use super::exchange::{Answer, Request};
use super::refusal::Refusal;
use super::schema::{Field, Kind, Object, SCHEMA};
use super::select::Scope;
use super::soql::{Flaw, Path, Query, Selection};

/// What is looked for, where, and what is answered.
struct Search {
    words: Vec<Vec<String>>,
    fields: Group,
    returned: Vec<(&'static Object, Query)>,
    limit: usize,
}

/// In which fields words are looked for.
#[derive(Clone, Copy)]
enum Group {
    All,
    Name,
    Email,
    Phone,
}

/// `GET /search?q=FIND…`.
pub(super) fn sosl(scope: &Scope<'_>, request: &Request) -> Result<Answer, Refusal> {
    let text = request
        .parameter("q")
        .ok_or_else(|| malformed("Search string is missing"))?;
    run(scope, &Search::read(text)?)
}

/// `GET` or `POST /parameterizedSearch`.
pub(super) fn parameterised(scope: &Scope<'_>, request: &Request) -> Result<Answer, Refusal> {
    let body = request.body.clone().unwrap_or_else(|| from_parameters(request));
    run(scope, &Search::of_parameters(&body)?)
}

fn run(scope: &Scope<'_>, search: &Search) -> Result<Answer, Refusal> {
    let mut found = Vec::new();
    for (object, query) in &search.returned {
        let mut records: Vec<_> = scope
            .data
            .living(object)
            .filter(|record| search.fits(object, record))
            .collect();
        if let Some(condition) = &query.condition {
            let now = scope.data.now();
            let filter = super::filter::Filter::resolve(object, condition, now).map_err(|flaw| flawed(&flaw))?;
            records.retain(|record| filter.holds(scope.data, record));
        }
        records.truncate(query.limit.unwrap_or(2000));
        found.extend(scope.render(object, query, records).map_err(|flaw| flawed(&flaw))?);
    }
    found.truncate(search.limit);
    Ok(Answer::ok(json!({ "searchRecords": found })))
}

impl Search {
    /// Reads SOSL.
    fn read(text: &str) -> Result<Self, Refusal> {
        let rest = keyword(text, "FIND").and_then(|rest| rest.trim_start().strip_prefix('{'));
        let (term, rest) = rest
            .and_then(braced)
            .ok_or_else(|| malformed("unexpected token: FIND {term} expected"))?;
        let (fields, rest) = group(rest)?;
        let (returned, rest) = match keyword(rest, "RETURNING") {
            Some(rest) => returning(rest)?,
            None => (everywhere(), rest),
        };
        let (limit, rest) = limit(rest)?;
        if !rest.trim().is_empty() {
            return Err(malformed(format!("unexpected token: '{}'", rest.trim())));
        }
        Ok(Self {
            words: words(&term, true)?,
            fields,
            returned,
            limit,
        })
    }

    /// Reads the parameters of a search that are named one by one.
    fn of_parameters(body: &Value) -> Result<Self, Refusal> {
        let text = body["q"]
            .as_str()
            .ok_or_else(|| malformed("Search string is missing"))?;
        let fields = Group::named(body["in"].as_str().unwrap_or("ALL"))?;
        let default = body["defaultLimit"].as_u64();
        let mut returned = Vec::new();
        for one in body["sobjects"].as_array().into_iter().flatten() {
            let name = one["name"].as_str().unwrap_or_default();
            let object = SCHEMA.object(name).ok_or_else(|| no_object(name))?;
            let names = one["fields"].as_array().or_else(|| body["fields"].as_array());
            let mut query = selecting(object, names.into_iter().flatten().filter_map(Value::as_str));
            if let Some(condition) = one["where"].as_str() {
                let read = Query::read_returned(&object.name, &format!("Id WHERE {condition}"));
                query.condition = read.map_err(|flaw| flawed(&flaw))?.condition;
            }
            query.limit = one["limit"]
                .as_u64()
                .or(default)
                .and_then(|limit| usize::try_from(limit).ok());
            returned.push((object, query));
        }
        let returned = if returned.is_empty() { everywhere() } else { returned };
        let limit = body["overallLimit"]
            .as_u64()
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(2000);
        Ok(Self {
            words: words(text, false)?,
            fields,
            returned,
            limit,
        })
    }

    fn fits(&self, object: &Object, record: &Record) -> bool {
        let fields = object.fields.iter().filter(|field| self.fields.has(field));
        let texts = fields.filter_map(|field| record.get(&field.name).and_then(Value::as_str));
        let tokens: Vec<Vec<String>> = texts.map(tokens).collect();
        self.words
            .iter()
            .all(|phrase| tokens.iter().any(|text| stands_in(phrase, text)))
    }
}

impl Group {
    fn named(name: &str) -> Result<Self, Refusal> {
        match name.to_ascii_uppercase().as_str() {
            "ALL" => Ok(Self::All),
            "NAME" => Ok(Self::Name),
            "EMAIL" => Ok(Self::Email),
            "PHONE" => Ok(Self::Phone),
            _ => Err(malformed(format!("unexpected token: '{name}'"))),
        }
    }

    fn has(self, field: &Field) -> bool {
        match self {
            Self::All => field.kind.is_text() && !field.kind.is_id(),
            Self::Name => field.name.ends_with("Name"),
            Self::Email => field.kind == Kind::Email,
            Self::Phone => field.kind == Kind::Phone,
        }
    }
}

fn stands_in(phrase: &[String], text: &[String]) -> bool {
    let same = |(wanted, found): (&String, &String)| match wanted.strip_suffix('*') {
        Some(start) => found.starts_with(start),
        None => wanted == found,
    };
    !phrase.is_empty() && text.windows(phrase.len()).any(|part| phrase.iter().zip(part).all(same))
}

fn tokens(text: &str) -> Vec<String> {
    let parts = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect()
}

/// The words of a search term. In SOSL, a backslash takes a character's meaning away.
fn words(term: &str, escapes: bool) -> Result<Vec<Vec<String>>, Refusal> {
    let (mut phrases, mut quoted, mut escaped) = (vec![String::new()], false, false);
    for c in term.chars() {
        match c {
            '\\' if escapes && !escaped => {
                escaped = true;
                continue;
            }
            '"' if !escaped => {
                quoted = !quoted;
                phrases.push(String::new());
            }
            _ if escaped || quoted => push(&mut phrases, if c == '*' { ' ' } else { c }),
            _ if c.is_whitespace() => phrases.push(String::new()),
            '&' | '|' | '!' | '{' | '}' | '[' | ']' | '(' | ')' | '^' | '~' | ':' | '+' if escapes => {
                return Err(malformed(format!("unexpected token: '{c}'")));
            }
            _ => push(&mut phrases, c),
        }
        escaped = false;
    }
    if let Some(operator) = phrases
        .iter()
        .find(|word| matches!(word.as_str(), "AND" | "OR" | "NOT"))
    {
        return Err(malformed(format!("unexpected token: '{operator}'")));
    }
    let phrases: Vec<_> = phrases
        .iter()
        .map(|phrase| starred(phrase))
        .filter(|phrase| !phrase.is_empty())
        .collect();
    let length: usize = phrases
        .iter()
        .flatten()
        .map(|word| word.trim_end_matches('*').chars().count())
        .sum();
    if quoted || length < 2 {
        let message = format!("search term must be longer than one character: {term}");
        return Err(Refusal::bad("INVALID_SEARCH", message));
    }
    Ok(phrases)
}

fn push(phrases: &mut [String], c: char) {
    if let Some(last) = phrases.last_mut() {
        last.push(c);
    }
}

fn starred(phrase: &str) -> Vec<String> {
    let mut words = tokens(phrase);
    if let Some(last) = words.last_mut().filter(|_| phrase.ends_with('*')) {
        last.push('*');
    }
    words
}

fn keyword<'a>(text: &'a str, keyword: &str) -> Option<&'a str> {
    let text = text.trim_start();
    let (first, rest) = text.split_at_checked(keyword.len())?;
    (first.eq_ignore_ascii_case(keyword) && !rest.starts_with(char::is_alphanumeric)).then_some(rest)
}

/// What stands before the closing brace, and what behind it.
fn braced(text: &str) -> Option<(String, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            '}' if !escaped => return Some((text.get(..at)?.to_owned(), text.get(at + 1..)?)),
            _ => escaped = c == '\\' && !escaped,
        }
    }
    None
}

fn group(text: &str) -> Result<(Group, &str), Refusal> {
    let Some(rest) = keyword(text, "IN") else {
        return Ok((Group::All, text));
    };
    let rest = rest.trim_start();
    let (name, rest) = rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len()));
    let rest = keyword(rest, "FIELDS").ok_or_else(|| malformed("unexpected token: FIELDS expected"))?;
    Ok((Group::named(name)?, rest))
}

fn limit(text: &str) -> Result<(usize, &str), Refusal> {
    let Some(rest) = keyword(text, "LIMIT") else {
        return Ok((2000, text));
    };
    let number = rest
        .trim()
        .parse()
        .map_err(|_| malformed(format!("unexpected token: '{}'", rest.trim())))?;
    Ok((number, ""))
}

type Returned = Vec<(&'static Object, Query)>;

fn returning(mut text: &str) -> Result<(Returned, &str), Refusal> {
    let mut returned = Vec::new();
    loop {
        text = text.trim_start();
        let end = text
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        let object = SCHEMA.object(name).ok_or_else(|| no_object(name))?;
        let (query, rest) = match rest.trim_start().strip_prefix('(').and_then(bracketed) {
            Some((inner, rest)) => (
                Query::read_returned(&object.name, inner).map_err(|flaw| flawed(&flaw))?,
                rest,
            ),
            None => (selecting(object, []), rest),
        };
        returned.push((object, query));
        match rest.trim_start().strip_prefix(',') {
            Some(rest) => text = rest,
            None => return Ok((returned, rest)),
        }
    }
}

/// What stands before the bracket that closes, quotes and further brackets aside, and what behind it.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' if depth == 0 => return Some((text.get(..at)?, text.get(at + 1..)?)),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn everywhere() -> Returned {
    let written = SCHEMA.objects().iter().filter(|object| !object.read_only);
    written.map(|object| (object, selecting(object, []))).collect()
}

/// A query for these fields, or for the id.
fn selecting<'a>(object: &Object, names: impl IntoIterator<Item = &'a str>) -> Query {
    let path = |name: &str| Path {
        names: name.split('.').map(str::to_owned).collect(),
        at: 0,
    };
    let mut selections: Vec<_> = names
        .into_iter()
        .map(|name| Selection::Field(path(name.trim())))
        .collect();
    if selections.is_empty() {
        selections.push(Selection::Field(path("Id")));
    }
    let (group_by, order_by) = (Vec::new(), Vec::new());
    Query {
        selections,
        from: path(&object.name),
        condition: None,
        group_by,
        order_by,
        limit: None,
        offset: 0,
    }
}

/// The parameters of a URL in the form of the body.
fn from_parameters(request: &Request) -> Value {
    let number = |name: &str| request.parameter(name).and_then(|text| text.parse::<u64>().ok());
    let fields = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let named = request.parameters.iter().filter(|(name, _)| name == "sobject");
    let sobjects: Vec<_> = named
        .map(|(_, object)| {
            let of = |name: &str| request.parameter(&format!("{object}.{name}"));
            json!({
                "name": object, "fields": of("fields").map(fields), "where": of("where"),
                "limit": number(&format!("{object}.limit")),
            })
        })
        .collect();
    json!({
        "q": request.parameter("q"), "in": request.parameter("in"), "sobjects": sobjects,
        "fields": request.parameter("fields").map(fields),
        "overallLimit": number("overallLimit"), "defaultLimit": number("defaultLimit"),
    })
}

fn no_object(name: &str) -> Refusal {
    Refusal::bad("INVALID_TYPE", format!("sObject type '{name}' is not supported."))
}

/// What is wrong with the part of a search that is written like a query.
fn flawed(flaw: &Flaw) -> Refusal {
    let code = if flaw.code == "MALFORMED_QUERY" {
        "MALFORMED_SEARCH"
    } else {
        flaw.code
    };
    Refusal::bad(code, flaw.message.clone())
}

fn malformed(message: impl Into<String>) -> Refusal {
    Refusal::bad("MALFORMED_SEARCH", message)
}
