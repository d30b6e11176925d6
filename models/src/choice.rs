//! Which backends of a binding are asked, and in which order.

mod breaker;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use gate::call::model::ModelCall;
use gate::{Action, Backend, Carried, Choose, Cleared, Code, Failure, Route, Unroutable};
use rand::RngExt as _;
use serde::Deserialize;

use crate::dialect::Unfit;
use crate::residency::{Residency, Stands};
use breaker::Breaker;

/// How backends that qualify are put in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// As they are listed.
    #[default]
    Listed,
    /// By chance, each as often as its weight says.
    Weighted,
    /// By what the call can cost at most; one whose price is unknown comes last.
    Cheapest,
}

/// A backend that can be chosen.
pub trait Candidate: Backend {
    /// Its name in the binding.
    fn name(&self) -> &str;
    /// Where it answers.
    fn stands(&self) -> &Stands;
    /// Itself, prepared for this call: what is found while it is asked whether it can take the question has not to be
    /// found again.
    ///
    /// # Errors
    /// [`Unfit`] with what is too much for it.
    fn ready(self: Arc<Self>, call: &ModelCall) -> Result<Arc<dyn Backend>, Unfit>;
}

/// The backends of one binding.
pub struct Choice {
    order: Order,
    residency: Option<Residency>,
    members: Vec<Member>,
}

/// One of them, and how it has been.
pub struct Member {
    candidate: Arc<dyn Candidate>,
    account: String,
    weight: u32,
    breaker: Arc<Breaker>,
}

/// A backend whose failures are counted.
struct Counted {
    backend: Arc<dyn Backend>,
    breaker: Arc<Breaker>,
}

/// One that can be asked, and itself prepared for the call.
type Qualified<'a> = (&'a Member, Arc<dyn Backend>);

impl Member {
    /// A backend, the account that it reaches, and how often it is chosen beside others.
    pub fn new(candidate: Arc<dyn Candidate>, account: String, weight: u32) -> Self {
        Self {
            candidate,
            account,
            weight,
            breaker: Arc::default(),
        }
    }

    fn route(&self, backend: Arc<dyn Backend>) -> Route {
        Route {
            backend: Arc::new(Counted {
                backend,
                breaker: Arc::clone(&self.breaker),
            }),
            account: self.account.clone(),
        }
    }
}

impl Choice {
    /// A binding of these backends.
    pub const fn new(order: Order, residency: Option<Residency>, members: Vec<Member>) -> Self {
        Self {
            order,
            residency,
            members,
        }
    }

    /// The member prepared for the call, or why it may or can not be asked.
    fn ready(&self, member: &Member, call: &ModelCall) -> Result<Arc<dyn Backend>, String> {
        if let Some(residency) = &self.residency {
            residency.allows(member.candidate.stands())?;
        }
        Arc::clone(&member.candidate).ready(call).map_err(|unfit| unfit.told)
    }

    fn in_order<'a>(&self, mut qualified: Vec<Qualified<'a>>, action: &Action) -> Vec<Qualified<'a>> {
        match self.order {
            Order::Listed => {}
            Order::Weighted => qualified = drawn(qualified),
            Order::Cheapest => {
                qualified.sort_by_cached_key(|(member, _)| member.candidate.worst(action).unwrap_or(u64::MAX));
            }
        }
        // One that has been failing is asked only where nobody else answers, and first again once it has rested.
        qualified.sort_by_cached_key(|(member, _)| !member.breaker.is_closed());
        qualified
    }
}

impl Choose for Choice {
    fn routes(&self, action: &Action) -> Result<Vec<Route>, Unroutable> {
        let Action::Model(asked) = action else {
            return Err(nobody("the binding reaches models only"));
        };
        let mut reasons = Vec::new();
        let mut qualified = Vec::new();
        for member in &self.members {
            match self.ready(member, asked) {
                Ok(ready) => qualified.push((member, ready)),
                Err(reason) => reasons.push(format!("`{}`: {reason}", member.candidate.name())),
            }
        }
        if qualified.is_empty() {
            return Err(nobody(&reasons.join("; ")));
        }
        let routes = self.in_order(qualified, action).into_iter().enumerate();
        let routes = routes.map(|(place, (member, ready))| match place {
            0 => member.route(ready),
            // Most calls never come to it, and what was prepared may be large.
            _ => member.route(Arc::clone(&member.candidate) as Arc<dyn Backend>),
        });
        Ok(routes.collect())
    }
}

fn nobody(reasons: &str) -> Unroutable {
    Unroutable {
        code: Code::NOBODY_QUALIFIES,
        told: format!(
            "no backend of this binding can take the call ({reasons}); ask for less, or ask the operator to add one"
        ),
    }
}

/// Draws without putting back, so that the second place is by weight too.
fn drawn(mut from: Vec<Qualified<'_>>) -> Vec<Qualified<'_>> {
    let mut drawn = Vec::with_capacity(from.len());
    let mut chance = rand::rng();
    while !from.is_empty() {
        let all: u64 = from.iter().map(|(member, _)| u64::from(member.weight)).sum();
        let mut left = if all == 0 { 0 } else { chance.random_range(0..all) };
        let mut place = 0;
        for (at, (member, _)) in from.iter().enumerate() {
            place = at;
            match left.checked_sub(u64::from(member.weight)) {
                Some(rest) => left = rest,
                None => break,
            }
        }
        drawn.push(from.remove(place));
    }
    drawn
}

#[async_trait]
impl Backend for Counted {
    async fn carry(&self, call: &Cleared) -> Result<Carried, Failure> {
        let trial = self.breaker.begin();
        let carried = self.backend.carry(call).await;
        match &carried {
            Err(failure) if failure.elsewhere => trial.failed(),
            _ => trial.answered(),
        }
        carried
    }

    fn worst(&self, action: &Action) -> Option<u64> {
        self.backend.worst(action)
    }

    fn model(&self) -> Option<(&str, &str)> {
        self.backend.model()
    }
}
