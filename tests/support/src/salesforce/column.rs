//! A path of a query, resolved to a field, perhaps of another object.

use std::cmp::Ordering;

use serde_json::Value;

use super::data::{Data, Record};
use super::schema::{Field, Object, SCHEMA};
use super::soql::{Flaw, Path};

/// Where a value is found: through these references, in this field.
#[derive(Clone)]
pub(super) struct Column {
    pub(super) hops: Vec<&'static Field>,
    pub(super) field: &'static Field,
}

impl Column {
    /// Resolves a path from this object.
    pub(super) fn resolve(object: &'static Object, path: &Path) -> Result<Self, Flaw> {
        let mut here = object;
        let mut hops = Vec::new();
        let mut names = path.names.as_slice();
        if let [first, rest @ ..] = names
            && !rest.is_empty()
            && first.eq_ignore_ascii_case(&object.name)
            && object.relationship(first).is_none()
        {
            names = rest;
        }
        while let [name, rest @ ..] = names
            && !rest.is_empty()
        {
            let hop = here.relationship(name).ok_or_else(|| no_relationship(path, name))?;
            let target = hop.reference_to.as_deref().and_then(|target| SCHEMA.object(target));
            here = target.ok_or_else(|| no_relationship(path, name))?;
            hops.push(hop);
            names = rest;
        }
        let name = names.first().map_or("", String::as_str);
        let field = here.field(name).ok_or_else(|| no_column(here, path, name))?;
        Ok(Self { hops, field })
    }

    /// Resolves a path to what a query may compare and sort by.
    pub(super) fn filterable(object: &'static Object, path: &Path) -> Result<Self, Flaw> {
        let column = Self::resolve(object, path)?;
        if column.field.is_filterable() {
            return Ok(column);
        }
        let message = format!("field '{}' can not be filtered in a query call", column.field.name);
        Err(Flaw::new("INVALID_FIELD", path, message))
    }

    /// The value of a record; null where a reference leads nowhere.
    pub(super) fn value(&self, data: &Data, record: &Record) -> Value {
        let mut here = record;
        for hop in &self.hops {
            match here.get(&hop.name).and_then(|reference| data.follow(reference)) {
                Some((_, next)) => here = next,
                None => return Value::Null,
            }
        }
        here.get(&self.field.name).cloned().unwrap_or_default()
    }
}

/// The order of two values of one field: null first, then numbers, or texts with letters' case aside.
pub(super) fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Value::String(one), Value::String(other)) => one.to_lowercase().cmp(&other.to_lowercase()),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        _ => other.is_null().cmp(&one.is_null()),
    }
}

fn no_relationship(path: &Path, name: &str) -> Flaw {
    let message = format!(
        "Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, be \
         sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call \
         for the appropriate names."
    );
    Flaw::new("INVALID_FIELD", path, message)
}

fn no_column(object: &Object, path: &Path, name: &str) -> Flaw {
    let message = format!(
        "No such column '{name}' on entity '{}'. If you are attempting to use a custom field, be sure to append the \
         '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
        object.name
    );
    Flaw::new("INVALID_FIELD", path, message)
}
