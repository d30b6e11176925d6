//! What is new about the tools of a skill.

use serde_json::Value;

use super::Changes;
use crate::skills::described::{Described, DescribedTool};

pub(super) fn tools(changes: &mut Changes, before: &Described, after: &Described) {
    let found = changes.0.len();
    for tool in &after.tools {
        match before.tools.iter().find(|known| known.name == tool.name) {
            None => changes.say("tool-added", format!("new tool `{}`{}", tool.name, promise(tool))),
            Some(known) => one(changes, known, tool),
        }
    }
    for tool in &before.tools {
        if after.tools.iter().all(|other| other.name != tool.name) {
            changes.say("tool-removed", format!("the tool `{}` is gone", tool.name));
        }
    }
    // Whatever else the WIT says that no tool shows, such as its docs of an import.
    if before.wit != after.wit && changes.0.len() == found {
        changes.say("wit-changed", "the WIT changed, and no tool with it".to_owned());
    }
}

/// What a tool does outside by its own words.
fn promise(tool: &DescribedTool) -> &'static str {
    match (tool.hints.read_only, tool.hints.is_destructive()) {
        (true, _) => ", which says that it only reads",
        (false, false) => ", which may change things outside",
        (false, true) => ", which may overwrite or delete things outside",
    }
}

fn one(changes: &mut Changes, before: &DescribedTool, after: &DescribedTool) {
    let name = &after.name;
    changes.text(
        "description-changed",
        &format!("the description of `{name}` changed"),
        &before.description,
        &after.description,
    );
    let title = |tool: &DescribedTool| tool.hints.title.clone().unwrap_or_default();
    changes.text(
        "title-changed",
        &format!("the title of `{name}` changed"),
        &title(before),
        &title(after),
    );
    hints(changes, before, after);
    let pretty = |schema: &Value| format!("{schema:#}");
    let error = |tool: &DescribedTool| tool.error.as_ref().map(pretty).unwrap_or_default();
    for (code, what, old, new) in [
        (
            "arguments-changed",
            "arguments",
            pretty(&before.input),
            pretty(&after.input),
        ),
        ("value-changed", "value", pretty(&before.output), pretty(&after.output)),
        ("error-changed", "error", error(before), error(after)),
    ] {
        changes.text(
            code,
            &format!("the types of the {what} of `{name}` changed"),
            &old,
            &new,
        );
    }
}

fn hints(changes: &mut Changes, before: &DescribedTool, after: &DescribedTool) {
    let name = &after.name;
    for (old, new, gone, come) in [
        (
            before.hints.read_only,
            after.hints.read_only,
            "no longer says that it only reads",
            "now says that it only reads",
        ),
        (
            before.hints.is_destructive(),
            after.hints.is_destructive(),
            "now says that it overwrites and deletes nothing",
            "may now overwrite or delete things outside",
        ),
        (
            before.hints.idempotent,
            after.hints.idempotent,
            "no longer says that calling it twice does no more than once",
            "now says that calling it twice does no more than once",
        ),
    ] {
        if old != new {
            let told = if new { come } else { gone };
            changes.say("hint-changed", format!("`{name}` {told}"));
        }
    }
}
