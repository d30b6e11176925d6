//! A condition of a query, resolved and checked, so that it can be asked of each record.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::column::{self, Column};
use super::data::{Data, Record};
use super::schema::{Kind, Object};
use super::soql::{self, Condition, Flaw, Literal, Operator, Path, Pattern};
use super::{field, id};

/// A condition whose names are resolved and whose values fit their fields.
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Compare {
        column: Column,
        operator: Operator,
        value: Comparand,
    },
    OneOf {
        column: Column,
        values: Vec<Comparand>,
        negated: bool,
    },
    Includes {
        column: Column,
        values: Vec<String>,
        negated: bool,
    },
}

/// What a field is compared with.
pub(super) enum Comparand {
    Value(Value),
    Pattern(Pattern),
    /// From the first up to, and without, the second: both in the form in which the field is kept.
    Span(String, String),
}

impl Filter {
    /// Resolves a condition over this object.
    pub(super) fn resolve(object: &'static Object, condition: &Condition, now: Timestamp) -> Result<Self, Flaw> {
        let one = |term: &Condition| Self::resolve(object, term, now);
        let each = |terms: &[Condition]| terms.iter().map(one).collect::<Result<_, Flaw>>();
        Ok(match condition {
            Condition::All(terms) => Self::All(each(terms)?),
            Condition::Any(terms) => Self::Any(each(terms)?),
            Condition::Not(term) => Self::Not(Box::new(Self::resolve(object, term, now)?)),
            Condition::Compare { path, operator, value } => {
                let column = Column::filterable(object, path)?;
                let value = comparand(&column, path, *operator, value, now)?;
                Self::Compare {
                    column,
                    operator: *operator,
                    value,
                }
            }
            Condition::OneOf { path, values, negated } => {
                let column = Column::filterable(object, path)?;
                let one = |value| comparand(&column, path, Operator::Equal, value, now);
                let values = values.iter().map(one).collect::<Result<_, _>>()?;
                Self::OneOf {
                    column,
                    values,
                    negated: *negated,
                }
            }
            Condition::Includes { path, values, negated } => {
                let column = Column::filterable(object, path)?;
                if column.field.kind != Kind::Multipicklist {
                    return Err(no_operator(path, "includes"));
                }
                let values = values
                    .iter()
                    .map(|value| choice(&column, path, value))
                    .collect::<Result<_, _>>()?;
                Self::Includes {
                    column,
                    values,
                    negated: *negated,
                }
            }
        })
    }

    /// Whether the record fulfils it.
    pub(super) fn holds(&self, data: &Data, record: &Record) -> bool {
        match self {
            Self::All(terms) => terms.iter().all(|term| term.holds(data, record)),
            Self::Any(terms) => terms.iter().any(|term| term.holds(data, record)),
            Self::Not(term) => !term.holds(data, record),
            Self::Compare {
                column,
                operator,
                value,
            } => compare(&column.value(data, record), *operator, value),
            Self::OneOf {
                column,
                values,
                negated,
            } => {
                let found = column.value(data, record);
                values.iter().any(|value| compare(&found, Operator::Equal, value)) != *negated
            }
            Self::Includes {
                column,
                values,
                negated,
            } => {
                let found = column.value(data, record);
                let chosen: Vec<_> = found.as_str().unwrap_or_default().split(';').collect();
                values
                    .iter()
                    .any(|value| value.split(';').all(|one| chosen.contains(&one)))
                    != *negated
            }
        }
    }
}

fn compare(found: &Value, operator: Operator, value: &Comparand) -> bool {
    match value {
        Comparand::Pattern(pattern) => found.as_str().is_some_and(|text| pattern.fits(text)),
        Comparand::Span(start, end) => found.as_str().is_some_and(|text| in_span(text, operator, start, end)),
        Comparand::Value(value) => {
            let order = column::order(found, value);
            match operator {
                Operator::Equal => order == Ordering::Equal,
                Operator::NotEqual => order != Ordering::Equal,
                _ if found.is_null() || value.is_null() => false,
                Operator::Less => order == Ordering::Less,
                Operator::LessOrEqual => order != Ordering::Greater,
                Operator::Greater => order == Ordering::Greater,
                Operator::GreaterOrEqual => order != Ordering::Less,
                Operator::Like => false,
            }
        }
    }
}

