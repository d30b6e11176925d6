//! What approvals grant, as the gate takes it.

use std::collections::BTreeSet;

use registry::ledger::{self, Approval, Grants, State};
use registry::{Code, Error, Tenant};

/// What every approval of the tenant's that stands grants. A run stays with the artifact that it began with, so this is
/// the newest approval of each artifact, and not only of each skill.
pub(super) fn standing(state: &State, tenant: &Tenant) -> Vec<gate::Grant> {
    let artifacts: BTreeSet<_> = state
        .approvals(tenant)
        .map(|approval| (&approval.skill, approval.digest))
        .collect();
    let approvals = artifacts
        .into_iter()
        .filter_map(|(skill, digest)| state.approval(tenant, skill, digest).ok());
    approvals.flat_map(of).collect()
}

/// Whether the gate could take these grants.
///
/// # Errors
/// `grant-invalid` for a path that no call can have.
pub(crate) fn check(grants: &Grants) -> Result<(), Error> {
    let grants: Vec<gate::Grant> = grants
        .bindings
        .iter()
        .map(|given| grant("new", "new", "new", given))
        .collect();
    let checked = gate::Policies::default().replace("new", &grants, "");
    let refused = |cause: gate::PolicyError| match &cause {
        gate::PolicyError::Grant { binding, part, .. } => {
            let told = format!("the grant of {binding} cannot hold: no call can have `{part}`");
            Error::new(Code::GrantInvalid, told)
        }
        _ => Error::new(
            Code::GrantInvalid,
            "the grants cannot become policies: name other methods or paths",
        )
        .keep(cause),
    };
    checked.map(drop).map_err(refused)
}

fn of(approval: &Approval) -> Vec<gate::Grant> {
    let (place, skill, digest) = (
        approval.seq.to_string(),
        approval.skill.to_string(),
        approval.digest.to_string(),
    );
    let given = approval.grants.bindings.iter();
    given.map(|given| grant(&place, &skill, &digest, given)).collect()
}

fn grant(approval: &str, skill: &str, digest: &str, given: &ledger::Grant) -> gate::Grant {
    gate::Grant {
        approval: approval.to_owned(),
        skill: skill.to_owned(),
        digest: digest.to_owned(),
        binding: gate::Binding {
            kind: given.kind.to_string(),
            name: given.name.to_string(),
        },
        ask: given.ask,
        methods: given.methods.clone(),
        paths: given.paths.clone(),
    }
}
