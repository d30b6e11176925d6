//! SOQL, the part of it that programs use: read into a [`Query`]; what is left out is refused as malformed.
//!
//! Left out: `TYPEOF`, `WITH`, `USING SCOPE`, `HAVING`, `FOR`, `ALL ROWS`, date functions, aliases of objects,
//! currencies, and semi-joins.

mod condition;
mod literal;
mod parser;
mod token;

use super::refusal::Refusal;
use super::schema::Kind;

pub(super) use literal::{Literal, Pattern, days};

/// A query as it was written; names are not resolved.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) selections: Vec<Selection>,
    pub(super) from: Path,
    pub(super) condition: Option<Condition>,
    pub(super) group_by: Vec<Path>,
    pub(super) order_by: Vec<Order>,
    pub(super) limit: Option<usize>,
    pub(super) offset: usize,
}

/// One thing that is selected.
#[derive(Debug)]
pub(super) enum Selection {
    Field(Path),
    /// `FIELDS(ALL)` and its like.
    Fields(Which),
    /// `COUNT()`, which answers no records.
    Count,
    Aggregate(Aggregate),
    /// The records that refer to each record.
    Children(Query),
}

/// Which fields `FIELDS` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    All,
    Standard,
    Custom,
}

/// A function over a group.
#[derive(Debug)]
pub(super) struct Aggregate {
    pub(super) function: Function,
    pub(super) path: Path,
    pub(super) alias: Option<String>,
}

/// The functions over groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
}

/// Names with points between them, and where they stand in the text: the number of characters before them.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) names: Vec<String>,
    pub(super) at: usize,
}

/// What records must fulfil.
#[derive(Debug)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare {
        path: Path,
        operator: Operator,
        value: Literal,
    },
    OneOf {
        path: Path,
        values: Vec<Literal>,
        negated: bool,
    },
    /// `INCLUDES`: each value may be several with semicolons between them, all of which must be chosen.
    Includes {
        path: Path,
        values: Vec<Literal>,
        negated: bool,
    },
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}

/// One step of the order of the records.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) path: Path,
    pub(super) descending: bool,
    pub(super) nulls_last: bool,
}

/// What is wrong with a query, and where.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) code: &'static str,
    pub(super) at: usize,
    pub(super) message: String,
}

impl Flaw {
    pub(super) fn malformed(at: usize, message: impl Into<String>) -> Self {
        Self {
            code: "MALFORMED_QUERY",
            at,
            message: message.into(),
        }
    }

    pub(super) fn new(code: &'static str, path: &Path, message: impl Into<String>) -> Self {
        Self {
            code,
            at: path.at,
            message: message.into(),
        }
    }

    /// The refusal, with the place marked under the text around it.
    pub(super) fn of(&self, soql: &str) -> Refusal {
        let line: String = soql.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let start = self.at.saturating_sub(20);
        let near: String = line.chars().skip(start).take(60).collect();
        let mark = " ".repeat(self.at - start);
        let message = format!(
            "\n{near}\n{mark}^\nERROR at Row:1:Column:{}\n{}",
            self.at + 1,
            self.message
        );
        Refusal::bad(self.code, message)
    }
}

impl Query {
    /// Reads a whole query.
    pub(super) fn read(soql: &str) -> Result<Self, Flaw> {
        parser::Parser::over(soql)?.whole()
    }

    /// Reads what stands behind an object's name in the `RETURNING` of a search: fields, a condition, an order, a
    /// limit.
    pub(super) fn read_returned(object: &str, text: &str) -> Result<Self, Flaw> {
        parser::Parser::over(text)?.returned(object)
    }

    /// The query answers groups and not records.
    pub(super) fn is_aggregate(&self) -> bool {
        !self.group_by.is_empty() || self.selections.iter().any(|one| matches!(one, Selection::Aggregate(_)))
    }
}

impl Path {
    /// With points, as it was written.
    pub(super) fn text(&self) -> String {
        self.names.join(".")
    }
}

/// What kind of literal a field of this kind is compared with, in the words of the refusal.
pub(super) fn expected(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "int",
        Kind::Double | Kind::Currency | Kind::Percent => "double",
        Kind::Boolean => "boolean",
        Kind::Date => "date",
        Kind::Datetime => "dateTime",
        _ => "string",
    }
}
