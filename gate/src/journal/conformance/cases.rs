//! The promises, one function each.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::Workbench;
use crate::call::{Binding, Effect};
use crate::journal::{DecisionError, Ending, Entry, Event, Fence, Journal, JournalError, Record, Resolution, RunKey};
use crate::payload::{Attachment, Payload};

type Checked = Result<(), String>;

const TENANT: &str = "conformance";
/// How many try the same thing at once.
const CROWD: u64 = 8;

pub(super) async fn comes_back(bench: &dyn Workbench) -> Checked {
    let (journal, run) = fresh(bench).await;
    let (first, second) = (opening(), vec![sent(1), finished()]);
    taken(journal.start(&run, first.clone()).await)?;
    taken(journal.append(&run, Fence::FIRST, second.clone()).await)?;
    let all = [first, second].concat();
    same(&taken(journal.read(&run).await)?, &all)?;
    same(&taken(journal.claim(&run).await)?.records, &all)
}

pub(super) async fn outlives(bench: &dyn Workbench) -> Checked {
    let (journal, run) = fresh(bench).await;
    taken(journal.start(&run, opening()).await)?;
    drop(journal);
    let journal = bench.restart().await;
    let claimed = taken(journal.claim(&run).await)?;
    same(&claimed.records, &opening())?;
    taken(journal.append(&run, claimed.fence, vec![sent(1)]).await)?;
    drop(journal);
    let journal = bench.restart().await;
    let again = taken(journal.claim(&run).await)?;
    holds(again.fence > claimed.fence, "a fence was given twice")?;
    same(&again.records, &[opening(), vec![sent(1)]].concat())
}

pub(super) async fn begins_once(bench: &dyn Workbench) -> Checked {
    let (journal, run) = fresh(bench).await;
    taken(journal.start(&run, opening()).await)?;
    refused(journal.start(&run, opening()).await, |error| {
        matches!(error, JournalError::Exists)
    })?;
    same(&taken(journal.read(&run).await)?, &opening())?;
    let (journal, run) = fresh(bench).await;
    taken(journal.claim(&run).await)?;
    refused(journal.start(&run, opening()).await, |error| {
        matches!(error, JournalError::Exists)
    })?;
    // Who does not know whether its start came through goes on under the first fence.
    refused(journal.append(&run, Fence::FIRST, opening()).await, |error| {
        matches!(error, JournalError::Superseded)
    })?;
    same(&taken(journal.claim(&run).await)?.records, &Vec::new())
}

pub(super) async fn shuts_out(bench: &dyn Workbench) -> Checked {
    let (journal, run) = fresh(bench).await;
    taken(journal.start(&run, opening()).await)?;
    let first = taken(journal.claim(&run).await)?.fence;
    let second = taken(journal.claim(&run).await)?.fence;
    holds(Fence::FIRST < first && first < second, "fences do not rise")?;
    for stale in [Fence::FIRST, first] {
        let late = journal.append(&run, stale, vec![sent(1), finished()]).await;
        refused(late, |error| matches!(error, JournalError::Superseded))?;
    }
    same(&taken(journal.read(&run).await)?, &opening())?;
    taken(journal.append(&run, second, vec![sent(1)]).await)
}

/// Each claims and then writes; whatever the order, only records under the latest fence at their time are there, each
/// writer's whole or not at all.
pub(super) async fn one_writes(bench: &dyn Workbench) -> Checked {
    let (journal, run) = fresh(bench).await;
    taken(journal.start(&run, opening()).await)?;
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (journal, run) = (Arc::clone(&journal), run.clone());
        crowd.spawn(async move {
            let fence = taken(journal.claim(&run).await)?.fence;
            tokio::task::yield_now().await;
            let written = journal.append(&run, fence, vec![under(fence), finished()]).await;
            match written {
                Ok(()) => Ok((fence, true)),
                Err(JournalError::Superseded) => Ok((fence, false)),
                Err(error) => Err(format!("{error:?}")),
            }
        });
    }
    let ends: Vec<(Fence, bool)> = crowd.join_all().await.into_iter().collect::<Result<_, String>>()?;
    let latest = ends.iter().map(|(fence, _)| *fence).max().unwrap_or(Fence::FIRST);
    holds(ends.contains(&(latest, true)), "the latest holder could not write")?;
    let mut fences: Vec<Fence> = ends
        .iter()
        .filter(|(_, wrote)| *wrote)
        .map(|(fence, _)| *fence)
        .collect();
    fences.sort_unstable();
    let expected: Vec<Record> = fences
        .into_iter()
        .flat_map(|fence| [under(fence), finished()])
        .collect();
    same(&taken(journal.read(&run).await)?, &[opening(), expected].concat())
}

