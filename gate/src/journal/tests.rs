//! Tests of the journal's format.

use std::sync::Arc;

use async_trait::async_trait;
use insta::assert_snapshot;
use jiff::Timestamp;
use uuid::Uuid;

use super::conformance::{Workbench, check};
use super::{Bill, Chosen, Ending, Entry, EntryError, Event, Fence, Journal, MemoryJournal, Resolution, RunKey};
use crate::call::model::{Cost, Usage};
use crate::call::{Binding, Effect};
use crate::{Code, Step};

fn every_event() -> Vec<Event> {
    let until: Timestamp = "2026-11-28T10:00:00Z".parse().unwrap();
    vec![
        Event::Begun {
            binding: Binding {
                kind: "http".to_owned(),
                name: "jira".to_owned(),
            },
            commitment: "ab".repeat(32),
        },
        Event::Judged {
            allowed: true,
            ask: true,
            policies: vec!["grant/7/http/jira/0".to_owned(), "operator/ask-first".to_owned()],
            set: "0011223344556677".to_owned(),
        },
        Event::Refused {
            step: Step::Policy,
            code: Code::NOT_GRANTED,
            fuel: 1200,
        },
        Event::Asked { until },
        Event::Answered {
            allowed: false,
            by: "maria".to_owned(),
        },
        Event::Sent {
            attempt: 2,
            effect: Effect::KeyedWrite { window_s: 86400 },
            fence: Fence(3),
            reserved: 1500,
            account: "acme-production".to_owned(),
            chosen: None,
        },
        Event::Lost {
            attempt: 1,
            settled: 1500,
            unsent: false,
        },
        Event::Finished {
            sendings: 1,
            settled: 1200,
            code: Some(Code::TIMED_OUT),
            fuel: 900,
            bill: None,
            lost: false,
        },
        Event::Resolved {
            how: Resolution::Again,
            by: "maria".to_owned(),
        },
        Event::Set { until },
        Event::Fired { until },
        Event::Ended {
            ending: Ending::Returned,
            fuel: 5000,
        },
        Event::Ended {
            ending: Ending::Stopped {
                code: Code::new("fuel"),
                told: "the tool used all its fuel".to_owned(),
            },
            fuel: 5000,
        },
    ]
}

/// What version 2 added.
fn billed() -> Event {
    Event::Finished {
        sendings: 2,
        settled: 4350,
        code: None,
        fuel: 900,
        bill: Some(Box::new(Bill {
            backend: "bedrock".to_owned(),
            model: "claude-haiku-5-5-20260601".to_owned(),
            usage: Some(Usage {
                input: 100,
                cache_read: 20,
                output: 40,
                reasoning: 10,
                ..Usage::default()
            }),
            cost: Some(Cost {
                nano_dollars: 4350,
                prices: "2026-11-20-0123456789ab".to_owned(),
            }),
        })),
        lost: false,
    }
}

/// What version 3 added.
fn told_apart() -> [Event; 3] {
    let chosen = Chosen {
        backend: "bedrock".to_owned(),
        model: "eu.anthropic.claude-haiku-5-5".to_owned(),
        priced: true,
    };
    [
        Event::Sent {
            attempt: 1,
            effect: Effect::CostlyRead,
            fence: Fence(1),
            reserved: 1500,
            account: "bedrock".to_owned(),
            chosen: Some(Box::new(chosen)),
        },
        Event::Lost {
            attempt: 1,
            settled: 0,
            unsent: true,
        },
        Event::Finished {
            sendings: 1,
            settled: 1500,
            code: Some(Code::TIMED_OUT),
            fuel: 900,
            bill: None,
            lost: true,
        },
    ]
}

/// The vectors of the format. A change here is a new version, and the old vectors stay and are still read.
#[test]
fn version_3_is_what_it_was() {
    let at = "2026-11-21T10:00:00.123Z".parse().unwrap();
    let events = every_event().into_iter().chain([billed()]);
    let events: Vec<Event> = events.chain(told_apart()).collect();
    let entries = events.iter().zip(1..).map(|(event, number)| Entry {
        at,
        number,
        event: event.clone(),
    });
    let lines: Vec<String> = entries.map(|entry| entry.encode().unwrap()).collect();
    assert_snapshot!("version_3", lines.join("\n"));
    let read: Vec<Event> = lines.iter().map(|line| Entry::decode(line).unwrap().event).collect();
    assert_eq!(read, events);
}

#[test]
fn version_1_is_still_read() {
    let lines = include_str!("versions/1.jsonl").lines();
    let read: Vec<Event> = lines.map(|line| Entry::decode(line).unwrap().event).collect();
    assert_eq!(read, every_event());
}

#[test]
fn version_2_is_still_read() {
    let lines = include_str!("versions/2.jsonl").lines();
    let read: Vec<Event> = lines.map(|line| Entry::decode(line).unwrap().event).collect();
    let events: Vec<Event> = every_event().into_iter().chain([billed()]).collect();
    assert_eq!(read, events);
}

#[test]
fn what_is_newer_or_damaged_is_named() {
    let newer = r#"{"v":4,"at":"2026-11-21T10:00:00Z","number":1,"mood":"good"}"#;
    assert!(matches!(Entry::decode(newer), Err(EntryError::Newer { found: 4 })));
    assert_snapshot!(
        Entry::decode(newer).unwrap_err().to_string(),
        @"the journal holds an entry of version 4, and this program reads up to 3; use a newer program"
    );
    for damaged in [
        "",
        "{}",
        "[]",
        r#"{"v":1}"#,
        r#"{"v":1,"at":"2026-11-21T10:00:00Z","number":1,"event":{"forgotten":{}}}"#,
        r#"{"v":1,"at":"2026-11-21T10:00:00Z","number":1,"event":{"asked":{"until":"soon"}}}"#,
        r#"{"v":1,"at":"2026-11-21T10:00:00Z","number":1,"event":{"lost":{"attempt":1,"settled":0}},"more":1}"#,
    ] {
        assert!(
            matches!(Entry::decode(damaged), Err(EntryError::Damaged(_))),
            "{damaged}"
        );
    }
}

/// Memory does not end with a process, so a restart finds the same.
struct InMemory(Arc<MemoryJournal>);

#[async_trait]
impl Workbench for InMemory {
    async fn journal(&self) -> Arc<dyn Journal> {
        self.0.clone()
    }

    async fn restart(&self) -> Arc<dyn Journal> {
        self.0.clone()
    }

    async fn run(&self, tenant: &str, run: Uuid) -> RunKey {
        let tenant = tenant.to_owned();
        RunKey { tenant, run }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_in_memory_conforms() {
    check(&InMemory(Arc::default())).await.unwrap();
}
