//! Values as SOQL and JSON write them. What is written comes from the value's type and never from its text, but for
//! quoted text, in which every character that could end it is escaped.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Number;
use skillhost_sdk::ToolError;

/// Salesforce has numbers of 18 digits at most, before and behind the point.
const MOST: f64 = 1e18;

/// Text between quotes (Salesforce's SOQL reference, "Quoted String Escape Sequences").
pub(crate) fn text(value: &str) -> String {
    format!("'{}'", escaped(value, false))
}

/// Text between quotes for `LIKE`, in which `%` and `_` mean themselves; wildcards stand around it.
pub(crate) fn like(before: &str, value: &str, after: &str) -> String {
    format!("'{before}{}{after}'", escaped(value, true))
}

/// A number without an exponent, which SOQL does not know.
pub(crate) fn number(value: f64) -> Result<String, ToolError> {
    let number = json_number(value)?;
    Ok(number
        .as_i64()
        .map_or_else(|| value.to_string(), |whole| whole.to_string()))
}

/// A number for JSON; without a point where it is whole, because Salesforce refuses `12.0` for a whole number.
pub(crate) fn json_number(value: f64) -> Result<Number, ToolError> {
    let refuse = || {
        let message = format!("{value:e} is no number that Salesforce could hold: give one of at most 18 digits.");
        ToolError::invalid_argument(message)
    };
    if value.abs() >= MOST || (value != 0.0 && value.abs() < 1.0 / MOST) {
        return Err(refuse());
    }
    if value.fract() == 0.0 {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole and smaller than 10^18")]
        return Ok(Number::from(value as i64));
    }
    Number::from_f64(value).ok_or_else(refuse)
}

/// A day.
pub(crate) fn date(value: &str) -> Result<String, ToolError> {
    let date: Option<Date> = Some(value)
        .filter(|text| text.len() == 10)
        .and_then(|text| text.parse().ok());
    date.map(|date| date.to_string()).ok_or_else(|| {
        let message = format!("`{value}` is no day: write it as in `2026-05-31`.");
        ToolError::invalid_argument(message)
    })
}

/// A moment, to the second, in UTC.
pub(crate) fn moment(value: &str) -> Result<String, ToolError> {
    Ok(timestamp(value)?.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A moment as the header `If-Unmodified-Since` writes it (RFC 9110 section 5.6.7).
pub(crate) fn http_date(value: &str) -> Result<String, ToolError> {
    Ok(timestamp(value)?.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

fn timestamp(value: &str) -> Result<Timestamp, ToolError> {
    value.parse().map_err(|_| {
        let message = format!("`{value}` is no moment: write it with its zone, as in `2026-05-31T12:00:00+02:00`.");
        ToolError::invalid_argument(message)
    })
}

fn escaped(value: &str, wildcards: bool) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    for c in value.chars() {
        match c {
            '\\' | '\'' | '"' => out.extend(['\\', c]),
            '%' | '_' if wildcards => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            // Every control character, and the two that end a line in Unicode, is below U+10000: four digits.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                let _infallible = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
