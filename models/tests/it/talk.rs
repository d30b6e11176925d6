//! A conversation through a whole gate: granted, judged, journaled, chosen, repeated.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use gate::call::model::{Ask, Message, ModelCall, ModelReply, Part, Prompt, Role, StopReason};
use gate::journal::Event;
use gate::{
    About, Action, Backend, Binding, Bindings, Bottomless, Bound, Call, Carried, Carriers, Cleared, Dlp, Failure, Gate,
    Grant, HostSecret, Journal as _, Limits, MemoryJournal, Mode, Outcome, Parts, Policies, Reply, Retry, Rules, Run,
    RunKey, RunSecret, SystemClock,
};
use models::backend::ModelBackend;
use models::choice::{Candidate, Choice, Member, Order};
use models::dialect::Unfit;
use models::residency::{Residency, Stands};

use crate::backends::{Given, Row};
use crate::front::Front;

/// How often a backend is asked before the next one is.
pub(crate) const SENDINGS: u32 = 2;
/// A backend that asks for a longer pause is left for the next one.
pub(crate) const LONGEST: Duration = Duration::from_millis(100);
/// The way out ends a sending before the gate does, and says what it waited for.
const GRACE: Duration = Duration::from_secs(5);

/// A run, and what its model calls came to.
pub(crate) struct Talk {
    gate: Gate,
    run: Run,
    asked: u32,
    journal: Arc<MemoryJournal>,
    failures: Arc<Mutex<Vec<Failure>>>,
}

impl Talk {
    /// A run that may ask these backends, in this order.
    pub(crate) async fn with(rows: &[&Row], front: &Front, given: &Given) -> Self {
        let backends = rows.iter().map(|row| row.backend(front, given));
        Self::between(backends.collect(), given).await
    }

    /// A run that may ask these.
    pub(crate) async fn between(backends: Vec<ModelBackend>, given: &Given) -> Self {
        let failures = Arc::<Mutex<Vec<Failure>>>::default();
        let members = backends.into_iter().map(|backend| {
            let name = backend.name().to_owned();
            let heard = Heard {
                backend: Arc::new(backend) as Arc<dyn Candidate>,
                failures: Arc::clone(&failures),
            };
            Member::new(Arc::new(heard), name, 1)
        });
        let choice = Choice::new(Order::Listed, given.residency.clone(), members.collect());
        let journal = Arc::new(MemoryJournal::default());
        let gate = gate(Arc::new(choice), given.timeout + GRACE, Arc::clone(&journal));
        let run = gate.open(about(), Mode::Live).await.unwrap();
        Self {
            gate,
            run,
            asked: 0,
            journal,
            failures,
        }
    }

    /// Asks, and says what the run was told.
    pub(crate) async fn ask(&mut self, ask: Ask) -> Outcome {
        self.asked += 1;
        let call = Call {
            number: self.asked,
            fuel: 0,
            binding: binding().name,
            action: Action::Model(ModelCall::new(ask).unwrap()),
        };
        self.gate.call(&mut self.run, call).await.unwrap().outcome
    }

    /// Asks, does what the model asks for as long as it asks for tools and they can do it, and gives each outcome.
    pub(crate) async fn converse(
        &mut self,
        mut prompt: Prompt,
        tool: impl Fn(&Part) -> Option<String>,
    ) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        loop {
            let outcome = self.ask(Ask::Complete(Box::new(prompt.clone()))).await;
            let calls = said(&outcome).filter(|(_, stop)| **stop == StopReason::ToolCalls);
            let turns = calls.and_then(|(parts, _)| turns(parts, &tool));
            outcomes.push(outcome);
            match turns {
                Some(turns) if outcomes.len() < 3 => prompt.messages.extend(turns),
                _ => return outcomes,
            }
        }
    }

    /// Every failure of a backend so far, those that another sending made good included.
    pub(crate) fn failures(&self) -> Vec<Failure> {
        self.failures.lock().unwrap().clone()
    }

    /// What the journal holds.
    pub(crate) async fn events(&self) -> Vec<Event> {
        let records = self.journal.read(&about().key).await.unwrap();
        records.into_iter().map(|record| record.entry.event).collect()
    }
}

