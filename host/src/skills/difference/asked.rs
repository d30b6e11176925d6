//! What is new about what a skill asks for and would be granted.

use std::collections::{BTreeMap, BTreeSet};

use registry::ledger::Grants;
use registry::{Binding, Limits};

use super::Changes;
use crate::skills::described::Described;

pub(super) fn bindings(changes: &mut Changes, before: &Described, after: &Described) {
    let of = |side: &Described| -> BTreeMap<String, String> {
        let bindings = side.bindings.iter();
        bindings.map(|asked| (name(asked), asked.reason.clone())).collect()
    };
    let (old, new) = (of(before), of(after));
    for (name, reason) in &new {
        match old.get(name) {
            None => changes.say("binding-added", format!("now asks for {name}: {reason}")),
            Some(known) => {
                let told = format!("asks for {name} for another reason");
                changes.text("binding-reason-changed", &told, known, reason);
            }
        }
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        changes.say("binding-removed", format!("no longer asks for {name}"));
    }
}

/// A binding as people read it: `http "jira"`.
pub(in crate::skills) fn name(asked: &Binding) -> String {
    format!("{} \"{}\"", asked.kind, asked.name)
}

pub(super) fn grants(changes: &mut Changes, granted: &Grants, chosen: &Grants) {
    let written = |side: &Grants| -> BTreeSet<String> { side.bindings.iter().map(ToString::to_string).collect() };
    let (old, new) = (written(granted), written(chosen));
    for grant in new.difference(&old) {
        changes.say("grant-added", format!("would now be granted `{grant}`"));
    }
    for grant in old.difference(&new) {
        changes.say("grant-removed", format!("would no longer be granted `{grant}`"));
    }
    let keys: BTreeSet<_> = granted
        .configuration
        .keys()
        .chain(chosen.configuration.keys())
        .collect();
    for key in keys {
        let (old, new) = (granted.configuration.get(key), chosen.configuration.get(key));
        match (old, new) {
            (None, Some(_)) => changes.say("setting-added", format!("would now be told the setting `{key}`")),
            (Some(_), None) => {
                changes.say(
                    "setting-removed",
                    format!("would no longer be told the setting `{key}`"),
                );
            }
            (Some(old), Some(new)) => {
                let told = format!("would be told another `{key}`");
                changes.text("setting-changed", &told, old, new);
            }
            (None, None) => {}
        }
    }
    for (name, old, new) in moved(&granted.limits, &chosen.limits) {
        changes.say(
            "limit-granted-changed",
            format!("would be granted `{name}` of {new}, and has {old}"),
        );
    }
}

pub(super) fn limits(changes: &mut Changes, before: &Described, after: &Described) {
    for (name, old, new) in moved(&before.limits, &after.limits) {
        changes.say(
            "limit-changed",
            format!("now asks for `{name}` of {new}, and asked for {old}"),
        );
    }
}

/// The limits that are not the same, each with what it was and is.
fn moved(before: &Limits, after: &Limits) -> Vec<(&'static str, String, String)> {
    let said = |limit: Option<u32>| limit.map_or_else(|| "the host's default".to_owned(), |limit| limit.to_string());
    let pairs = before.named().into_iter().zip(after.named());
    pairs
        .filter(|((_, old), (_, new))| old != new)
        .map(|((name, old), (_, new))| (name, said(old), said(new)))
        .collect()
}

pub(super) fn imports(changes: &mut Changes, before: &Described, after: &Described) {
    for import in after.imports.iter().filter(|import| !before.imports.contains(import)) {
        changes.say("import-added", format!("now imports `{import}`"));
    }
    for import in before.imports.iter().filter(|import| !after.imports.contains(import)) {
        changes.say("import-removed", format!("no longer imports `{import}`"));
    }
}
