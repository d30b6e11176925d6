//! Puts values in the place of named parameters. A value becomes one literal, or one list of literals, and cannot
//! change the query around it.

use std::collections::BTreeMap;

use skillhost_sdk::ToolError;

use crate::exports::skillhost::salesforce::records::{Argument, Parameter};
use crate::literal;
use crate::name::Name;

/// The query with every `:name` outside of quotes replaced.
///
/// # Errors
/// `invalid-argument` for a parameter that is missing, named twice or never used, for a value that does not fit its
/// type, and for quotes that do not end.
pub(crate) fn bind(soql: &str, parameters: &[Parameter]) -> Result<String, ToolError> {
    let values = values(parameters)?;
    let mut out = String::with_capacity(soql.len());
    let mut used = Vec::new();
    let mut rest = soql;
    while let Some(at) = rest.find(['\'', ':']) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        if found.starts_with('\'') {
            let (quoted, after) = split_quoted(found)?;
            out.push_str(quoted);
            rest = after;
            continue;
        }
        let (name, after) = split_name(found.get(1..).unwrap_or_default());
        // `LAST_N_DAYS:30` and `12:30:00` are no parameters.
        if name.is_empty() || out.ends_with(is_part) {
            out.push(':');
            rest = found.get(1..).unwrap_or_default();
            continue;
        }
        let value = values.get(name).ok_or_else(|| {
            let known: Vec<_> = values.keys().map(|name| format!("`{name}`")).collect();
            refuse(format!(
                "The query has `:{name}`, and the parameters have only: {}.",
                known.join(", ")
            ))
        })?;
        out.push_str(value);
        used.push(name);
        rest = after;
    }
    out.push_str(rest);
    match values.keys().find(|name| !used.contains(name)) {
        Some(name) => Err(refuse(format!(
            "The query has no `:{name}`: write it, without quotes, or leave it out."
        ))),
        None => Ok(out),
    }
}

fn values(parameters: &[Parameter]) -> Result<BTreeMap<&str, String>, ToolError> {
    let mut values = BTreeMap::new();
    for Parameter { name, value } in parameters {
        if Name::read(name).is_none() && split_name(name) != (name, "") {
            return Err(refuse(format!(
                "`{name}` is no name of a parameter: use letters, digits and underscores."
            )));
        }
        let literal = written(value).map_err(|error| error.detail("parameter", name))?;
        if values.insert(name.as_str(), literal).is_some() {
            return Err(refuse(format!("`{name}` is given twice.")));
        }
    }
    Ok(values)
}

fn written(value: &Argument) -> Result<String, ToolError> {
    match value {
        Argument::Text(text) => Ok(literal::text(text)),
        Argument::Number(number) => literal::number(*number),
        Argument::Boolean(value) => Ok(value.to_string()),
        Argument::Date(text) => literal::date(text),
        Argument::DateTime(text) => literal::moment(text),
        Argument::Null => Ok("null".to_owned()),
        Argument::Prefix(text) => Ok(literal::like("", text, "%")),
        Argument::Containing(text) => Ok(literal::like("%", text, "%")),
        Argument::Texts(all) => list(all, |text| Ok(literal::text(text))),
        Argument::Numbers(all) => list(all, |number| literal::number(*number)),
        Argument::Dates(all) => list(all, |text| literal::date(text)),
        Argument::DateTimes(all) => list(all, |text| literal::moment(text)),
    }
}

fn list<T>(all: &[T], one: impl Fn(&T) -> Result<String, ToolError>) -> Result<String, ToolError> {
    if all.is_empty() {
        return Err(ToolError::invalid_argument(
            "`IN` needs at least one value: do not ask where there is none.",
        ));
    }
    let literals: Vec<_> = all.iter().map(one).collect::<Result<_, _>>()?;
    Ok(format!("({})", literals.join(", ")))
}

/// A literal with its quotes, and what stands behind it.
fn split_quoted(text: &str) -> Result<(&str, &str), ToolError> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => return Ok(text.split_at(at + 1)),
            _ => {}
        }
    }
    Err(refuse(
        "A quote in the query does not end: write `\\'` inside of quotes, or use a parameter.",
    ))
}

/// The name at the beginning, and what stands behind it. Empty where there is none.
fn split_name(text: &str) -> (&str, &str) {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let end = if begins {
        text.find(|c| !is_part(c)).unwrap_or(text.len())
    } else {
        0
    };
    text.split_at(end)
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn refuse(message: impl Into<String>) -> ToolError {
    ToolError::invalid_argument(message).detail("field", "question.parameters")
}
