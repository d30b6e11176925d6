//! The attacks on artifacts that this crate answers, one test for each, by the numbers of the project's list (B:
//! supply chain and registry). What a test holds was seen to fail with its check taken out.

mod bytes;
mod decided;
mod named;
mod signed;

use ::bytes::Bytes;

use super::{tenant, verify};
use crate::fixture::{now, show};
use crate::layout::Package;
use crate::ledger::{Scope, State};

fn red() -> Scope {
    Scope::Tenant(tenant("red"))
}

fn outcome(asked: &str, package: &Package, bundles: Vec<Bytes>, state: &State) -> String {
    show(verify(asked, package, bundles, state, now()))
}

fn lines(cases: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let lines: Vec<_> = cases
        .into_iter()
        .map(|(name, outcome)| format!("{name} -> {outcome}"))
        .collect();
    lines.join("\n")
}
