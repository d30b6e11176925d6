//! The values that a query compares with.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _, Zoned};

use super::Flaw;
use super::token::{Token, Word};

/// A value in a query.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Literal {
    Null,
    Boolean(bool),
    Number(f64),
    Text {
        value: String,
        pattern: Pattern,
    },
    Date(Date),
    Moment(Timestamp),
    /// A span of days such as `LAST_N_DAYS:7`: its name, and the number where it has one.
    Days(String, Option<i64>),
}

/// Text as `LIKE` reads it.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Pattern(pub(super) Vec<Wildcard>);

/// One character of a pattern.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wildcard {
    Only(char),
    Any,
    Many,
}

impl Wildcard {
    /// What a character means that was not escaped.
    pub(super) fn of(c: char) -> Self {
        match c {
            '%' => Self::Many,
            '_' => Self::Any,
            _ => Self::Only(c),
        }
    }
}

impl Pattern {
    /// Whether the whole text fits, letters' case aside.
    pub(in super::super) fn fits(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        fits(&self.0, &text)
    }
}

fn fits(pattern: &[Wildcard], text: &[char]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((Wildcard::Many, rest)), next) => {
            fits(rest, text) || next.is_some_and(|(_, shorter)| fits(pattern, shorter))
        }
        (Some((Wildcard::Any, rest)), Some((_, shorter))) => fits(rest, shorter),
        (Some((Wildcard::Only(expected), rest)), Some((found, shorter))) => {
            expected.to_lowercase().eq(found.to_lowercase()) && fits(rest, shorter)
        }
        _ => false,
    }
}

const DAYS: [&str; 12] = [
    "TODAY",
    "YESTERDAY",
    "TOMORROW",
    "THIS_WEEK",
    "LAST_WEEK",
    "THIS_MONTH",
    "LAST_MONTH",
    "THIS_YEAR",
    "LAST_YEAR",
    "LAST_N_DAYS",
    "NEXT_N_DAYS",
    "LAST_90_DAYS",
];

/// The literal that one word is; None where it is none.
pub(super) fn of(token: &Token) -> Result<Option<Literal>, Flaw> {
    Ok(Some(match &token.kind {
        Word::Text { value, pattern } => Literal::Text {
            value: value.clone(),
            pattern: pattern.clone(),
        },
        Word::Figure(text) => figure(token.at, text)?,
        Word::Name(name) => match name.to_ascii_uppercase().as_str() {
            "NULL" => Literal::Null,
            "TRUE" => Literal::Boolean(true),
            "FALSE" => Literal::Boolean(false),
            upper if DAYS.contains(&upper) => Literal::Days(upper.to_owned(), None),
            _ => return Ok(None),
        },
        Word::Sign(_) | Word::End => return Ok(None),
    }))
}

fn figure(at: usize, text: &str) -> Result<Literal, Flaw> {
    let is_plain = text.chars().all(|c| c.is_ascii_digit() || "+-.".contains(c));
    let literal = if is_plain && !text.get(1..).is_some_and(|rest| rest.contains('-')) {
        text.parse().ok().map(Literal::Number)
    } else if text.contains('T') {
        text.parse().ok().map(Literal::Moment)
    } else {
        text.parse().ok().filter(|_| text.len() == 10).map(Literal::Date)
    };
    literal.ok_or_else(|| Flaw::malformed(at, format!("unexpected token: '{text}'")))
}

/// The first day of such a span, and the first day after it, seen from this moment.
pub(in super::super) fn days(name: &str, number: Option<i64>, now: Timestamp) -> Option<(Date, Date)> {
    let today = Zoned::new(now, TimeZone::UTC).date();
    let back = i64::from(today.weekday().to_sunday_zero_offset());
    let (start, length): (Date, Span) = match name {
        "TODAY" => (today, 1.day()),
        "YESTERDAY" => (today.checked_sub(1.day()).ok()?, 1.day()),
        "TOMORROW" => (today.checked_add(1.day()).ok()?, 1.day()),
        "THIS_WEEK" => (today.checked_sub(back.days()).ok()?, 7.days()),
        "LAST_WEEK" => (today.checked_sub((back + 7).days()).ok()?, 7.days()),
        "THIS_MONTH" => (today.first_of_month(), 1.month()),
        "LAST_MONTH" => (today.first_of_month().checked_sub(1.month()).ok()?, 1.month()),
        "THIS_YEAR" => (today.first_of_year(), 1.year()),
        "LAST_YEAR" => (today.first_of_year().checked_sub(1.year()).ok()?, 1.year()),
        "LAST_90_DAYS" => (today.checked_sub(90.days()).ok()?, 91.days()),
        "LAST_N_DAYS" => (
            today.checked_sub(number?.days()).ok()?,
            Span::new().try_days(number? + 1).ok()?,
        ),
        "NEXT_N_DAYS" => (today.checked_add(1.day()).ok()?, Span::new().try_days(number?).ok()?),
        _ => return None,
    };
    Some((start, start.checked_add(length).ok()?))
}