pub(super) async fn nothing_follows(bench: &dyn Workbench) -> Checked {
    let (journal, run) = fresh(bench).await;
    let ended = record(
        0,
        Event::Ended {
            ending: Ending::Returned,
            fuel: 1,
        },
    );
    taken(journal.start(&run, vec![asked()]).await)?;
    taken(journal.append(&run, Fence::FIRST, vec![ended.clone()]).await)?;
    let late = |error: &JournalError| matches!(error, JournalError::Ended);
    refused(journal.append(&run, Fence::FIRST, vec![sent(1)]).await, late)?;
    refused(journal.decide(&run, answer(true)).await, late)?;
    let claimed = taken(journal.claim(&run).await)?;
    refused(journal.append(&run, claimed.fence, vec![sent(1)]).await, late)?;
    same(&claimed.records, &vec![asked(), ended])
}

pub(super) async fn answered_once(bench: &dyn Workbench) -> Checked {
    let (journal, run) = fresh(bench).await;
    taken(journal.start(&run, opening()).await)?;
    refused(journal.decide(&run, answer(true)).await, is(DecisionError::NotAsked))?;
    taken(journal.append(&run, Fence::FIRST, vec![asked()]).await)?;
    taken(journal.decide(&run, answer(false)).await)?;
    refused(
        journal.decide(&run, answer(true)).await,
        is(DecisionError::AlreadyAnswered),
    )?;
    let answered = Record::bare(answer(false));
    same(
        &taken(journal.read(&run).await)?,
        &[opening(), vec![asked(), answered]].concat(),
    )?;
    // Whoever holds the run goes on: an answer takes nothing over.
    taken(journal.append(&run, Fence::FIRST, vec![sent(1)]).await)
}

pub(super) async fn one_answer(bench: &dyn Workbench) -> Checked {
    let (journal, run) = fresh(bench).await;
    taken(journal.start(&run, vec![asked()]).await)?;
    let mut crowd = JoinSet::new();
    for number in 0..CROWD {
        let (journal, run) = (Arc::clone(&journal), run.clone());
        crowd.spawn(async move { journal.decide(&run, answer(number % 2 == 0)).await });
    }
    let ends = crowd.join_all().await;
    let taken_answers = ends.iter().filter(|end| end.is_ok()).count();
    holds(taken_answers == 1, "not exactly one answer was taken")?;
    let others = ends.iter().filter_map(|end| end.as_ref().err());
    holds(
        others.into_iter().all(is(DecisionError::AlreadyAnswered)),
        "an answer was refused for another reason",
    )?;
    holds(
        taken(journal.read(&run).await)?.len() == 2,
        "more than one answer is recorded",
    )
}

pub(super) async fn expires(bench: &dyn Workbench) -> Checked {
    let (journal, run) = fresh(bench).await;
    taken(journal.start(&run, vec![asked()]).await)?;
    let late = Entry {
        at: at(UNTIL),
        ..answer(true)
    };
    refused(journal.decide(&run, late).await, is(DecisionError::Expired))?;
    same(&taken(journal.read(&run).await)?, &vec![asked()])
}

pub(super) async fn decided_once(bench: &dyn Workbench) -> Checked {
    let (journal, run) = fresh(bench).await;
    taken(journal.start(&run, opening()).await)?;
    refused(journal.decide(&run, resolved()).await, is(DecisionError::NotAsked))?;
    taken(journal.append(&run, Fence::FIRST, vec![sent(1)]).await)?;
    taken(journal.decide(&run, resolved()).await)?;
    refused(
        journal.decide(&run, resolved()).await,
        is(DecisionError::AlreadyAnswered),
    )?;
    taken(journal.append(&run, Fence::FIRST, vec![sent(2), finished()]).await)?;
    refused(journal.decide(&run, resolved()).await, is(DecisionError::NotAsked))
}

pub(super) async fn tenants_apart(bench: &dyn Workbench) -> Checked {
    let journal = bench.journal().await;
    let name = Uuid::now_v7();
    let (one, two) = (bench.run(TENANT, name).await, bench.run("conformance-two", name).await);
    taken(journal.start(&one, vec![asked()]).await)?;
    taken(journal.start(&two, opening()).await)?;
    refused(journal.decide(&two, answer(true)).await, is(DecisionError::NotAsked))?;
    taken(journal.claim(&two).await)?;
    taken(journal.append(&one, Fence::FIRST, vec![sent(1)]).await)?;
    same(&taken(journal.read(&one).await)?, &vec![asked(), sent(1)])?;
    same(&taken(journal.read(&two).await)?, &opening())
}

