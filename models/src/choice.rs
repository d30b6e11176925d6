//! Which backends of a binding are asked, and in which order.

mod breaker;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use gate::call::model::Ask;
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
    /// Whether it can take the question.
    ///
    /// # Errors
    /// [`Unfit`] with what is too much for it.
    fn fits(&self, ask: &Ask) -> Result<(), Unfit>;
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
    candidate: Arc<dyn Candidate>,
    breaker: Arc<Breaker>,
}

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

    fn route(&self) -> Route {
        Route {
            backend: Arc::new(Counted {
                candidate: Arc::clone(&self.candidate),
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

    /// Why this one may or can not be asked.
    fn against(&self, member: &Member, ask: &Ask) -> Option<String> {
        let residency = self.residency.as_ref();
        if let Some(Err(instead)) = residency.map(|residency| residency.allows(member.candidate.stands())) {
            return Some(instead);
        }
        member.candidate.fits(ask).err().map(|unfit| unfit.told)
    }

    fn in_order<'a>(&self, mut qualified: Vec<&'a Member>, action: &Action) -> Vec<&'a Member> {
        match self.order {
            Order::Listed => {}
            Order::Weighted => qualified = drawn(qualified),
            Order::Cheapest => {
                qualified.sort_by_cached_key(|member| member.candidate.worst(action).unwrap_or(u64::MAX));
            }
        }
        // One that has been failing is asked only where nobody else answers, and first again once it has rested.
        qualified.sort_by_cached_key(|member| !member.breaker.is_closed());
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
            match self.against(member, asked.ask()) {
                None => qualified.push(member),
                Some(reason) => reasons.push(format!("`{}`: {reason}", member.candidate.name())),
            }
        }
        if qualified.is_empty() {
            return Err(nobody(&reasons.join("; ")));
        }
        let routes = self.in_order(qualified, action).into_iter().map(Member::route);
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
fn drawn(mut from: Vec<&Member>) -> Vec<&Member> {
    let mut drawn = Vec::with_capacity(from.len());
    let mut chance = rand::rng();
    while !from.is_empty() {
        let all: u64 = from.iter().map(|member| u64::from(member.weight)).sum();
        let mut left = if all == 0 { 0 } else { chance.random_range(0..all) };
        let mut place = 0;
        for (at, member) in from.iter().enumerate() {
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
        let carried = self.candidate.carry(call).await;
        match &carried {
            Err(failure) if failure.elsewhere => trial.failed(),
            _ => trial.answered(),
        }
        carried
    }

    fn worst(&self, action: &Action) -> Option<u64> {
        self.candidate.worst(action)
    }

    fn model(&self) -> Option<(&str, &str)> {
        self.candidate.model()
    }
}
