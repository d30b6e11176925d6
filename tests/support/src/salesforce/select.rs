//! Runs a query over the records.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::aggregate;
use super::column::{self, Column};
use super::data::{Data, Record};
use super::filter::Filter;
use super::schema::{Field, Object, SCHEMA};
use super::soql::{Flaw, Order, Path, Query, Selection, Which};

/// What a query answers.
pub(super) struct Selected {
    /// How many records fit; with `COUNT()` more than there are in `records`.
    pub(super) total: usize,
    pub(super) records: Vec<Value>,
}

/// Over which records, and for which version of the API.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) data: &'a Data,
    pub(super) version: u32,
    /// The deleted records too.
    pub(super) deleted: bool,
}

impl Scope<'_> {
    /// Runs a query.
    pub(super) fn select(&self, query: &Query) -> Result<Selected, Flaw> {
        let object = self.object(&query.from)?;
        let found = self.matching(object, query, None)?;
        if matches!(query.selections.as_slice(), [Selection::Count]) {
            let total = window(query, found)?.len();
            return Ok(Selected {
                total,
                records: Vec::new(),
            });
        }
        let records = if query.is_aggregate() {
            window(query, aggregate::groups(self.data, object, query, &found)?)?
        } else {
            self.render(object, query, window(query, found)?)?
        };
        Ok(Selected {
            total: records.len(),
            records,
        })
    }

    /// The attributes by which every record says what it is.
    pub(super) fn attributes(&self, object: &Object, id: &str) -> Value {
        let url = format!("/services/data/v{}.0/sobjects/{}/{id}", self.version, object.name);
        json!({ "type": object.name, "url": url })
    }

    /// The named fields of records, in order.
    pub(super) fn render(
        &self,
        object: &'static Object,
        query: &Query,
        found: Vec<&Record>,
    ) -> Result<Vec<Value>, Flaw> {
        let columns = columns(object, query)?;
        let mut children = Vec::new();
        for selection in &query.selections {
            match selection {
                Selection::Children(inner) => children.push((child(object, &inner.from)?, inner)),
                Selection::Count => return Err(Flaw::malformed(0, "Grouped query or COUNT() cannot select fields")),
                _ => {}
            }
        }
        let mut rendered = Vec::new();
        for record in found {
            let mut row = self.row(object, &columns, record);
            for ((child, field, name), inner) in &children {
                let id = record.get("Id").and_then(Value::as_str).unwrap_or_default();
                let found = window(inner, self.matching(child, inner, Some((field, id)))?)?;
                let records = self.render(child, inner, found)?;
                let size = records.len();
                let value = json!({ "totalSize": size, "done": true, "records": records });
                row.insert((*name).to_owned(), if size == 0 { Value::Null } else { value });
            }
            rendered.push(row.into());
        }
        Ok(rendered)
    }

    fn object(&self, path: &Path) -> Result<&'static Object, Flaw> {
        let name = path.text();
        SCHEMA.object(&name).ok_or_else(|| {
            let message = format!(
                "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to \
                 append the '__c' after the entity name. Please reference your WSDL or the describe call for the \
                 appropriate names."
            );
            Flaw::new("INVALID_TYPE", path, message)
        })
    }

    fn matching(
        &self,
        object: &'static Object,
        query: &Query,
        parent: Option<(&Field, &str)>,
    ) -> Result<Vec<&Record>, Flaw> {
        let condition = query.condition.as_ref();
        let filter = condition
            .map(|one| Filter::resolve(object, one, self.data.now()))
            .transpose()?;
        let order = sorting(object, query)?;
        let mut found: Vec<_> = self
            .data
            .all(object)
            .filter(|record| self.deleted || !super::data::is_deleted(record))
            .collect();
        found.retain(|record| {
            let own = |(field, id): (&Field, &str)| record.get(&field.name).and_then(Value::as_str) == Some(id);
            parent.is_none_or(own) && filter.as_ref().is_none_or(|filter| filter.holds(self.data, record))
        });
        if !query.is_aggregate() {
            found.sort_by(|one, other| self.compare(&order, one, other));
        }
        Ok(found)
    }

    fn compare(&self, order: &[(Column, &Order)], one: &Record, other: &Record) -> Ordering {
        let step = |(column, order): &(Column, &Order)| {
            let (one, other) = (column.value(self.data, one), column.value(self.data, other));
            ordered(order, &one, &other)
        };
        order
            .iter()
            .map(step)
            .find(|step| step.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    fn row(&self, object: &Object, columns: &[Column], record: &Record) -> Map<String, Value> {
        let id = record.get("Id").and_then(Value::as_str).unwrap_or_default();
        let mut row = Map::from_iter([("attributes".to_owned(), self.attributes(object, id))]);
        for column in columns {
            self.put(&mut row, &column.hops, column.field, record);
        }
        row
    }

    /// Puts one value into a row: through references into rows of their own.
    fn put(&self, row: &mut Map<String, Value>, hops: &[&Field], field: &Field, record: &Record) {
        let Some((hop, rest)) = hops.split_first() else {
            row.insert(field.name.clone(), record.get(&field.name).cloned().unwrap_or_default());
            return;
        };
        let name = hop.relationship.clone().unwrap_or_default();
        let Some((object, next)) = record.get(&hop.name).and_then(|reference| self.data.follow(reference)) else {
            row.insert(name, Value::Null);
            return;
        };
        let id = next.get("Id").and_then(Value::as_str).unwrap_or_default();
        let inner = row
            .entry(name)
            .or_insert_with(|| json!({ "attributes": self.attributes(object, id) }));
        if let Some(inner) = inner.as_object_mut() {
            self.put(inner, rest, field, next);
        }
    }
}

/// The order of two values by one step of `ORDER BY`. Null is first unless the query says otherwise.
pub(super) fn ordered(order: &Order, one: &Value, other: &Value) -> Ordering {
    let plain = column::order(one, other);
    match (one.is_null(), other.is_null()) {
        (false, false) if order.descending => plain.reverse(),
        (true, false) | (false, true) if order.nulls_last => plain.reverse(),
        _ => plain,
    }
}

/// What `OFFSET` and `LIMIT` leave.
fn window<T>(query: &Query, found: Vec<T>) -> Result<Vec<T>, Flaw> {
    if query.offset > 2000 {
        let message = "Maximum SOQL offset allowed is 2000";
        return Err(Flaw {
            code: "NUMBER_OUTSIDE_VALID_RANGE",
            at: 0,
            message: message.to_owned(),
        });
    }
    Ok(found
        .into_iter()
        .skip(query.offset)
        .take(query.limit.unwrap_or(usize::MAX))
        .collect())
}

fn sorting<'a>(object: &'static Object, query: &'a Query) -> Result<Vec<(Column, &'a Order)>, Flaw> {
    let resolved = |order: &'a Order| Ok((Column::filterable(object, &order.path)?, order));
    query.order_by.iter().map(resolved).collect()
}