fn in_span(text: &str, operator: Operator, start: &str, end: &str) -> bool {
    match operator {
        Operator::Equal => start <= text && text < end,
        Operator::NotEqual => text < start || end <= text,
        Operator::Less => text < start,
        Operator::LessOrEqual => text < end,
        Operator::Greater => end <= text,
        Operator::GreaterOrEqual => start <= text,
        Operator::Like => false,
    }
}

fn comparand(
    column: &Column,
    path: &Path,
    operator: Operator,
    value: &Literal,
    now: Timestamp,
) -> Result<Comparand, Flaw> {
    let kind = column.field.kind;
    let text = matches!(value, Literal::Text { .. });
    if operator == Operator::Like && (!kind.is_text() || kind.is_id() || kind == Kind::Multipicklist || !text) {
        return Err(no_operator(path, "like"));
    }
    match (kind, value) {
        (_, Literal::Null) => Ok(Comparand::Value(Value::Null)),
        (_, Literal::Text { pattern, .. }) if operator == Operator::Like => Ok(Comparand::Pattern(pattern.clone())),
        (Kind::Id | Kind::Reference, Literal::Text { value, .. }) => match id::whole(value) {
            Some(id) => Ok(Comparand::Value(id.into())),
            None => Err(Flaw::new(
                "INVALID_QUERY_FILTER_OPERATOR",
                path,
                format!("invalid ID field: {value}"),
            )),
        },
        (kind, Literal::Text { value, .. }) if kind.is_text() => Ok(Comparand::Value(match value.as_str() {
            "" => Value::Null,
            text => text.into(),
        })),
        (kind, Literal::Number(number)) if kind.is_number() => Ok(Comparand::Value((*number).into())),
        (Kind::Boolean, Literal::Boolean(value)) => Ok(Comparand::Value((*value).into())),
        (Kind::Date, Literal::Date(date)) => Ok(Comparand::Value(date.to_string().into())),
        (Kind::Datetime, Literal::Moment(time)) => Ok(Comparand::Value(field::moment(*time).into())),
        (Kind::Date | Kind::Datetime, Literal::Days(name, number)) => span(kind, path, name, *number, now),
        _ => Err(mismatch(column, path, text)),
    }
}

fn span(kind: Kind, path: &Path, name: &str, number: Option<i64>, now: Timestamp) -> Result<Comparand, Flaw> {
    let form = |day: Date| match kind {
        Kind::Date => Some(day.to_string()),
        _ => day
            .to_zoned(TimeZone::UTC)
            .ok()
            .map(|start| field::moment(start.timestamp())),
    };
    let span = soql::days(name, number, now).and_then(|(start, end)| form(start).zip(form(end)));
    let (start, end) = span.ok_or_else(|| Flaw::new("MALFORMED_QUERY", path, format!("Invalid date: {name}")))?;
    Ok(Comparand::Span(start, end))
}

fn choice(column: &Column, path: &Path, value: &Literal) -> Result<String, Flaw> {
    match value {
        Literal::Text { value, .. } => Ok(value.clone()),
        _ => Err(mismatch(column, path, false)),
    }
}

fn mismatch(column: &Column, path: &Path, quoted: bool) -> Flaw {
    let quotes = if quoted {
        " and should not be enclosed in quotes"
    } else {
        ""
    };
    let quotes = if column.field.kind.is_text() {
        " and should be enclosed in quotes"
    } else {
        quotes
    };
    let message = format!(
        "value of filter criterion for field '{}' must be of type {}{quotes}",
        path.text(),
        soql::expected(column.field.kind)
    );
    Flaw::new("INVALID_FIELD", path, message)
}

fn no_operator(path: &Path, operator: &str) -> Flaw {
    let message = format!("invalid operator '{operator}' on field '{}'", path.text());
    Flaw::new("INVALID_QUERY_FILTER_OPERATOR", path, message)
}
