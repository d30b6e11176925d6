//! Which policies a decision has to evaluate: those that can concern a call by its digest, skill, binding, path and
//! method.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cedar_policy::Policy;

use super::attributes::Attribute;
use super::judge::Question;
use super::part::{Part, Scope};
use super::{Grant, PolicyError, compile};
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
    scope: Scope,
    /// What the operator says of this skill on this binding.
    operator: Part,
    /// By the path that the calls lie within, as [`Attribute::Within`] has it. A call belongs to the longest that it
    /// begins with; the empty one is of every call.
    places: BTreeMap<String, Place>,
}

/// The grants that can concern calls within one place: by method, and for the methods that none names.
struct Place {
    methods: BTreeMap<String, Part>,
    other: Part,
}

/// What can concern a call.
pub(super) struct Slice<'a> {
    pub(super) scope: &'a Scope,
    pub(super) granted: &'a Part,
    pub(super) operator: &'a Part,
}

/// A grant as a policy, and where it can allow anything: everywhere, if nothing is named.
struct Permit {
    policy: Policy,
    places: Vec<String>,
    methods: Vec<String>,
}

/// What the calls of a slice have in common, beyond skill and binding.
const SETTLED: [Attribute; 2] = [Attribute::Within, Attribute::Method];

impl Slices {
    pub(super) fn compile(grants: &[Grant], text: &str) -> Result<Self, PolicyError> {
        let set = compile::name(grants, text);
        let operator = compile::operator(text)?;
        let mut permits: BTreeMap<(&str, &str, &Binding), Vec<Permit>> = BTreeMap::new();
        for (place, grant) in grants.iter().enumerate() {
            let of = (grant.digest.as_str(), grant.skill.as_str(), &grant.binding);
            permits.entry(of).or_default().push(Permit {
                policy: compile::policy(place, grant)?,
                places: grant.paths.iter().filter_map(|path| compile::start(path)).collect(),
                methods: grant.methods.clone(),
            });
        }
        let mut by_digest: BTreeMap<String, Vec<Arc<Granted>>> = BTreeMap::new();
        for ((digest, skill, binding), permits) in permits {
            let granted = Granted::of(skill, binding, &permits, &operator, &set)?;
            by_digest.entry(digest.to_owned()).or_default().push(Arc::new(granted));
        }
        Ok(Self { set, by_digest })
    }

    /// None where nothing is granted on the binding at all.
    pub(super) fn of(&self, question: &Question<'_>) -> Option<Slice<'_>> {
        let mut granted = self.by_digest.get(question.digest)?.iter();
        let found = granted.find(|granted| granted.skill == question.skill && granted.binding == *question.binding)?;
        let granted = match question.action {
            Action::Http(http) => found.within(&compile::ended(http.path()))?.part(http.method()),
            Action::Model(_) => &found.within("")?.other,
        };
        Some(Slice {
            scope: &found.scope,
            granted,
            operator: &found.operator,
        })
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
        let scope = Scope::new(skill, binding, set)?;
        let concerning = operator.iter().filter(|policy| compile::concerns(policy, &scope));
        let everywhere = std::iter::once(String::new());
        let places: BTreeSet<String> = permits
            .iter()
            .flat_map(|permit| permit.places.iter().cloned())
            .chain(everywhere)
            .collect();
        let place = |place: String| Place::of(permits, &place).map(|found| (place, found));
        Ok(Self {
            skill: skill.to_owned(),
            binding: binding.clone(),
            operator: Part::of(concerning, &[])?,
            scope,
            places: places.into_iter().map(place).collect::<Result<_, PolicyError>>()?,
        })
    }

    fn within(&self, path: &str) -> Option<&Place> {
        let ends = path.rmatch_indices('/').map(|(slash, _)| slash + 1);
        let mut above = ends.chain([0]).filter_map(|end| path.get(..end));
        above.find_map(|place| self.places.get(place))
    }
}

impl Place {
    fn of(permits: &[Permit], place: &str) -> Result<Self, PolicyError> {
        let here: Vec<&Permit> = permits.iter().filter(|permit| permit.allows_in(place)).collect();
        let part = |method: &str| {
            let allowing = here.iter().filter(|permit| permit.allows_by(method));
            Part::of(allowing.map(|permit| &permit.policy), &SETTLED)
        };
        let named: BTreeSet<&String> = here.iter().flat_map(|permit| &permit.methods).collect();
        let methods = named.into_iter().map(|method| Ok((method.clone(), part(method)?)));
        Ok(Self {
            methods: methods.collect::<Result<_, PolicyError>>()?,
            other: part("")?,
        })
    }

    fn part(&self, method: &str) -> &Part {
        self.methods.get(method).unwrap_or(&self.other)
    }
}

impl Permit {
    /// Whether it can allow a call that lies within this place, and within no longer one that a permit names.
    fn allows_in(&self, place: &str) -> bool {
        self.places.is_empty() || self.places.iter().any(|above| place.starts_with(above))
    }

    /// Whether it can allow a call by this method, or by one that no permit names where that is empty.
    fn allows_by(&self, method: &str) -> bool {
        self.methods.is_empty() || self.methods.iter().any(|named| named == method)
    }
}
