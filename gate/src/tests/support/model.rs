//! Models behind one binding, each of which does what its script says.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::Trace;
use super::purse::WORST;
use crate::call::model::{Ask, Completion, Message, ModelCall, ModelReply, Part, Prompt, Role, Served, StopReason};
use crate::{Action, Backend, Call, Carried, Choose, Cleared, Code, Delta, Failure, Reply, Route, Unroutable};

/// What an answer costs.
pub(crate) const PRICE: u64 = 7;

/// One of the models.
pub(crate) struct FakeModel {
    name: &'static str,
    deltas: Vec<Delta>,
    failures: Mutex<VecDeque<Failure>>,
    trace: Trace,
}

/// The models of a binding, in their order.
pub(crate) struct FakeChoice(pub(crate) Vec<Arc<FakeModel>>);

impl FakeModel {
    /// A model that fails so often in these ways, and then answers.
    pub(crate) fn new(name: &'static str, failures: impl IntoIterator<Item = Failure>, trace: &Trace) -> Arc<Self> {
        Arc::new(Self {
            name,
            deltas: Vec::new(),
            failures: Mutex::new(failures.into_iter().collect()),
            trace: Arc::clone(trace),
        })
    }

    /// The same, which shows these deltas each time before it answers or fails.
    pub(crate) fn saying(self: Arc<Self>, deltas: impl IntoIterator<Item = Delta>) -> Arc<Self> {
        let Ok(mut model) = Arc::try_unwrap(self) else {
            panic!("it is asked already");
        };
        model.deltas = deltas.into_iter().collect();
        Arc::new(model)
    }
}

#[async_trait]
impl Backend for FakeModel {
    async fn carry(&self, call: &Cleared) -> Result<Carried, Failure> {
        let (name, attempt) = (self.name, call.attempt());
        self.trace.lock().unwrap().push(format!("ask {name} {attempt}"));
        self.deltas.iter().cloned().for_each(|delta| call.show(delta));
        match self.failures.lock().unwrap().pop_front() {
            Some(failure) => Err(failure),
            None => Ok(Carried {
                reply: Reply::Model(Box::new(answer(name, "Hello."))),
                spent: Some(PRICE),
            }),
        }
    }

    fn worst(&self, _action: &Action) -> Option<u64> {
        Some(WORST)
    }

    fn model(&self) -> Option<(&str, &str)> {
        Some((self.name, "fake"))
    }
}

impl Choose for FakeChoice {
    fn routes(&self, _action: &Action) -> Result<Vec<Route>, Unroutable> {
        if self.0.is_empty() {
            return Err(Unroutable {
                code: Code::NOBODY_QUALIFIES,
                told: "no backend of this binding is in `eu`; add one".to_owned(),
            });
        }
        let route = |model: &Arc<FakeModel>| Route {
            backend: Arc::<FakeModel>::clone(model),
            account: model.name.to_owned(),
        };
        Ok(self.0.iter().map(route).collect())
    }
}

/// The answer of a model.
pub(crate) fn answer(backend: &str, text: &str) -> ModelReply {
    ModelReply::Completion(Completion {
        parts: vec![Part::Text(text.to_owned())],
        stop: StopReason::End,
        served: Served {
            backend: backend.to_owned(),
            ..Served::default()
        },
    })
}

/// A question of one sentence.
pub(crate) fn prompt(text: &str) -> Prompt {
    Prompt {
        messages: vec![Message {
            role: Role::User,
            parts: vec![Part::Text(text.to_owned())],
            cache: false,
        }],
        ..Prompt::default()
    }
}

/// The question, asked of the binding `default`.
pub(crate) fn question(number: u32, text: &str) -> Call {
    let asked = ModelCall::new(Ask::Complete(Box::new(prompt(text)))).unwrap();
    Call {
        number,
        fuel: u64::from(number) * 100,
        binding: "default".to_owned(),
        action: Action::Model(asked),
    }
}
