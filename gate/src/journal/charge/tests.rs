//! Entries, and what is charged for them.

use std::fmt::Write as _;

use super::{Charge, Meter, Spent};
use crate::call::Effect;
use crate::call::model::Cost;
use crate::journal::{Bill, Chosen, Ending, Entry, Event, Fence};
use crate::{Binding, Code};

fn begun(kind: &str) -> Event {
    let (kind, name) = (kind.to_owned(), "default".to_owned());
    Event::Begun {
        binding: Binding { kind, name },
        commitment: "0".repeat(64),
    }
}

/// An attempt at this backend; nothing is reserved for one without a price.
fn sent(attempt: u32, backend: &str, reserved: Option<u64>) -> Event {
    let chosen = Chosen {
        backend: backend.to_owned(),
        model: "asked".to_owned(),
        priced: reserved.is_some(),
    };
    Event::Sent {
        attempt,
        effect: Effect::CostlyRead,
        fence: Fence::FIRST,
        reserved: reserved.unwrap_or_default(),
        account: backend.to_owned(),
        chosen: Some(Box::new(chosen)),
    }
}

/// As version 2 wrote it.
fn sent_before(reserved: u64) -> Event {
    Event::Sent {
        attempt: 1,
        effect: Effect::CostlyRead,
        fence: Fence::FIRST,
        reserved,
        account: "a".to_owned(),
        chosen: None,
    }
}

const fn lost(attempt: u32, settled: u64, unsent: bool) -> Event {
    Event::Lost {
        attempt,
        settled,
        unsent,
    }
}

fn answered(backend: &str, nano_dollars: Option<u64>) -> Event {
    let prices = "2026-11-29-0123456789ab".to_owned();
    let bill = Bill {
        backend: backend.to_owned(),
        model: "served".to_owned(),
        usage: None,
        cost: nano_dollars.map(|nano_dollars| Cost { nano_dollars, prices }),
    };
    Event::Finished {
        sendings: 1,
        settled: nano_dollars.unwrap_or_default(),
        code: None,
        fuel: 1,
        bill: Some(Box::new(bill)),
        lost: false,
    }
}

const fn failed(settled: u64, lost: bool) -> Event {
    Event::Finished {
        sendings: 1,
        settled,
        code: Some(Code::TIMED_OUT),
        fuel: 1,
        bill: None,
        lost,
    }
}

fn ended(stopped: bool) -> Event {
    let told = "cancelled".to_owned();
    let code = Code::new("cancelled");
    Event::Ended {
        ending: if stopped {
            Ending::Stopped { code, told }
        } else {
            Ending::Returned
        },
        fuel: 1,
    }
}

fn told(charge: &Charge) -> String {
    let asked = charge.chosen.as_ref().map_or("?", |chosen| &chosen.backend);
    match &charge.spent {
        Spent::Answered(bill) => {
            let cost = bill.cost.as_ref().map(|cost| cost.nano_dollars);
            format!("{asked} answered for {cost:?}")
        }
        Spent::Lost(reserved) => format!("{asked} lost for {reserved:?}"),
    }
}

/// What the entries of a run are charged, and the same where each of them is read by itself after those of its call.
fn charged(events: &[Event]) -> Vec<String> {
    let entry = |event: &Event| Entry {
        at: "2026-11-21T10:00:00Z".parse().unwrap(),
        number: 1,
        event: event.clone(),
    };
    let mut meter = Meter::default();
    let mut charges = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let charge = meter.take(&entry(event));
        let (before, _) = events.split_at(place);
        let call = before.iter().rposition(|event| matches!(event, Event::Begun { .. }));
        let mut late = Meter::default();
        let (_, call) = before.split_at(call.unwrap_or_default());
        for event in call {
            late.take(&entry(event));
        }
        assert_eq!(late.take(&entry(event)), charge, "{event:?}");
        assert!(
            charge.is_none() || Meter::settles(event),
            "{event:?} is charged and settles nothing"
        );
        charges.extend(charge.as_ref().map(told));
    }
    charges
}

