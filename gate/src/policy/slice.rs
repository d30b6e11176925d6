//! Which policies a decision has to evaluate: those that can concern a call by its digest, skill, binding and path.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use cedar_policy::{EntityUid, Policy, PolicyId, PolicySet};

use super::attributes::{Attribute, named};
use super::judge::Question;
use super::{Decision, Grant, PolicyError, compile};
use crate::call::{Action, Binding};

/// A tenant's policies.
#[derive(Clone)]
pub(super) struct Slices {
    pub(super) set: String,
    by_digest: BTreeMap<String, Vec<Arc<Granted>>>,
}

/// What is granted to one skill on one binding.
struct Granted {
    skill: String,
    binding: Binding,
    /// By the path that the calls lie within, as [`Attribute::Within`] has it. A call belongs to the longest that it
    /// begins with; the empty one is of every call.
    places: BTreeMap<String, Slice>,
}

/// What can concern the calls within one place.
pub(super) struct Slice {
    pub(super) policies: PolicySet,
    pub(super) asking: BTreeSet<PolicyId>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) principal: EntityUid,
    pub(super) action: EntityUid,
    pub(super) resource: EntityUid,
    pub(super) set: String,
    /// What is decided of every call, where no policy asks anything of one.
    pub(super) always: OnceLock<Decision>,
}

/// A grant as a policy, and where it can allow anything: everywhere, if nothing is named.
struct Permit {
    policy: Policy,
    places: Vec<String>,
}

/// Digest, skill and binding.
type Scope<'a> = (&'a str, &'a str, &'a Binding);

impl Slices {
    pub(super) fn compile(grants: &[Grant], text: &str) -> Result<Self, PolicyError> {
        let set = compile::name(grants, text);
        let operator = compile::operator(text)?;
        let mut permits: BTreeMap<Scope<'_>, Vec<Permit>> = BTreeMap::new();
        for (place, grant) in grants.iter().enumerate() {
            let scope = (grant.digest.as_str(), grant.skill.as_str(), &grant.binding);
            let policy = compile::policy(place, grant)?;
            let places = grant.paths.iter().filter_map(|path| compile::start(path)).collect();
            permits.entry(scope).or_default().push(Permit { policy, places });
        }
        let mut by_digest: BTreeMap<String, Vec<Arc<Granted>>> = BTreeMap::new();
        for ((digest, skill, binding), permits) in permits {
            let granted = Granted::of(skill, binding, &permits, &operator, &set)?;
            by_digest.entry(digest.to_owned()).or_default().push(Arc::new(granted));
        }
        Ok(Self { set, by_digest })
    }

    /// None where nothing is granted on the binding at all.
    pub(super) fn of(&self, question: &Question<'_>) -> Option<&Slice> {
        let mut granted = self.by_digest.get(question.digest)?.iter();
        let found = granted.find(|granted| granted.skill == question.skill && granted.binding == *question.binding)?;
        match question.action {
            Action::Http(http) => found.within(&compile::ended(http.path())),
            Action::Model(_) => found.within(""),
        }
    }
}

impl Granted {
    fn of(
        skill: &str,
        binding: &Binding,
        permits: &[Permit],
        operator: &[Policy],
        set: &str,
    ) -> Result<Self, PolicyError> {
        let everywhere = std::iter::once(String::new());
        let places: BTreeSet<String> = permits
            .iter()
            .flat_map(|permit| permit.places.iter().cloned())
            .chain(everywhere)
            .collect();
        let slice = |place: String| {
            let concerning = permits.iter().filter(|permit| permit.allows_in(&place));
            let policies = concerning.map(|permit| permit.policy.clone());
            let slice = Slice::of(skill, binding, policies.collect(), operator, set)?;
            Ok((place, slice))
        };
        Ok(Self {
            skill: skill.to_owned(),
            binding: binding.clone(),
            places: places.into_iter().map(slice).collect::<Result<_, PolicyError>>()?,
        })
    }

    fn within(&self, path: &str) -> Option<&Slice> {
        let ends = path.rmatch_indices('/').map(|(slash, _)| slash + 1);
        let mut above = ends.chain([0]).filter_map(|end| path.get(..end));
        above.find_map(|place| self.places.get(place))
    }
}

impl Permit {
    /// Whether it can allow a call that lies within this place, and within no longer one that a permit names.
    fn allows_in(&self, place: &str) -> bool {
        self.places.is_empty() || self.places.iter().any(|above| place.starts_with(above))
    }
}

impl Slice {
    fn of(
        skill: &str,
        binding: &Binding,
        granted: Vec<Policy>,
        operator: &[Policy],
        set: &str,
    ) -> Result<Self, PolicyError> {
        let principal = compile::entity("Skill", skill)?;
        let resource = compile::entity("Binding", &format!("{}/{}", binding.kind, binding.name))?;
        let concerning = operator
            .iter()
            .filter(|policy| compile::concerns(policy, &principal, &resource))
            .cloned();
        let policies: Vec<Policy> = granted.into_iter().chain(concerning).collect();
        let asking = policies
            .iter()
            .filter(|policy| compile::asks(policy))
            .map(|policy| policy.id().clone());
        Ok(Self {
            asking: asking.collect(),
            attributes: named(&policies),
            principal,
            action: compile::entity("Action", &binding.kind)?,
            resource,
            set: set.to_owned(),
            always: OnceLock::new(),
            policies: PolicySet::from_policies(policies).map_err(|error| PolicyError::Text(error.to_string()))?,
        })
    }
}
