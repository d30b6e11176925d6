//! Arguments that cannot be meant are refused before Jira is asked.

use serde_json::{Map, Value, json};
use skillhost_sdk::ToolError;

use crate::adf;
use crate::exports::skillhost::jira::issues::Field;

/// An error about one argument.
pub(crate) fn refused(field: &str, message: impl Into<String>) -> ToolError {
    ToolError::invalid_argument(message).detail("field", field)
}

/// Text that says something.
///
/// # Errors
/// `invalid-argument` where it is blank.
pub(crate) fn filled<'a>(field: &str, text: &'a str) -> Result<&'a str, ToolError> {
    match text.trim() {
        "" => Err(refused(field, format!("Give `{field}`."))),
        text => Ok(text),
    }
}

/// One line of a limited length.
///
/// # Errors
/// `invalid-argument` where it is blank, too long or several lines.
pub(crate) fn line<'a>(field: &str, text: &'a str, characters: usize) -> Result<&'a str, ToolError> {
    let text = filled(field, text)?;
    if text.chars().count() > characters || text.contains(char::is_control) {
        return Err(refused(
            field,
            format!("Give `{field}` with 1 to {characters} characters on one line."),
        ));
    }
    Ok(text)
}

/// A number within its limits, or what is meant where it is missing.
///
/// # Errors
/// `invalid-argument` where it is outside.
pub(crate) fn count(field: &str, given: Option<u32>, least: u32, most: u32, missing: u32) -> Result<u32, ToolError> {
    match given.unwrap_or(missing) {
        count if (least..=most).contains(&count) => Ok(count),
        _ => Err(refused(field, format!("Give `{field}` from {least} to {most}."))),
    }
}

/// The fields to read.
///
/// # Errors
/// `invalid-argument` where there are none or too many, or one is no identifier.
pub(crate) fn fields(given: Option<Vec<String>>, missing: &[&str]) -> Result<Vec<String>, ToolError> {
    let Some(fields) = given else {
        return Ok(missing.iter().map(|field| (*field).to_owned()).collect());
    };
    if !(1..=50).contains(&fields.len()) {
        return Err(refused("fields", "Name 1 to 50 fields, or leave `fields` out."));
    }
    for field in &fields {
        identifier(field)?;
    }
    Ok(fields)
}

/// Labels, which Jira separates by spaces.
///
/// # Errors
/// `invalid-argument` where one is empty, too long or has a space in it.
pub(crate) fn labels(labels: &[String]) -> Result<(), ToolError> {
    let is_label = |label: &String| (1..=255).contains(&label.chars().count()) && !label.contains(char::is_whitespace);
    match labels.iter().find(|label| !is_label(label)) {
        Some(label) => Err(refused(
            "labels",
            format!("`{label}` is no label: use 1 to 255 characters and no space."),
        )),
        None => Ok(()),
    }
}

/// Adds further fields to those of an issue.
///
/// # Errors
/// `invalid-argument` where one is there already, has no identifier, or is no JSON.
pub(crate) fn add(fields: &mut Map<String, Value>, further: Vec<Field>) -> Result<(), ToolError> {
    for Field { id, value } in further {
        identifier(&id)?;
        if fields.contains_key(&id) {
            return Err(refused(
                "fields",
                format!("`{id}` is given already: leave it out of `fields`."),
            ));
        }
        let value = parse(&id, &value)?;
        fields.insert(id, value);
    }
    Ok(())
}

fn parse(id: &str, text: &str) -> Result<Value, ToolError> {
    let value: Value = serde_json::from_str(text).map_err(|cause| {
        let message = format!("The value of `{id}` is no JSON ({cause}): put text into quotation marks.");
        refused("fields", message)
    })?;
    match value.as_object().map(|object| (object.len(), object.get("markdown"))) {
        Some((1, Some(Value::String(markdown)))) => adf::document(markdown),
        _ => Ok(value),
    }
}

fn identifier(id: &str) -> Result<(), ToolError> {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "_-.:*".contains(letter);
    if (1..=255).contains(&id.len()) && id.chars().all(is_letter) {
        return Ok(());
    }
    let message = format!(
        "{} is no identifier of a field, such as `duedate` or `customfield_10016`.",
        json!(id)
    );
    Err(refused("fields", message))
}
