//! An inspection as a page for a terminal: nothing in it can hide from the reader.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use registry::visible;
use serde_json::Value;

use crate::command::output;

/// What would run, in the order in which an approver needs it: who signed it, what to look at twice, what is new, what
/// it asks for, what it does.
pub(in crate::command) fn page(seen: &Value) -> String {
    let mut out = facts(seen);
    list(&mut out, "Look twice", seen, "warnings", |warning| {
        output::text(warning, &["words"])
    });
    if let Some(difference) = seen.get("difference") {
        out.push_str(&new(difference));
    }
    list(&mut out, "Tools", seen, "tools", tool);
    if items(seen, "bindings").next().is_none() {
        out.push_str("\nAsks for\n  nothing outside\n");
    }
    list(&mut out, "Asks for", seen, "bindings", |asked| {
        let [kind, name, reason] = ["kind", "name", "reason"].map(|fact| output::text(asked, &[fact]));
        format!("{kind}:{name}  {reason}")
    });
    list(&mut out, "Not covered by these grants", seen, "not_covered", |told| {
        told.as_str().unwrap_or_default().to_owned()
    });
    if let Some(limits) = seen
        .get("limits")
        .and_then(Value::as_object)
        .filter(|limits| !limits.is_empty())
    {
        out.push_str("\nLimits that it asks for\n");
        for (name, number) in limits {
            let _infallible = writeln!(out, "  {name} = {number}");
        }
    }
    list(&mut out, "Said of it", seen, "statements", |said| {
        format!(
            "{}  {}",
            output::text(said, &["statement"]),
            output::text(said, &["key"])
        )
    });
    list(&mut out, "Imports", seen, "imports", |import| {
        import.as_str().unwrap_or_default().to_owned()
    });
    out
}

fn facts(seen: &Value) -> String {
    let mut out = String::new();
    for (title, fact) in [
        ("skill", "skill"),
        ("version", "version"),
        ("digest", "digest"),
        ("publisher", "publisher"),
        ("key", "key"),
        ("known since", "key_added"),
        ("signed until", "expires"),
        ("summary", "summary"),
        ("license", "license"),
        ("source", "source"),
        ("bytes", "size"),
    ] {
        let _infallible = writeln!(out, "{title:<12} {}", visible(&output::text(seen, &[fact])));
    }
    out
}

fn new(difference: &Value) -> String {
    let [version, digest, approved] = ["version", "digest", "approved"].map(|fact| output::text(difference, &[fact]));
    let runs = match difference.get("runs") {
        Some(Value::Bool(true)) => "which runs now",
        _ => "which runs no more",
    };
    let mut out = format!("\nNew since {version}, approved {approved}, {runs}\n  {digest}\n");
    out.push_str(&changes(difference));
    out
}

/// What is new, a line each, with the lines of text that differ below.
pub(in crate::command) fn changes(difference: &Value) -> String {
    let mut out = String::new();
    for change in items(difference, "changes") {
        let _infallible = writeln!(out, "  * {}", visible(&output::text(change, &["words"])));
        let text = |name: &str| change.get(name).and_then(Value::as_str);
        if let (Some(before), Some(after)) = (text("before"), text("after")) {
            out.push_str(&differing(before, after));
        }
    }
    if out.is_empty() {
        out.push_str("  nothing\n");
    }
    out
}

/// The lines between what two texts begin and end with alike.
fn differing(before: &str, after: &str) -> String {
    let (mut old, mut new): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
    let alike = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    old.drain(..alike);
    new.drain(..alike);
    while !old.is_empty() && old.last() == new.last() {
        old.pop();
        new.pop();
    }
    let marked = |mark: char, lines: Vec<&str>| -> String {
        lines
            .iter()
            .map(|line| format!("      {mark} {}\n", visible(line)))
            .collect()
    };
    marked('-', old) + &marked('+', new)
}

fn tool(tool: &Value) -> String {
    let is = |name: &str| tool.get(name).and_then(Value::as_bool);
    let effect = match (is("read_only"), is("destructive")) {
        (Some(true), _) => "says that it only reads",
        (_, Some(false)) => "may change things outside",
        _ => "may overwrite or delete things outside",
    };
    let mut out = format!("{} ({effect})", output::text(tool, &["name"]));
    for line in output::text(tool, &["description"]).lines() {
        let _infallible = write!(out, "\n    {line}");
    }
    for (word, schema) in [("takes", "input_schema"), ("gives", "output_schema")] {
        if let Some(schema) = tool.get(schema) {
            let _infallible = write!(out, "\n    {word} {schema}");
        }
    }
    out
}

/// A section, where there is anything in it.
fn list(out: &mut String, title: &str, of: &Value, name: &str, line: impl Fn(&Value) -> String) {
    for (place, item) in items(of, name).enumerate() {
        if place == 0 {
            let _infallible = write!(out, "\n{title}\n");
        }
        let _infallible = writeln!(out, "  {}", visible(&line(item)).replace("\n    ", "\n      "));
    }
}

fn items<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}
