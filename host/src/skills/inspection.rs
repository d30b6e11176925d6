//! What an approver sees of an artifact before it is approved: all of it is read from the verified bytes.

use std::sync::Arc;

use jiff::Timestamp;
use registry::ledger::{Approval, Grants, State};
use registry::{Error, Reference, SkillName, Tenant, Verified, visible};

use super::described::Described;
use super::difference::{Change, Side, difference};
use super::lookalike::looks_like;
use super::{Skills, blocking, coverage};
use crate::binding;

/// An artifact as its approver sees it.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// The artifact.
    pub verified: Arc<Verified>,
    /// What it says of itself.
    pub described: Described,
    /// Since when the host knows the key that signed it.
    pub key_added: Timestamp,
    /// What is new beside what the tenant approved before; none where it never approved anything of this name.
    pub difference: Option<Difference>,
    /// What the chosen grants do not cover; none where nobody chose.
    pub not_covered: Option<Vec<String>>,
    /// What to look at twice.
    pub warnings: Vec<Warning>,
}

/// What is new beside what was approved before.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What the tenant runs now under the name, or ran last.
    pub before: Approval,
    /// Whether it runs still.
    pub runs: bool,
    /// What is new.
    pub changes: Vec<Change>,
}

/// Something to look at twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What to branch on.
    pub code: &'static str,
    /// The same in words.
    pub words: String,
}

impl Skills {
    /// Pulls an artifact, verifies it, and compares it with what a tenant approved before and with grants that somebody
    /// chose for it.
    ///
    /// # Errors
    /// Those of pulling and verifying; `grant-invalid` where the grants cannot hold.
    pub async fn inspect(
        &self,
        tenant: &Tenant,
        reference: &Reference,
        grants: Option<&Grants>,
    ) -> Result<Inspection, Error> {
        let verified = self.verify(reference).await?;
        if let Some(grants) = grants {
            verified.approve(grants.clone(), String::new())?;
            binding::check_grants(grants)?;
        }
        self.seen(tenant, verified, grants).await
    }

    /// A verified artifact as its approver sees it.
    pub(super) async fn seen(
        &self,
        tenant: &Tenant,
        verified: Arc<Verified>,
        grants: Option<&Grants>,
    ) -> Result<Inspection, Error> {
        let read = Arc::clone(&verified);
        let described = blocking(move || Described::read(&read)).await?;
        let state = self.trust.state();
        let mut warnings = lookalikes(&state, tenant, verified.pulled().asked());
        warnings.extend(suspects(&described));
        warnings.extend(grants.and_then(|grants| self.rules.warning(tenant, grants)));
        let side = Side {
            publisher: verified.publisher(),
            key: verified.key(),
            said: &described,
            grants,
        };
        let difference = self.difference(tenant, verified.pulled().asked(), side).await?;
        let not_covered = grants.map(|grants| coverage::not_covered(&described.bindings, &described.limits, grants));
        let key_added = state.key(&verified.key()).map_or(Timestamp::MAX, |key| key.added);
        Ok(Inspection {
            difference,
            not_covered,
            key_added,
            described,
            verified,
            warnings,
        })
    }

    /// What is new about an artifact beside what the tenant runs under its name now, or ran last.
    pub(super) async fn difference(
        &self,
        tenant: &Tenant,
        name: &SkillName,
        after: Side<'_>,
    ) -> Result<Option<Difference>, Error> {
        let state = self.trust.state();
        let current = state.current(tenant, name).ok();
        let Some(before) = current.or(state.approvals_of(tenant, name).last()).cloned() else {
            return Ok(None);
        };
        let runs = current.is_some();
        let said = self.recall(&before).await?;
        let side = Side {
            publisher: &before.publisher,
            key: before.key,
            said: &said,
            grants: Some(&before.grants),
        };
        let changes = difference(&side, &after);
        Ok(Some(Difference { before, runs, changes }))
    }

    /// What an artifact said that was approved once, whether or not it is trusted still.
    async fn recall(&self, approval: &Approval) -> Result<Arc<Described>, Error> {
        if let Some(described) = self.known(&approval.digest) {
            return Ok(described);
        }
        let (shelf, digest, name) = (self.shelf.clone(), approval.digest, approval.skill.clone());
        blocking(move || Ok(Arc::new(Described::recall(&shelf.get(&digest, name)?)?))).await
    }
}

/// Namespaces of others that a reader may take for this one's.
fn lookalikes(state: &State, tenant: &Tenant, name: &SkillName) -> Vec<Warning> {
    let owner = state.owner(name.namespace()).map(|owner| &owner.name);
    let others = state.publishers().filter(|publisher| Some(&publisher.name) != owner);
    let alike = others
        .flat_map(|publisher| publisher.namespaces.iter().map(move |namespace| (publisher, namespace)))
        .filter(|(_, namespace)| looks_like(namespace.as_str(), name.namespace().as_str()));
    alike
        .map(|(publisher, namespace)| {
            let approved = state.approvals(tenant).map(|approval| &approval.skill);
            let mut skills: Vec<_> = approved
                .filter(|skill| skill.namespace() == namespace)
                .map(|skill| format!("`{skill}`"))
                .collect();
            skills.dedup();
            let runs = match skills.is_empty() {
                true => String::new(),
                false => format!(", of which {} was approved before", skills.join(", ")),
            };
            Warning {
                code: "name-lookalike",
                words: format!(
                    "`{name}` looks like a skill of `{namespace}`, which belongs to another publisher, `{}`{runs}",
                    publisher.name
                ),
            }
        })
        .collect()
}

/// Texts with words that mix alphabets to look like other words.
fn suspects(described: &Described) -> Vec<Warning> {
    let mut texts = vec![("the summary".to_owned(), described.summary.as_str())];
    texts.extend(described.bindings.iter().map(|asked| {
        let what = format!("the reason for {}", super::difference::name(asked));
        (what, asked.reason.as_str())
    }));
    texts.extend(described.tools.iter().flat_map(|tool| {
        let title = tool.hints.title.as_deref().unwrap_or_default();
        let description = (format!("the description of `{}`", tool.name), tool.description.as_str());
        [(format!("the title of `{}`", tool.name), title), description]
    }));
    let instructions = described.instructions.as_deref().unwrap_or_default();
    texts.push(("`SKILL.md`".to_owned(), instructions));
    texts
        .into_iter()
        .filter_map(|(what, text)| suspect(&what, text))
        .collect()
}

fn suspect(what: &str, text: &str) -> Option<Warning> {
    let shown = visible(text);
    if shown == text {
        return None;
    }
    let words: Vec<_> = shown.split_whitespace().filter(|word| word.contains("\\u{")).collect();
    let some = words.iter().take(5).copied().collect::<Vec<_>>().join(" ");
    Some(Warning {
        code: "text-suspect",
        words: format!("{what} holds words of mixed alphabets or letters that nobody sees: {some}"),
    })
}
