//! A way out that answers after who knows how long, and one that answers what the first recorded.

mod model;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use gate::call::body::Body;
use gate::call::http::{Headers, HttpCall, HttpReply};
use gate::{Action, Call, Code, Failed, Halt, Outcome, Refusal, Reply, Returned, Step, Stop, Suspend};
use host::run::{Calls, Timer};
use jiff::{SignedDuration, Timestamp};

/// Answers the calls of one run.
pub(crate) struct Fake {
    way: Way,
    seen: Shared,
    at: Timestamp,
}

enum Way {
    /// By itself; the function says how many milliseconds a call takes.
    Live(fn(u32) -> u64),
    /// What was recorded, where the run asks what it asked then.
    Replay(Arc<Recording>),
    /// Not at all.
    Halt(Halt),
}

/// What left a run, in its order, and what came back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recording(Vec<Event>);

#[derive(Clone, Debug, PartialEq)]
enum Event {
    Call(Box<(Call, Returned)>),
    Timer(Timer),
}

/// A recording that is being made.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Recording>>);

impl Shared {
    pub(crate) fn whole(&self) -> Recording {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().0.len()
    }

    fn push(&self, event: Event) {
        self.0.lock().unwrap().0.push(event);
    }
}

impl Recording {
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn timers(&self) -> usize {
        let timers = self.0.iter().filter(|event| matches!(event, Event::Timer(_)));
        timers.count()
    }

    /// Whether a call went to this path.
    pub(crate) fn called(&self, path: &str) -> bool {
        self.0.iter().any(|event| match event {
            Event::Call(call) => matches!(&call.0.action, Action::Http(asked) if asked.path() == path),
            Event::Timer(_) => false,
        })
    }
}

impl Fake {
    pub(crate) fn live(took: fn(u32) -> u64) -> (Self, Shared) {
        Self::new(Way::Live(took))
    }

    pub(crate) fn replay(recording: Arc<Recording>) -> (Self, Shared) {
        Self::new(Way::Replay(recording))
    }

    pub(crate) fn halting(halt: Halt) -> (Self, Shared) {
        Self::new(Way::Halt(halt))
    }

    fn new(way: Way) -> (Self, Shared) {
        let seen = Shared::default();
        let at = "2026-01-02T03:04:05Z".parse().unwrap();
        let fake = Self {
            way,
            seen: seen.clone(),
            at,
        };
        (fake, seen)
    }

    fn recorded(&self, recording: &Recording) -> Event {
        recording
            .0
            .get(self.seen.len())
            .expect("the run left its recording behind")
            .clone()
    }

    fn answer(&mut self, call: &Call, took: u64) -> Returned {
        self.at += SignedDuration::from_millis(took.try_into().unwrap());
        Returned {
            outcome: outcome(call),
            at: self.at,
        }
    }
}

#[async_trait]
impl Calls for Fake {
    async fn call(&mut self, call: Call) -> Result<Returned, Halt> {
        delay(call.number).await;
        let returned = match &self.way {
            Way::Halt(halt) => return Err(halt.clone()),
            Way::Live(took) => {
                let took = took(call.number);
                crossing(&call);
                let returned = self.answer(&call, took);
                crossing(&returned);
                returned
            }
            Way::Replay(recording) => match self.recorded(recording) {
                Event::Call(then) if then.0 == call => then.1,
                then => panic!("the run asks {call:?} and asked {then:?}"),
            },
        };
        self.seen.push(Event::Call(Box::new((call, returned.clone()))));
        Ok(returned)
    }

    async fn wait(&mut self, timer: Timer) -> Result<(), Halt> {
        delay(timer.number).await;
        if let Way::Replay(recording) = &self.way {
            assert_eq!(self.recorded(recording), Event::Timer(timer));
        }
        crossing(&timer);
        assert!(timer.from >= self.at && timer.until > timer.from, "{timer:?}");
        self.at = timer.until;
        self.seen.push(Event::Timer(timer));
        Ok(())
    }
}

/// Every message can cross a socket.
fn crossing<T: PartialEq + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned>(message: &T) {
    let text = serde_json::to_string(message).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *message);
}

/// The first calls take some time of the machine's more often than the others, so that many can be made.
async fn delay(number: u32) {
    let random = random();
    let rare = if number <= 4 { 2 } else { 128 };
    if random.is_multiple_of(rare) {
        tokio::time::sleep(Duration::from_micros(random % 1500)).await;
    } else {
        for _ in 0..random % 3 {
            tokio::task::yield_now().await;
        }
    }
}

/// Up to 100 ms.
pub(crate) fn any(_number: u32) -> u64 {
    random() % 100
}

fn random() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_le_bytes(bytes)
}

fn outcome(call: &Call) -> Outcome {
    if call.binding == "?" {
        return Outcome::Refused(refusal());
    }
    let asked = match &call.action {
        Action::Http(asked) => asked,
        Action::Model(asked) => return Outcome::Reply(Reply::Model(Box::new(model::answer(asked.ask())))),
    };
    match asked.path() {
        "/refused" => Outcome::Refused(refusal()),
        "/lost" => Outcome::Failed(failed("connection-lost")),
        "/strange" => Outcome::Failed(failed("token-refused")),
        "/large" => reply(call.number, Body::from(vec![b'x'; 8 << 20])),
        _ => reply(call.number, Body::from(echo(asked))),
    }
}

fn echo(asked: &HttpCall) -> String {
    let query = asked.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!(
        "{} {}{query}, {} bytes",
        asked.method(),
        asked.path(),
        asked.body().size()
    )
}

fn reply(number: u32, body: Body) -> Outcome {
    let headers = [("x-number", number.to_string()), ("connection", "close".to_owned())];
    let headers = headers.map(|(name, value)| (name.to_owned(), value));
    Outcome::Reply(Reply::Http(HttpReply {
        status: 200,
        headers: Headers::new(headers).unwrap(),
        body,
    }))
}

fn refusal() -> Refusal {
    Refusal {
        step: Step::Policy,
        code: Code::NOT_GRANTED,
        told: "Ask for a grant.".to_owned(),
        kept: None,
    }
}

fn failed(code: &'static str) -> Failed {
    Failed {
        code: Code::new(code),
        retryable: true,
        retry_after_ms: None,
        told: "Look at the credential.".to_owned(),
    }
}

pub(crate) fn stop() -> Halt {
    Halt::Stop(Stop::new(Code::OUTCOME_UNKNOWN, "A person has to look at it."))
}

pub(crate) fn suspend() -> Halt {
    Halt::Suspend(Suspend::Timer {
        number: 1,
        until: Timestamp::MAX,
    })
}
