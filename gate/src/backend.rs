//! Code that talks to one service, and which of it carries a binding's calls.

mod deliver;
mod route;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;

use crate::call::http::HttpRules;
use crate::call::{Action, Binding, Effect, Reply};
use crate::cleared::Cleared;
use crate::code::Code;

pub(crate) use deliver::Delivered;
pub(crate) use route::Routes;
pub use route::{Carriers, Choose, Route, Unroutable};

/// Carries calls to one service.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Carries one call, once: the gate repeats where that is right. Credentials are put in here, last, and the whole
    /// reply is read before it returns. The future may be dropped at any time; what was sent stays sent.
    ///
    /// # Errors
    /// [`Failure`] where there is no reply. A reply of the service that says no is a reply.
    async fn carry(&self, call: &Cleared) -> Result<Carried, Failure>;

    /// The most that this can cost, in billionths of a US dollar; nothing where nobody knows.
    fn worst(&self, action: &Action) -> Option<u64> {
        let _ = action;
        None
    }

    /// Its name in the binding and the model that it asks for; nothing where it reaches no model.
    fn model(&self) -> Option<(&str, &str)> {
        None
    }
}

/// What came of a call that was carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// What the service answered.
    pub reply: Reply,
    /// What it cost, in billionths of a US dollar; the reservation where the backend cannot know.
    pub spent: Option<u64>,
}

/// Whether a failed call can have reached the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Not one byte of the request can have been acted upon.
    Nothing,
    /// It may have been.
    Perhaps,
}

/// Why a backend has no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Whether the service can have acted. In doubt [`Reach::Perhaps`].
    pub reach: Reach,
    /// What to branch on.
    pub code: Code,
    /// Whether the same call may succeed later, unchanged.
    pub retryable: bool,
    /// Whether another backend may succeed at once where this one cannot.
    pub elsewhere: bool,
    /// How long the service asked to wait.
    pub retry_after: Option<Duration>,
    /// What is safe to show, and says what to change.
    pub told: String,
    /// What only the operator's log may hold.
    pub kept: Option<String>,
}

/// What a binding reaches, and on which terms.
#[derive(Clone)]
pub struct Bound {
    /// Who carries its calls.
    pub carriers: Carriers,
    /// What the operator declared of the service, by kind.
    pub rules: Rules,
    /// How long one sending may take.
    pub timeout: Duration,
    /// How often and how soon it is repeated.
    pub retry: Retry,
}

/// What the operator declared of a service.
#[derive(Clone, Debug)]
pub enum Rules {
    /// Of an HTTP service.
    Http(HttpRules),
    /// Of models: asking one changes nothing and costs each time.
    Model(ModelRules),
}

/// What the operator declared of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelRules {
    /// Whether those who follow a run see an answer while it comes. Off where answers have to be judged as a whole first.
    pub provisional: bool,
}

impl Default for ModelRules {
    fn default() -> Self {
        Self { provisional: true }
    }
}

/// How a failed sending is repeated inside one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Sendings in all; 1 repeats nothing.
    pub sendings: u32,
    /// The first pause; each next one is twice as long.
    pub pause: Duration,
    /// The longest pause. Where the service asks for more, the guest is told instead.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            sendings: 3,
            pause: Duration::from_millis(200),
            longest: Duration::from_secs(5),
        }
    }
}

impl Failure {
    /// The service cannot have acted.
    pub fn nothing_sent(code: Code, told: impl Into<String>) -> Self {
        Self::new(Reach::Nothing, code, told.into())
    }

    /// The service may have acted.
    pub fn perhaps_sent(code: Code, told: impl Into<String>) -> Self {
        Self::new(Reach::Perhaps, code, told.into())
    }

    const fn new(reach: Reach, code: Code, told: String) -> Self {
        Self {
            reach,
            code,
            retryable: false,
            elsewhere: false,
            retry_after: None,
            told,
            kept: None,
        }
    }

    /// The same, but the same call may succeed later: at once, or after this long.
    #[must_use]
    pub const fn retryable(mut self, after: Option<Duration>) -> Self {
        self.retryable = true;
        self.retry_after = after;
        self.elsewhere = true;
        self
    }

    /// The same, but another backend may succeed where this one cannot.
    #[must_use]
    pub const fn elsewhere(mut self) -> Self {
        self.elsewhere = true;
        self
    }

    /// The same, with what only the operator's log may hold.
    #[must_use]
    pub fn keep(mut self, kept: impl std::fmt::Display) -> Self {
        self.kept = Some(kept.to_string());
        self
    }
}

impl Bound {
    /// What a crash would mean for this action.
    pub(crate) fn effect(&self, action: &Action) -> Effect {
        match (&self.rules, action) {
            (Rules::Http(rules), Action::Http(call)) => rules.effect(call),
            (Rules::Model(_), Action::Model(_)) => Effect::CostlyRead,
            // A binding of another kind carries no such call; a write is the careful answer.
            (Rules::Http(_), Action::Model(_)) | (Rules::Model(_), Action::Http(_)) => Effect::Write,
        }
    }

    /// The header of this action that only the binding may set, if it sets one.
    pub(crate) fn owned<'a>(&self, action: &'a Action) -> Option<&'a str> {
        match (&self.rules, action) {
            (Rules::Http(rules), Action::Http(call)) => rules.owned(call),
            _ => None,
        }
    }

    pub(crate) fn key_header(&self) -> Option<&str> {
        match &self.rules {
            Rules::Http(rules) => rules.key.as_ref().map(|key| key.header.as_str()),
            Rules::Model(_) => None,
        }
    }

    /// Whether pieces of an answer may be shown before it is whole.
    pub(crate) const fn shows_pieces(&self) -> bool {
        matches!(&self.rules, Rules::Model(rules) if rules.provisional)
    }
}

impl std::fmt::Debug for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bound")
            .field("carriers", &self.carriers)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

type Shelf = BTreeMap<String, BTreeMap<Binding, Arc<Bound>>>;

/// Every binding of every tenant; replaced as a whole per tenant while calls are under way.
#[derive(Default)]
pub struct Bindings(RwLock<Arc<Shelf>>);

impl Bindings {
    /// Puts these in place of all that the tenant had. Calls under way keep what they found.
    pub fn replace(&self, tenant: &str, bindings: impl IntoIterator<Item = (Binding, Bound)>) {
        let fresh = bindings
            .into_iter()
            .map(|(name, bound)| (name, Arc::new(bound)))
            .collect();
        let mut shelf = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut shelf).insert(tenant.to_owned(), fresh);
    }

    /// What a binding of the tenant's reaches.
    pub fn find(&self, tenant: &str, binding: &Binding) -> Option<Arc<Bound>> {
        let shelf = self.0.read().unwrap_or_else(PoisonError::into_inner);
        shelf.get(tenant)?.get(binding).cloned()
    }
}
