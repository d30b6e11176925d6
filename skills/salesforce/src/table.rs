//! Records in rows. What stands in other records gets a column of its own, with points in its name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::exports::skillhost::salesforce::records::{Column, Kind, Table};

/// What fits into an answer with room to spare; beyond it, rows are left out.
const MOST_BYTES: usize = 2 << 20;

/// Collects records of one object.
#[derive(Default)]
pub(crate) struct Rows {
    object: String,
    names: Vec<String>,
    rows: Vec<BTreeMap<usize, Value>>,
    bytes: usize,
}

impl Rows {
    /// Adds a record. False where it does not fit any more.
    pub(crate) fn push(&mut self, record: &Map<String, Value>) -> bool {
        let mut cells = Vec::new();
        flatten("", record, &mut cells);
        let size: usize = cells.iter().map(|(_, value)| 8 + size(value)).sum();
        if self.bytes + size > MOST_BYTES {
            return false;
        }
        self.bytes += size;
        if self.object.is_empty() {
            self.object = object(record).to_owned();
        }
        let mut row = BTreeMap::new();
        for (name, value) in cells {
            row.insert(self.column(name), value);
        }
        self.rows.push(row);
        true
    }

    /// How many records there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The table of all records.
    pub(crate) fn table(self) -> Table {
        let kept: Vec<_> = (0..self.names.len()).filter(|at| !self.is_shadow(*at)).collect();
        let column = |at: &usize| {
            let name = self.names.get(*at).cloned().unwrap_or_default();
            Column {
                name,
                kind: self.kind(*at),
            }
        };
        let columns = kept.iter().map(column).collect();
        let row = |row: &BTreeMap<usize, Value>| kept.iter().map(|at| row.get(at).and_then(cell)).collect();
        let rows = self.rows.iter().map(row).collect();
        Table {
            object: self.object,
            columns,
            rows,
        }
    }

    fn column(&mut self, name: String) -> usize {
        match self.names.iter().position(|own| *own == name) {
            Some(at) => at,
            None => {
                self.names.push(name);
                self.names.len() - 1
            }
        }
    }

    fn values(&self, at: usize) -> impl Iterator<Item = &Value> {
        self.rows
            .iter()
            .filter_map(move |row| row.get(&at))
            .filter(|value| !value.is_null())
    }

    /// A reference that leads nowhere in some rows is null there, and has columns of its own from the others.
    fn is_shadow(&self, at: usize) -> bool {
        let Some(name) = self.names.get(at) else { return false };
        let inside = |own: &String| {
            own.strip_prefix(name.as_str())
                .is_some_and(|rest| rest.starts_with('.'))
        };
        self.values(at).next().is_none() && self.names.iter().any(inside)
    }

    fn kind(&self, at: usize) -> Kind {
        let mut kinds = self.values(at).map(|value| match value {
            Value::Bool(_) => Kind::Boolean,
            Value::Number(_) => Kind::Number,
            Value::Array(_) | Value::Object(_) => Kind::Json,
            Value::String(_) | Value::Null => Kind::Text,
        });
        let first = kinds.next().unwrap_or(Kind::Text);
        if kinds.all(|kind| kind == first) {
            first
        } else {
            Kind::Text
        }
    }
}

/// The object that a record says it is of; empty for a group.
pub(crate) fn object(record: &Map<String, Value>) -> &str {
    let kind = record.get("attributes").and_then(|attributes| attributes.get("type"));
    kind.and_then(Value::as_str)
        .filter(|kind| *kind != "AggregateResult")
        .unwrap_or_default()
}

/// The fields of a record in their order, those of other records with points in their names.
pub(crate) fn flatten(before: &str, record: &Map<String, Value>, cells: &mut Vec<(String, Value)>) {
    for (name, value) in record.iter().filter(|(name, _)| *name != "attributes") {
        let name = format!("{before}{name}");
        match value {
            Value::Object(inner) if inner.contains_key("attributes") => flatten(&format!("{name}."), inner, cells),
            Value::Object(inner) if inner.get("done") == Some(&Value::Bool(true)) => {
                cells.push((name, bare(inner.get("records").unwrap_or(value))));
            }
            _ => cells.push((name, bare(value))),
        }
    }
}

/// A value as text; None for null.
pub(crate) fn cell(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(
            number
                .as_f64()
                .filter(|_| number.is_f64())
                .map_or_else(|| number.to_string(), |float| float.to_string()),
        ),
        _ => Some(value.to_string()),
    }
}

/// Without the attributes that every record of a subquery has.
fn bare(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(bare).collect(),
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| *name != "attributes");
            kept.map(|(name, value)| (name.clone(), bare(value)))
                .collect::<Map<_, _>>()
                .into()
        }
        _ => value.clone(),
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(_) | Value::Object(_) => value.to_string().len(),
        _ => 8,
    }
}
