//! What is new about an artifact beside another of the same name, in words for whoever approves it.

mod asked;
mod tools;

#[cfg(test)]
mod tests;

use registry::ledger::Grants;
use registry::{Digest, PublisherName};

use super::described::Described;

pub(super) use asked::name;

/// One artifact of a comparison.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    /// Who signed it.
    pub publisher: &'a PublisherName,
    /// The key that signed it.
    pub key: Digest,
    /// What it says of itself.
    pub said: &'a Described,
    /// What it may do, or would; none where nobody chose yet.
    pub grants: Option<&'a Grants>,
}

/// One thing that is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What to branch on.
    pub code: &'static str,
    /// The same in words.
    pub words: String,
    /// What it was, where words are too short for it.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// Everything that is new about `after`: first who signed it, then what it asks for and would be granted, then what it
/// says. Nothing where the two are alike.
pub(super) fn difference(before: &Side<'_>, after: &Side<'_>) -> Vec<Change> {
    let mut changes = Changes::default();
    signer(&mut changes, before, after);
    asked::bindings(&mut changes, before.said, after.said);
    if let (Some(granted), Some(chosen)) = (before.grants, after.grants) {
        asked::grants(&mut changes, granted, chosen);
    }
    asked::limits(&mut changes, before.said, after.said);
    asked::imports(&mut changes, before.said, after.said);
    tools::tools(&mut changes, before.said, after.said);
    words(&mut changes, before.said, after.said);
    changes.0
}

/// The changes that were found so far.
#[derive(Default)]
struct Changes(Vec<Change>);

impl Changes {
    fn say(&mut self, code: &'static str, words: String) {
        self.0.push(Change {
            code,
            words,
            before: None,
            after: None,
        });
    }

    /// Says it with both texts, where they differ.
    fn text(&mut self, code: &'static str, words: &str, before: &str, after: &str) {
        if before != after {
            self.0.push(Change {
                code,
                words: words.to_owned(),
                before: Some(before.to_owned()),
                after: Some(after.to_owned()),
            });
        }
    }
}

fn signer(changes: &mut Changes, before: &Side<'_>, after: &Side<'_>) {
    let publishers = (before.publisher.as_str(), after.publisher.as_str());
    changes.text("publisher-changed", "the publisher changed", publishers.0, publishers.1);
    let keys = (before.key.to_string(), after.key.to_string());
    changes.text("key-changed", "the key of the publisher changed", &keys.0, &keys.1);
    if after.said.version < before.said.version {
        let told = format!(
            "the version goes back from {} to {}",
            before.said.version, after.said.version
        );
        changes.say("version-lower", told);
    }
}

fn words(changes: &mut Changes, before: &Described, after: &Described) {
    let texts = [
        (
            "summary-changed",
            "the summary changed",
            &before.summary,
            &after.summary,
        ),
        (
            "license-changed",
            "the licence changed",
            &before.license,
            &after.license,
        ),
    ];
    for (code, words, before, after) in texts {
        changes.text(code, words, before, after);
    }
    let source = |side: &Described| side.source.clone().unwrap_or_default();
    changes.text(
        "source-changed",
        "the place of its source changed",
        &source(before),
        &source(after),
    );
    let instructions = |side: &Described| side.instructions.clone().unwrap_or_default();
    changes.text(
        "instructions-changed",
        "`SKILL.md` changed",
        &instructions(before),
        &instructions(after),
    );
    let others = |side: &Described| {
        let mut files = side.files.clone();
        files.remove("SKILL.md");
        files
    };
    let (old, new) = (others(before), others(after));
    for (path, hash) in &new {
        match old.get(path) {
            None => changes.say("file-added", format!("new file `{path}`")),
            Some(known) if known != hash => changes.say("file-changed", format!("the file `{path}` changed")),
            Some(_) => {}
        }
    }
    for path in old.keys().filter(|path| !new.contains_key(*path)) {
        changes.say("file-removed", format!("the file `{path}` is gone"));
    }
}