pub(super) async fn unknown(bench: &dyn Workbench) -> Checked {
    let journal = bench.journal().await;
    let run = RunKey {
        tenant: TENANT.to_owned(),
        run: Uuid::now_v7(),
    };
    let unknown = |error: &JournalError| matches!(error, JournalError::Unknown);
    refused(journal.read(&run).await, unknown)?;
    refused(journal.append(&run, Fence::FIRST, opening()).await, unknown)?;
    refused(journal.decide(&run, answer(true)).await, unknown)
}

pub(super) async fn long(bench: &dyn Workbench) -> Checked {
    let (journal, run) = fresh(bench).await;
    taken(journal.start(&run, opening()).await)?;
    let many: Vec<Record> = (1..=300).flat_map(|attempt| [sent(attempt), finished()]).collect();
    for part in many.chunks(20) {
        taken(journal.append(&run, Fence::FIRST, part.to_vec()).await)?;
    }
    same(&taken(journal.read(&run).await)?, &[opening(), many].concat())
}

async fn fresh(bench: &dyn Workbench) -> (Arc<dyn Journal>, RunKey) {
    let journal = bench.journal().await;
    let run = bench.run(TENANT, Uuid::now_v7()).await;
    (journal, run)
}

/// When everything here happens, and when its question expires; in milliseconds since 1970.
const NOW: i64 = 1_795_000_000_123;
const UNTIL: i64 = NOW + 1000;

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or_default()
}

fn record(number: u32, event: Event) -> Record {
    Record::bare(Entry {
        at: at(NOW),
        number,
        event,
    })
}

fn opening() -> Vec<Record> {
    let begun = Event::Begun {
        binding: Binding {
            kind: "http".to_owned(),
            name: "jira".to_owned(),
        },
        commitment: "0".repeat(64),
    };
    let judged = Event::Judged {
        allowed: true,
        ask: false,
        policies: vec!["grant/1/http/jira/0".to_owned()],
        set: "00".to_owned(),
    };
    vec![record(1, begun), record(1, judged)]
}

fn asked() -> Record {
    let asked = record(1, Event::Asked { until: at(UNTIL) });
    Record {
        call: Some(Payload::from_parts(b"{\"asked\":1}".to_vec(), Vec::new())),
        ..asked
    }
}

/// With a body that is too large to stand in the payload.
fn sent(attempt: u32) -> Record {
    let bytes = Bytes::from(vec![u8::try_from(attempt % 251).unwrap_or_default(); 70_000]);
    let attachment = Attachment {
        sha256: Sha256::digest(&bytes).into(),
        bytes,
    };
    Record {
        call: Some(Payload::from_parts(b"{}".to_vec(), vec![attachment])),
        ..bare_sent(attempt, Fence::FIRST)
    }
}

fn under(fence: Fence) -> Record {
    bare_sent(1, fence)
}

fn bare_sent(attempt: u32, fence: Fence) -> Record {
    record(
        1,
        Event::Sent {
            attempt,
            effect: Effect::Write,
            fence,
            reserved: 7,
            account: "account".to_owned(),
            chosen: None,
        },
    )
}

fn finished() -> Record {
    let finished = Event::Finished {
        sendings: 1,
        settled: 7,
        code: None,
        fuel: 100,
        bill: None,
        lost: false,
    };
    Record {
        outcome: Some(Payload::from_parts(vec![0, 159, 146, 150], Vec::new())),
        ..record(1, finished)
    }
}

fn answer(allowed: bool) -> Entry {
    let by = "maria".to_owned();
    record(1, Event::Answered { allowed, by }).entry
}

fn resolved() -> Entry {
    let event = Event::Resolved {
        how: Resolution::Again,
        by: "maria".to_owned(),
    };
    record(1, event).entry
}

fn is(expected: DecisionError) -> impl Fn(&JournalError) -> bool {
    move |error| matches!(error, JournalError::Decision(found) if *found == expected)
}

fn taken<T>(result: Result<T, JournalError>) -> Result<T, String> {
    result.map_err(|error| format!("refused with {error:?}"))
}

fn refused<T>(result: Result<T, JournalError>, expected: impl FnOnce(&JournalError) -> bool) -> Checked {
    match result {
        Err(error) if expected(&error) => Ok(()),
        Err(error) => Err(format!("refused with another error: {error:?}")),
        Ok(_) => Err("not refused".to_owned()),
    }
}

fn same<T: PartialEq + Debug>(found: &T, expected: &T) -> Checked {
    holds(found == expected, &format!("expected {expected:?}, found {found:?}"))
}

fn holds(holds: bool, otherwise: &str) -> Checked {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}
