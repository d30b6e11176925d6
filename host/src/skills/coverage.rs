//! What a skill asks for and chosen grants do not cover, in words for whoever approves it.

#[cfg(test)]
mod tests;

use registry::ledger::{Grant, Grants};
use registry::{Binding, Limits};

use super::difference::name;

/// A sentence for each binding and limit that a skill asks for and would not have, or not in full.
pub(super) fn not_covered(bindings: &[Binding], limits: &Limits, grants: &Grants) -> Vec<String> {
    let mut told: Vec<_> = bindings
        .iter()
        .filter_map(|asked| binding(asked, &grants.bindings))
        .collect();
    let pairs = limits.named().into_iter().zip(grants.limits.named());
    told.extend(pairs.filter_map(|((name, asked), (_, granted))| limit(name, asked?, granted)));
    told
}

fn binding(asked: &Binding, grants: &[Grant]) -> Option<String> {
    let of_it: Vec<_> = grants
        .iter()
        .filter(|grant| grant.kind == asked.kind && grant.name == asked.name)
        .collect();
    let name = name(asked);
    if of_it.is_empty() {
        let told = format!("{name} is not granted: every call is refused ({})", asked.reason);
        return Some(told);
    }
    // Grants of one binding add up, so one that nothing narrows covers it all.
    if of_it
        .iter()
        .any(|grant| grant.methods.is_empty() && grant.paths.is_empty())
    {
        return None;
    }
    let written: Vec<_> = of_it.iter().map(|grant| format!("`{grant}`")).collect();
    Some(format!("{name} beyond {} is refused", written.join(" and ")))
}

fn limit(name: &str, asked: u32, granted: Option<u32>) -> Option<String> {
    match granted {
        Some(granted) if granted >= asked => None,
        Some(granted) => Some(format!("it asks for `{name}` of {asked} and would have {granted}")),
        None => Some(format!(
            "it asks for `{name}` of {asked} and would have the host's default"
        )),
    }
}