fn columns(object: &'static Object, query: &Query) -> Result<Vec<Column>, Flaw> {
    let mut columns: Vec<Column> = Vec::new();
    let mut seen = Vec::new();
    for selection in &query.selections {
        match selection {
            Selection::Field(path) => {
                let name = path.text().to_lowercase();
                if seen.contains(&name) {
                    let message = format!("duplicate field selected: {}", path.text());
                    return Err(Flaw::new("INVALID_FIELD", path, message));
                }
                columns.push(Column::resolve(object, path)?);
                seen.push(name);
            }
            Selection::Fields(which) => {
                if query.limit.is_none_or(|limit| limit > 200) {
                    return Err(Flaw::malformed(
                        0,
                        "The SOQL FIELDS function must have a LIMIT of at most 200",
                    ));
                }
                let wanted = object.fields.iter().filter(|field| match which {
                    Which::All => true,
                    Which::Standard => !field.is_custom(),
                    Which::Custom => field.is_custom(),
                });
                columns.extend(wanted.map(|field| Column {
                    hops: Vec::new(),
                    field,
                }));
            }
            _ => {}
        }
    }
    Ok(columns)
}

fn child(object: &'static Object, path: &Path) -> Result<(&'static Object, &'static Field, &'static str), Flaw> {
    let name = path.text();
    let found = SCHEMA
        .children(object)
        .find(|(_, _, own)| own.eq_ignore_ascii_case(&name));
    found.ok_or_else(|| {
        let message = format!(
            "Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom \
             relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL \
             or the describe call for the appropriate names."
        );
        Flaw::new("INVALID_TYPE", path, message)
    })
}
