//! The part of JQL that is understood: clauses joined by AND, OR, NOT and brackets, and an order.

mod clause;
mod parser;
mod token;

use std::cmp::Ordering;

use serde_json::Value;

use super::issue::Issue;
use super::refusal::Refusal;
use super::site::Site;

pub(super) use clause::Clause;

/// A search.
pub(super) struct Query {
    condition: Condition,
    /// The fields to sort by, and whether the highest comes first.
    order: Vec<(String, bool)>,
}

pub(super) enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Clause(Clause),
}

impl Query {
    /// Reads a search, which must limit itself.
    pub(super) fn read(text: &str, site: &Site) -> Result<Self, Refusal> {
        let (condition, order) = parser::read(text)?;
        let Some(condition) = condition else {
            return Err(Refusal::bad(
                "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.",
            ));
        };
        condition.check(site)?;
        for (field, _) in &order {
            clause::known(field)?;
        }
        Ok(Self { condition, order })
    }

    /// The issues that fit, in order; where nothing else is said, the newest first.
    pub(super) fn run<'a>(&self, site: &'a Site) -> Vec<&'a Issue> {
        let fits = |issue: &&Issue| issue.found_from <= site.searches && self.condition.fits(issue, site);
        let mut found: Vec<_> = site.issues.iter().rev().filter(fits).collect();
        found.sort_by(|one, other| self.compare(one, other));
        found
    }

    fn compare(&self, one: &Issue, other: &Issue) -> Ordering {
        let compared = self.order.iter().map(|(field, falling)| {
            let order = clause::rank(one, field).cmp(&clause::rank(other, field));
            if *falling { order.reverse() } else { order }
        });
        compared.fold(Ordering::Equal, Ordering::then)
    }
}

impl Condition {
    fn check(&self, site: &Site) -> Result<(), Refusal> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().try_for_each(|part| part.check(site)),
            Self::Not(part) => part.check(site),
            Self::Clause(clause) => clause.check(site),
        }
    }

    fn fits(&self, issue: &Issue, site: &Site) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.fits(issue, site)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(issue, site)),
            Self::Not(part) => !part.fits(issue, site),
            Self::Clause(clause) => clause.fits(issue, site),
        }
    }
}

/// The text of a JSON value, where it is one.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
