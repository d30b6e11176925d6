//! What may be written into a field, and the form in which it is kept.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::id;
use super::refusal::Refusal;
use super::schema::{Field, Kind, SCHEMA};

/// The form in which a value is kept, or why it cannot be written. Empty text is kept as null.
pub(super) fn keep(field: &Field, value: &Value) -> Result<Value, Refusal> {
    match value {
        Value::Null if field.kind == Kind::Boolean => Ok(false.into()),
        Value::Null => Ok(Value::Null),
        Value::String(text) if text.is_empty() => Ok(Value::Null),
        _ => match field.kind {
            Kind::Boolean => boolean(value),
            kind if kind.is_number() => number(field, value),
            Kind::Date => date(value),
            Kind::Datetime => datetime(value),
            _ => text(field, value),
        },
    }
}

/// A moment as it is kept: two of them compare like their texts.
pub(super) fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

fn boolean(value: &Value) -> Result<Value, Refusal> {
    match value {
        Value::Bool(_) => Ok(value.clone()),
        _ => Err(mismatch("boolean", value)),
    }
}

fn number(field: &Field, value: &Value) -> Result<Value, Refusal> {
    let number = value.as_f64().ok_or_else(|| mismatch(field.kind.name(), value))?;
    let digits = i32::try_from(field.precision - field.scale).unwrap_or(i32::MAX);
    if number.abs() >= 10_f64.powi(digits) {
        let message = format!(
            "{}: value outside of valid range on numeric field: {value}",
            field.label()
        );
        return Err(Refusal::bad("NUMBER_OUTSIDE_VALID_RANGE", message).at([&field.name]));
    }
    if field.kind == Kind::Int {
        return value.as_i64().map(Value::from).ok_or_else(|| mismatch("int", value));
    }
    let unit = 10_f64.powi(i32::try_from(field.scale).unwrap_or_default());
    Ok(Value::from((number * unit).round() / unit))
}

fn date(value: &Value) -> Result<Value, Refusal> {
    let date: Option<Date> = value
        .as_str()
        .filter(|text| text.len() == 10)
        .and_then(|text| text.parse().ok());
    date.map(|date| Value::from(date.to_string()))
        .ok_or_else(|| mismatch("date", value))
}

fn datetime(value: &Value) -> Result<Value, Refusal> {
    let time = value.as_str().and_then(|text| text.parse().ok());
    time.map(|time| Value::from(moment(time)))
        .ok_or_else(|| mismatch("datetime", value))
}

fn text(field: &Field, value: &Value) -> Result<Value, Refusal> {
    let text = value.as_str().ok_or_else(|| mismatch("string", value))?;
    let refuse = |code, said: &str| {
        let message = format!("{}: {said}: {text}", field.label());
        Err(Refusal::bad(code, message).at([&field.name]))
    };
    if field.length > 0 && text.chars().count() > field.length {
        let message = format!(
            "{}: data value too large: {text} (max length={})",
            field.label(),
            field.length
        );
        return Err(Refusal::bad("STRING_TOO_LONG", message).at([&field.name]));
    }
    match field.kind {
        Kind::Email if !is_email(text) => refuse("INVALID_EMAIL_ADDRESS", "invalid email address"),
        Kind::Picklist | Kind::Multipicklist if !is_listed(field, text) => refuse(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "bad value for restricted picklist field",
        ),
        Kind::Reference => match reference(field, text) {
            Some(id) => Ok(id.into()),
            None => refuse("MALFORMED_ID", "id value of incorrect type"),
        },
        _ => Ok(value.clone()),
    }
}

fn reference(field: &Field, text: &str) -> Option<String> {
    let id = id::whole(text)?;
    let object = SCHEMA.of_id(&id)?;
    (field.reference_to.as_deref() == Some(object.name.as_str())).then_some(id)
}

fn is_email(text: &str) -> bool {
    let whole = |(user, host): (&str, &str)| !user.is_empty() && host.contains('.') && !text.contains(' ');
    text.split_once('@').is_some_and(whole)
}

fn is_listed(field: &Field, text: &str) -> bool {
    let listed = |value: &str| field.values.iter().any(|own| own == value);
    match field.kind {
        _ if !field.restricted => true,
        Kind::Multipicklist => text.split(';').all(listed),
        _ => listed(text),
    }
}

fn mismatch(expected: &str, found: &Value) -> Refusal {
    let token = match found {
        Value::String(_) => "VALUE_STRING",
        Value::Bool(true) => "VALUE_TRUE",
        Value::Bool(false) => "VALUE_FALSE",
        Value::Number(number) if number.is_f64() => "VALUE_NUMBER_FLOAT",
        Value::Number(_) => "VALUE_NUMBER_INT",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) | Value::Null => "START_OBJECT",
    };
    let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
    let message = format!(
        "Cannot deserialize instance of {expected} from {token} value {found} or request may be missing a required \
         field"
    );
    Refusal::bad("JSON_PARSER_ERROR", message)
}