/// What a model said, and why it ended.
pub(crate) fn said(outcome: &Outcome) -> Option<(&[Part], &StopReason)> {
    match outcome {
        Outcome::Reply(Reply::Model(reply)) => match reply.as_ref() {
            ModelReply::Completion(completion) => Some((&completion.parts, &completion.stop)),
            ModelReply::Embeddings(_) => None,
        },
        _ => None,
    }
}

/// What the model said, word for word, and what its tools answered.
fn turns(parts: &[Part], tool: impl Fn(&Part) -> Option<String>) -> Option<[Message; 2]> {
    let calls = parts.iter().filter_map(|part| match part {
        Part::ToolCall { id, name, .. } => Some((part, id, name)),
        _ => None,
    });
    let results = calls.map(|(call, id, name)| {
        Some(Part::ToolResult {
            id: id.clone(),
            name: name.clone(),
            content: tool(call)?,
            failed: false,
        })
    });
    let results = results.collect::<Option<Vec<_>>>()?;
    Some(
        [(Role::Assistant, parts.to_vec()), (Role::User, results)].map(|(role, parts)| Message {
            role,
            parts,
            cache: false,
        }),
    )
}

fn gate(choice: Arc<Choice>, timeout: Duration, journal: Arc<MemoryJournal>) -> Gate {
    let bound = Bound {
        carriers: Carriers::Chosen(choice),
        rules: Rules::Model(gate::ModelRules::default()),
        timeout,
        retry: Retry {
            sendings: SENDINGS,
            pause: Duration::from_millis(1),
            longest: LONGEST,
        },
    };
    let (bindings, policies) = (Bindings::default(), Policies::default());
    bindings.replace("acme", [(binding(), bound)]);
    policies.replace("acme", &[grant()], "").unwrap();
    Gate::new(Parts {
        journal,
        policies: Arc::new(policies),
        dlp: Arc::new(Dlp::default()),
        bindings: Arc::new(bindings),
        purse: Arc::new(Bottomless),
        audience: Arc::new(gate::Nobody),
        clock: Arc::new(SystemClock),
        secret: HostSecret::new([7; 32]),
    })
}

fn binding() -> Binding {
    Binding {
        kind: "model".to_owned(),
        name: "default".to_owned(),
    }
}

fn grant() -> Grant {
    Grant {
        approval: "1".to_owned(),
        skill: "acme/skill".to_owned(),
        digest: "sha256:aa".to_owned(),
        binding: binding(),
        ask: false,
        methods: Vec::new(),
        paths: Vec::new(),
    }
}

fn about() -> About {
    About {
        key: RunKey {
            tenant: "acme".to_owned(),
            run: "00000000-0000-0000-0000-000000000001".parse().unwrap(),
        },
        skill: "acme/skill".to_owned(),
        digest: "sha256:aa".to_owned(),
        tool: "try".to_owned(),
        by: "agent".to_owned(),
        secret: RunSecret::new([9; 32]),
        limits: Limits::default(),
    }
}

/// A backend whose failures somebody hears.
struct Heard<B: ?Sized> {
    backend: Arc<B>,
    failures: Arc<Mutex<Vec<Failure>>>,
}

#[async_trait]
impl<B: Backend + ?Sized> Backend for Heard<B> {
    async fn carry(&self, call: &Cleared) -> Result<Carried, Failure> {
        let carried = self.backend.carry(call).await;
        self.failures.lock().unwrap().extend(carried.as_ref().err().cloned());
        carried
    }

    fn worst(&self, action: &Action) -> Option<u64> {
        self.backend.worst(action)
    }
}

impl Candidate for Heard<dyn Candidate> {
    fn name(&self) -> &str {
        self.backend.name()
    }

    fn stands(&self) -> &Stands {
        self.backend.stands()
    }

    fn ready(self: Arc<Self>, call: &ModelCall) -> Result<Arc<dyn Backend>, Unfit> {
        Ok(Arc::new(Heard {
            backend: Arc::clone(&self.backend).ready(call)?,
            failures: Arc::clone(&self.failures),
        }))
    }
}

/// Answered in this part of the world.
pub(crate) fn within(geo: &str) -> Option<Residency> {
    Some(Residency {
        geo: geo.to_owned(),
        in_region: false,
    })
}
