//! Who carries a binding's calls: always the same, or one of several that is chosen for each call.

use std::sync::Arc;

use super::Backend;
use crate::call::Action;
use crate::code::Code;

/// One way to a service.
#[derive(Clone)]
pub struct Route {
    /// Who carries calls this way.
    pub backend: Arc<dyn Backend>,
    /// Names the account at the service. A keyed write is not repeated when it differs, because another account does
    /// not know the key. No content and no credential: it stands in the journal.
    pub account: String,
}

/// Chooses who carries a call.
pub trait Choose: Send + Sync {
    /// Who may carry it, in the order in which they are asked: the next one only where the one before gave no usable
    /// answer. It is asked once for each call that goes live, and what it chose stands in the journal.
    ///
    /// # Errors
    /// [`Unroutable`] where nobody qualifies.
    fn routes(&self, action: &Action) -> Result<Vec<Route>, Unroutable>;
}

/// Nobody may or can carry a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unroutable {
    /// What to branch on.
    pub code: Code,
    /// Why nobody qualifies, and what to change.
    pub told: String,
}

/// Who carries a binding's calls.
#[derive(Clone)]
pub enum Carriers {
    /// Always the same.
    One(Route),
    /// One of several.
    Chosen(Arc<dyn Choose>),
}

impl Carriers {
    pub(crate) fn routes(&self, action: &Action) -> Result<Routes, Unroutable> {
        match self {
            Self::One(route) => Ok(Routes::of(route.clone(), Vec::new())),
            Self::Chosen(choose) => {
                let mut routes = choose.routes(action)?.into_iter();
                let first = routes.next().ok_or_else(|| Unroutable {
                    code: Code::NOBODY_QUALIFIES,
                    told: "no backend of this binding can carry the call; ask the operator to add one".to_owned(),
                })?;
                Ok(Routes::of(first, routes.collect()))
            }
        }
    }

    /// Whether a keyed write that went to this account can be repeated there.
    pub(crate) fn reach(&self, account: &str) -> bool {
        match self {
            Self::One(route) => route.account == account,
            Self::Chosen(_) => false,
        }
    }
}

/// The ways that are left for one call; there is always one.
#[derive(Clone)]
pub(crate) struct Routes {
    now: Route,
    next: std::vec::IntoIter<Route>,
}

impl Routes {
    fn of(now: Route, next: Vec<Route>) -> Self {
        Self {
            now,
            next: next.into_iter(),
        }
    }

    pub(crate) const fn now(&self) -> &Route {
        &self.now
    }

    /// Goes over to the next one; says whether there was one.
    pub(crate) fn advance(&mut self) -> bool {
        match self.next.next() {
            Some(route) => {
                self.now = route;
                true
            }
            None => false,
        }
    }
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Route({})", self.account)
    }
}

impl std::fmt::Debug for Carriers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(route) => route.fmt(f),
            Self::Chosen(_) => f.write_str("Chosen"),
        }
    }
}
