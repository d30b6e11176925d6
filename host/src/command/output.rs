//! How commands speak: data on standard output, talk on standard error.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;

use super::Global;

/// Prints data: as JSON where that was asked for, else as the lines that `text` makes of it.
///
/// # Errors
/// Standard output is closed.
pub(super) fn data<T: Serialize>(global: &Global, value: &T, text: impl FnOnce(&T) -> String) -> Result<()> {
    let mut out = match global.json {
        true => serde_json::to_string_pretty(value).context("the answer is not JSON")?,
        false => text(value),
    };
    if !out.ends_with('\n') && !out.is_empty() {
        out.push('\n');
    }
    std::io::stdout()
        .write_all(out.as_bytes())
        .context("standard output is closed")
}

/// Prints a value as JSON, whatever was asked for: what is printed is a file for another program.
///
/// # Errors
/// Standard output is closed.
pub(super) fn json(value: &impl Serialize) -> Result<()> {
    let out = serde_json::to_string_pretty(value).context("the answer is not JSON")?;
    writeln!(std::io::stdout(), "{out}").context("standard output is closed")
}

/// Says one line to the person who waits.
#[expect(clippy::print_stderr, reason = "standard error is where commands talk")]
pub(super) fn say(line: &str) {
    eprintln!("{line}");
}

/// Prints the chain of what went wrong, and gives the exit code of a failed command.
pub(super) fn failed(error: &anyhow::Error) -> ExitCode {
    say(&format!("skillhost: {error:#}"));
    ExitCode::FAILURE
}

/// Rows under a heading, each column as wide as its widest cell.
pub(super) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells
            .chain(heading.get(column).map(|cell| cell.chars().count()))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut out = line(&mut heading.iter().copied());
    for row in rows {
        out.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    out
}

/// A fact a line; what holds facts of its own stands indented under its name.
pub(super) fn facts(value: &Value) -> String {
    let Some(named) = value.as_object() else {
        return format!("{}\n", text(value, &[]));
    };
    let width = named.keys().map(String::len).max().unwrap_or(0);
    let fact = |(name, value): (&String, &Value)| match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let items: String = items.iter().map(|item| indented(&facts(item), "- ")).collect();
            format!("{name}\n{items}")
        }
        Value::Array(items) if !items.is_empty() => {
            let items: Vec<_> = items.iter().map(|item| text(item, &[])).collect();
            format!("{name:<width$}  {}\n", items.join(", "))
        }
        Value::Object(inner) if !inner.is_empty() => format!("{name}\n{}", indented(&facts(value), "")),
        Value::Array(_) | Value::Object(_) => format!("{name:<width$}  -\n"),
        _ => format!("{name:<width$}  {}\n", text(value, &[])),
    };
    named.iter().map(fact).collect()
}

/// The text at a path of keys, or a dash.
pub(super) fn text(value: &Value, path: &[&str]) -> String {
    let found = path.iter().try_fold(value, |value, key| value.get(key));
    match found {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Lines with a mark before the first and as much room before the others.
fn indented(lines: &str, mark: &str) -> String {
    let room = " ".repeat(mark.len());
    let marks = std::iter::once(mark).chain(std::iter::repeat(room.as_str()));
    lines
        .lines()
        .zip(marks)
        .map(|(line, mark)| format!("  {mark}{line}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{facts, table, text};

    #[test]
    fn facts_of_facts_stand_under_their_name() {
        let publisher = json!({
            "name": "acme", "namespaces": ["acme", "decks"], "files": [], "grants": {},
            "keys": [{"key": "sha256:1", "revoked": {"by": "ann", "reason": "lost"}}, {"key": "sha256:2"}],
        });
        insta::assert_snapshot!(facts(&publisher), @r"
        name        acme
        namespaces  acme, decks
        files       -
        grants      -
        keys
          - key      sha256:1
            revoked
              by      ann
              reason  lost
          - key  sha256:2
        ");
    }

    #[test]
    fn a_table_is_as_wide_as_its_cells() {
        let rows = [
            vec!["a".to_owned(), "first".to_owned()],
            vec!["long".to_owned(), "2".to_owned()],
        ];
        insta::assert_snapshot!(table(&["id", "what"], &rows), @r"
        id    what
        a     first
        long  2
        ");
    }

    #[test]
    fn what_is_missing_is_a_dash() {
        let value = serde_json::json!({"a": {"b": 1, "c": null}});
        assert_eq!(
            (text(&value, &["a", "b"]), text(&value, &["a", "c"])),
            ("1".to_owned(), "-".to_owned())
        );
    }
}