#[test]
fn each_attempt_is_charged_once() {
    let cases: Vec<(&str, Vec<Event>)> = vec![
        (
            "an answer",
            vec![begun("model"), sent(1, "a", Some(100)), answered("a", Some(7))],
        ),
        (
            "no price",
            vec![begun("model"), sent(1, "a", None), answered("a", None)],
        ),
        (
            "the second answers",
            vec![
                begun("model"),
                sent(1, "a", Some(100)),
                lost(1, 100, false),
                sent(2, "b", Some(50)),
                answered("b", Some(7)),
            ],
        ),
        (
            "the first never left",
            vec![
                begun("model"),
                sent(1, "a", None),
                lost(1, 0, true),
                sent(2, "b", Some(50)),
                answered("b", Some(7)),
            ],
        ),
        (
            "nobody knows what the first cost",
            vec![
                begun("model"),
                sent(1, "a", None),
                lost(1, 0, false),
                sent(2, "b", Some(50)),
                answered("b", Some(7)),
            ],
        ),
        (
            "nobody answers",
            vec![begun("model"), sent(1, "a", Some(100)), failed(100, true)],
        ),
        (
            "a free attempt is lost",
            vec![begun("model"), sent(1, "a", Some(0)), failed(0, true)],
        ),
        (
            "nothing left",
            vec![begun("model"), sent(1, "a", Some(100)), failed(0, false)],
        ),
        (
            "stopped in a call",
            vec![begun("model"), sent(1, "a", Some(100)), ended(true)],
        ),
        (
            "stopped in a call without a price",
            vec![begun("model"), sent(1, "a", None), ended(true)],
        ),
        (
            "stopped after a call",
            vec![
                begun("model"),
                sent(1, "a", Some(100)),
                answered("a", Some(7)),
                ended(true),
            ],
        ),
        (
            "stopped after a loss",
            vec![
                begun("model"),
                sent(1, "a", Some(100)),
                lost(1, 100, false),
                ended(true),
            ],
        ),
        (
            "a loss is said twice",
            vec![
                begun("model"),
                sent(1, "a", Some(100)),
                lost(1, 100, false),
                lost(1, 100, false),
            ],
        ),
        (
            "returned",
            vec![
                begun("model"),
                sent(1, "a", Some(100)),
                answered("a", Some(7)),
                ended(false),
            ],
        ),
        (
            "of another kind",
            vec![begun("http"), sent(1, "a", Some(100)), failed(100, true)],
        ),
        (
            "of another kind after a model",
            vec![
                begun("model"),
                sent(1, "a", Some(100)),
                begun("http"),
                sent_before(7),
                ended(true),
            ],
        ),
        (
            "an older attempt",
            vec![begun("model"), sent_before(100), failed(100, false)],
        ),
        (
            "an older attempt without a price",
            vec![begun("model"), sent_before(0), lost(1, 0, false)],
        ),
        ("no beginning", vec![sent(1, "a", Some(100)), answered("a", Some(7))]),
    ];
    let mut all = String::new();
    for (case, events) in cases {
        writeln!(all, "{case}: {}", charged(&events).join(", ")).unwrap();
    }
    insta::assert_snapshot!(all, @r"
    an answer: a answered for Some(7)
    no price: a answered for None
    the second answers: a lost for Some(100), b answered for Some(7)
    the first never left: b answered for Some(7)
    nobody knows what the first cost: a lost for None, b answered for Some(7)
    nobody answers: a lost for Some(100)
    a free attempt is lost: a lost for Some(0)
    nothing left: 
    stopped in a call: a lost for Some(100)
    stopped in a call without a price: a lost for None
    stopped after a call: a answered for Some(7)
    stopped after a loss: a lost for Some(100)
    a loss is said twice: a lost for Some(100)
    returned: a answered for Some(7)
    of another kind: 
    of another kind after a model: 
    an older attempt: ? lost for Some(100)
    an older attempt without a price: ? lost for None
    no beginning: 
    ");
}
