//! Queries that answer groups: `GROUP BY`, and functions over the records of each.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::column::{self, Column};
use super::data::{Data, Record};
use super::schema::Object;
use super::select::ordered;
use super::soql::{Aggregate, Flaw, Function, Order, Query, Selection};

/// A row for each group, in the order that the query asks for.
pub(super) fn groups(
    data: &Data,
    object: &'static Object,
    query: &Query,
    found: &[&Record],
) -> Result<Vec<Value>, Flaw> {
    let keys: Vec<_> = query
        .group_by
        .iter()
        .map(|path| Column::filterable(object, path))
        .collect::<Result<_, _>>()?;
    let outputs = outputs(object, query)?;
    let mut groups: Vec<(Vec<Value>, Vec<&Record>)> = Vec::new();
    for record in found {
        let key: Vec<_> = keys.iter().map(|column| column.value(data, record)).collect();
        match groups.iter_mut().find(|(own, _)| *own == key) {
            Some((_, members)) => members.push(record),
            None => groups.push((key, vec![record])),
        }
    }
    if query.group_by.is_empty() && groups.is_empty() {
        groups.push((Vec::new(), Vec::new()));
    }
    sort(query, &mut groups)?;
    Ok(groups.iter().map(|(_, members)| row(data, &outputs, members)).collect())
}

/// A value of each row, and its name.
enum Output<'a> {
    Key(String, Column),
    Function(String, Column, &'a Aggregate),
}

fn outputs<'a>(object: &'static Object, query: &'a Query) -> Result<Vec<Output<'a>>, Flaw> {
    let mut outputs = Vec::new();
    let mut unnamed = 0;
    for selection in &query.selections {
        match selection {
            Selection::Field(path) => {
                let text = path.text();
                if !query.group_by.iter().any(|key| key.text().eq_ignore_ascii_case(&text)) {
                    return Err(Flaw::malformed(
                        path.at,
                        format!("Field must be grouped or aggregated: {text}"),
                    ));
                }
                let column = Column::resolve(object, path)?;
                outputs.push(Output::Key(column.field.name.clone(), column));
            }
            Selection::Aggregate(aggregate) => {
                let column = Column::filterable(object, &aggregate.path)?;
                let number = matches!(aggregate.function, Function::Sum | Function::Avg);
                if number && !column.field.kind.is_number() {
                    let message = format!("field {} does not support aggregate operator", aggregate.path.text());
                    return Err(Flaw::malformed(aggregate.path.at, message));
                }
                let name = aggregate.alias.clone().unwrap_or_else(|| format!("expr{unnamed}"));
                unnamed += usize::from(aggregate.alias.is_none());
                outputs.push(Output::Function(name, column, aggregate));
            }
            _ => return Err(Flaw::malformed(0, "Grouped query cannot select this")),
        }
    }
    Ok(outputs)
}

fn sort(query: &Query, groups: &mut [(Vec<Value>, Vec<&Record>)]) -> Result<(), Flaw> {
    let mut steps = Vec::new();
    for order in &query.order_by {
        let text = order.path.text();
        let at = query
            .group_by
            .iter()
            .position(|key| key.text().eq_ignore_ascii_case(&text));
        let at = at.ok_or_else(|| Flaw::malformed(order.path.at, format!("Ordered field must be grouped: {text}")))?;
        steps.push((at, order));
    }
    groups.sort_by(|(one, _), (other, _)| {
        let step = |(at, order): &(usize, &Order)| Some(ordered(order, one.get(*at)?, other.get(*at)?));
        steps
            .iter()
            .filter_map(step)
            .find(|step| step.is_ne())
            .unwrap_or(Ordering::Equal)
    });
    Ok(())
}

fn row(data: &Data, outputs: &[Output<'_>], members: &[&Record]) -> Value {
    let mut row = Map::from_iter([("attributes".to_owned(), json!({ "type": "AggregateResult" }))]);
    for output in outputs {
        let (name, value) = match output {
            Output::Key(name, column) => (
                name,
                members
                    .first()
                    .map(|record| column.value(data, record))
                    .unwrap_or_default(),
            ),
            Output::Function(name, column, aggregate) => {
                let values = members
                    .iter()
                    .map(|record| column.value(data, record))
                    .filter(|value| !value.is_null());
                (name, fold(aggregate.function, values.collect()))
            }
        };
        row.insert(name.clone(), value);
    }
    row.into()
}

fn fold(function: Function, mut values: Vec<Value>) -> Value {
    let sum = || values.iter().filter_map(Value::as_f64).sum::<f64>();
    match function {
        Function::Count => values.len().into(),
        Function::CountDistinct => values
            .iter()
            .map(ToString::to_string)
            .collect::<BTreeSet<_>>()
            .len()
            .into(),
        _ if values.is_empty() => Value::Null,
        Function::Sum => sum().into(),
        Function::Avg => u32::try_from(values.len()).map_or(Value::Null, |count| (sum() / f64::from(count)).into()),
        Function::Min | Function::Max => {
            values.sort_by(column::order);
            let at = if function == Function::Min { 0 } else { values.len() - 1 };
            values.get(at).cloned().unwrap_or_default()
        }
    }
}
