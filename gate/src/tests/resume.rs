//! What a run makes of what is recorded of it.

use std::time::Duration;

use super::support::{Script, World, about, call, word};
use crate::journal::{DecisionError, Ending, Event, JournalError, Resolution};
use crate::{Call, Code, Failure, Gate, Halt, Journal, Limits, Mode, Returned, Run};

async fn resumed(world: &World, mode: Mode) -> (Gate, Run) {
    let gate = world.gate();
    let run = gate.open(about(1), mode).await.unwrap();
    (gate, run)
}

fn stopped(result: Result<Returned, Halt>) -> String {
    match result {
        Err(Halt::Stop(stop)) => stop.code.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A run that makes these calls, as far as it comes.
async fn life(world: &World, mode: Mode, calls: &[Call]) -> Vec<String> {
    let (gate, mut run) = resumed(world, mode).await;
    let mut ends = Vec::new();
    for asked in calls {
        let end = gate.call(&mut run, asked.clone()).await;
        let over = end.is_err();
        ends.push(match end {
            Ok(returned) => word(&returned.outcome),
            stop => stopped(stop),
        });
        if over {
            break;
        }
    }
    ends
}

fn three() -> [Call; 3] {
    [
        call(1, "jira", "POST", "/issue", "{}"),
        call(2, "stranger", "GET", "/", ""),
        call(5, "jira", "GET", "/issue", ""),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_replay_sees_what_the_run_saw_and_touches_nothing() {
    let world = World::new();
    let live = life(&world, Mode::Live, &three()).await;
    assert_eq!(live, ["200", "not-granted", "200"]);
    world.steps();
    // Whatever changed since.
    world.policies.replace("acme", &[], "").unwrap();
    world.bindings.replace("acme", []);
    world.backend.will([Script::Answer(500, Vec::new())]);
    assert_eq!(life(&world, Mode::Replay, &three()).await, live);
    assert_eq!(world.steps(), ["read"]);
    assert_eq!(life(&world, Mode::Resume, &three()).await, live);
    assert_eq!(world.steps(), ["claim"]);
}

#[tokio::test(start_paused = true)]
async fn a_replay_never_goes_live() {
    let world = World::new();
    life(&world, Mode::Live, &three()[..2]).await;
    world.steps();
    assert_eq!(
        life(&world, Mode::Replay, &three()).await,
        ["200", "not-granted", "not-recorded"]
    );
    assert_eq!(world.steps(), ["read"]);
    // Recorded as sent, and not how it ended.
    let world = World::new();
    world.backend.will([Script::Silence]);
    assert_eq!(life(&world, Mode::Live, &three()).await, ["outcome-unknown"]);
    assert_eq!(life(&world, Mode::Replay, &three()).await, ["not-recorded"]);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_does_something_else_is_stopped() {
    let world = World::new();
    life(&world, Mode::Live, &three()).await;
    let [first, second, third] = three();
    for other in [
        vec![call(1, "jira", "POST", "/issue", "{ }")],
        vec![call(1, "ask", "POST", "/issue", "{}")],
        vec![Call {
            number: 2,
            ..first.clone()
        }],
        vec![Call {
            number: 9,
            ..first.clone()
        }],
        vec![first.clone(), third.clone()],
        vec![
            first.clone(),
            second.clone(),
            Call {
                number: 6,
                ..third.clone()
            },
        ],
        vec![
            first.clone(),
            second.clone(),
            third.clone(),
            Call {
                number: 1,
                ..third.clone()
            },
        ],
        vec![Call {
            number: 0,
            ..first.clone()
        }],
    ] {
        for mode in [Mode::Resume, Mode::Replay] {
            let ends = life(&world, mode, &other).await;
            assert_eq!(ends.last().unwrap(), "diverged", "{other:?}");
        }
    }
    // Fuel is no part of what is compared: another build of the engine counts it otherwise.
    assert_eq!(life(&world, Mode::Replay, &[Call { fuel: 1, ..first }]).await, ["200"]);
    assert_eq!(world.backend.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_run_is_begun_once() {
    let world = World::new();
    life(&world, Mode::Live, &three()).await;
    assert_eq!(life(&world, Mode::Live, &three()).await, ["run-exists"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_held_the_run_before_can_do_nothing_more() {
    let world = World::new();
    let (gate, mut before) = resumed(&world, Mode::Live).await;
    gate.call(&mut before, three()[0].clone()).await.unwrap();
    let (_, mut after) = resumed(&world, Mode::Resume).await;
    assert_eq!(
        stopped(gate.call(&mut before, call(2, "jira", "POST", "/issue", "")).await),
        "superseded"
    );
    assert_eq!(world.backend.seen().len(), 1);
    gate.call(&mut after, three()[0].clone()).await.unwrap();
    gate.call(&mut after, call(2, "jira", "POST", "/issue", ""))
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_dropped_in_a_call_is_opened_again() {
    let world = World::new();
    let (gate, mut run) = resumed(&world, Mode::Live).await;
    world.fuse.set(Some(3));
    assert!(
        world
            .fuse
            .run(gate.call(&mut run, call(1, "jira", "GET", "/", "")))
            .await
            .is_none()
    );
    world.fuse.release();
    let next = gate.call(&mut run, call(2, "jira", "GET", "/", "")).await;
    assert_eq!(stopped(next), "run-interrupted");
}

async fn lost_write(world: &World, method: &str) {
    let cut = Failure::perhaps_sent(Code::new("cut-off"), "the line broke");
    world.backend.will([Script::Lost(cut)]);
    let lost = life(world, Mode::Live, &[call(1, "jira", method, "/issue", "{}")]).await;
    assert_eq!(lost, ["outcome-unknown"]);
}

#[tokio::test(start_paused = true)]
async fn a_keyed_write_is_sent_again_while_its_key_is_known() {
    let world = World::new();
    let put = [call(1, "jira", "PUT", "/issue", "{}")];
    lost_write(&world, "PUT").await;
    world.clock.move_by(Duration::from_secs(3599));
    assert_eq!(life(&world, Mode::Resume, &put).await, ["200"]);
    let keys: Vec<_> = world.backend.seen().into_iter().map(|seen| seen.key).collect();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
    let key = keys[0].clone().unwrap();
    assert!(key.starts_with("idempotency-key: ") && key.len() == 17 + 64, "{key}");

    let late = World::new();
    lost_write(&late, "PUT").await;
    late.clock.move_by(Duration::from_secs(3600));
    assert_eq!(life(&late, Mode::Resume, &put).await, ["outcome-unknown"]);
    assert_eq!(late.backend.seen().len(), 1);

    let moved = World::new();
    lost_write(&moved, "PUT").await;
    moved.bind("acme", "account-2");
    assert_eq!(life(&moved, Mode::Resume, &put).await, ["outcome-unknown"]);
    assert_eq!(moved.backend.seen().len(), 1);
}

/// The window begins with the first sending, however often it was tried since.
#[tokio::test(start_paused = true)]
async fn trying_again_does_not_lengthen_the_window() {
    let world = World::new();
    lost_write(&world, "PUT").await;
    let put = [call(1, "jira", "PUT", "/issue", "{}")];
    for _ in 0..2 {
        world.clock.move_by(Duration::from_secs(1700));
        world.backend.will([Script::Lost(Failure::perhaps_sent(
            Code::new("cut-off"),
            "the line broke",
        ))]);
        assert_eq!(life(&world, Mode::Resume, &put).await, ["outcome-unknown"]);
    }
    world.clock.move_by(Duration::from_secs(300));
    assert_eq!(life(&world, Mode::Resume, &put).await, ["outcome-unknown"]);
    assert_eq!(world.backend.seen().len(), 3);
}

/// A refusal would say that it did not happen.
#[tokio::test(start_paused = true)]
async fn what_was_sent_is_not_refused_afterwards() {
    let world = World::new();
    lost_write(&world, "PUT").await;
    world.policies.replace("acme", &[], "").unwrap();
    assert_eq!(
        life(&world, Mode::Resume, &[call(1, "jira", "PUT", "/issue", "{}")]).await,
        ["outcome-unknown"]
    );

    let world = World::new();
    world.fuse.set(Some(6));
    let think = [call(1, "jira", "POST", "/think", "{}")];
    assert!(world.fuse.run(life(&world, Mode::Live, &think)).await.is_none());
    world.fuse.release();
    assert_eq!(world.backend.seen().len(), 1);
    world.policies.replace("acme", &[], "").unwrap();
    assert_eq!(life(&world, Mode::Resume, &think).await, ["not-granted"]);
    assert_eq!((world.purse.paid(), world.purse.held()), (100, 0));
    assert_eq!(life(&world, Mode::Replay, &think).await, ["not-granted"]);
}

#[tokio::test(start_paused = true)]
async fn a_person_decides_what_nobody_knows() {
    let world = World::new();
    let post = [
        call(1, "jira", "POST", "/issue", "{}"),
        call(2, "jira", "GET", "/issue", ""),
    ];
    lost_write(&world, "POST").await;
    for _ in 0..3 {
        assert_eq!(life(&world, Mode::Resume, &post).await, ["outcome-unknown"]);
    }
    let (gate, key) = (world.gate(), about(1).key);
    let wrong = gate.resolve(&key, 2, Resolution::Tell, "maria").await;
    assert!(
        matches!(wrong, Err(JournalError::Decision(DecisionError::NotAsked))),
        "{wrong:?}"
    );
    gate.resolve(&key, 1, Resolution::Tell, "maria").await.unwrap();
    let twice = gate.resolve(&key, 1, Resolution::Again, "otto").await;
    assert!(
        matches!(twice, Err(JournalError::Decision(DecisionError::AlreadyAnswered))),
        "{twice:?}"
    );
    assert_eq!(life(&world, Mode::Resume, &post).await, ["outcome-unknown", "200"]);
    assert_eq!(life(&world, Mode::Replay, &post).await, ["outcome-unknown", "200"]);

    let world = World::new();
    lost_write(&world, "POST").await;
    world.gate().resolve(&key, 1, Resolution::Again, "maria").await.unwrap();
    assert_eq!(life(&world, Mode::Resume, &post).await, ["200", "200"]);
    let attempts: Vec<u32> = world.backend.seen().iter().map(|seen| seen.attempt).collect();
    assert_eq!(attempts, [1, 2, 1]);
}

/// What is held for a lost attempt is paid or freed, once, whoever decides.
#[tokio::test(start_paused = true)]
async fn nothing_stays_set_aside() {
    let lost = || Script::Lost(Failure::perhaps_sent(Code::new("cut-off"), "the line broke"));
    let decided = [Some(Resolution::Again), Some(Resolution::Tell), None];
    for (how, method, paid) in decided
        .into_iter()
        .zip(["POST", "POST", "PUT"])
        .zip([200, 100, 100])
        .map(|((a, b), c)| (a, b, c))
    {
        let world = World::new();
        world.backend.will([lost()]);
        let dear = [call(1, "jira", method, "/dear", "{}")];
        assert_eq!(life(&world, Mode::Live, &dear).await, ["outcome-unknown"]);
        assert_eq!((world.purse.paid(), world.purse.held()), (0, 100));
        if let Some(how) = how {
            world.gate().resolve(&about(1).key, 1, how, "maria").await.unwrap();
        }
        for _ in 0..3 {
            life(&world, Mode::Resume, &dear).await;
        }
        assert_eq!((world.purse.paid(), world.purse.held()), (paid, 0), "{method} {how:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_of_the_guest_is_reproduced() {
    let world = World::new();
    let fuel = || Ending::Stopped {
        code: Code::new("fuel"),
        told: "the tool used all its fuel".to_owned(),
    };
    let (gate, mut run) = resumed(&world, Mode::Live).await;
    gate.call(&mut run, three()[0].clone()).await.unwrap();
    gate.end(&mut run, fuel(), 777).await.unwrap();
    for mode in [Mode::Resume, Mode::Replay] {
        let (gate, mut run) = resumed(&world, mode).await;
        assert_eq!(run.ended().unwrap().fuel, 777);
        gate.call(&mut run, three()[0].clone()).await.unwrap();
        let other = gate.end(&mut run, Ending::Returned, 777).await.unwrap_err();
        assert_eq!(other.code, Code::DIVERGED);
        gate.end(&mut run, fuel(), 777).await.unwrap();
        assert_eq!(stopped(gate.call(&mut run, three()[2].clone()).await), "fuel");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_does_not_end_before_its_journal() {
    let world = World::new();
    life(&world, Mode::Live, &three()).await;
    for mode in [Mode::Resume, Mode::Replay] {
        let (gate, mut run) = resumed(&world, mode).await;
        gate.call(&mut run, three()[0].clone()).await.unwrap();
        assert!(!run.is_live());
        let early = gate.end(&mut run, Ending::Returned, 1).await.unwrap_err();
        assert_eq!(early.code, Code::DIVERGED);
    }
}

#[tokio::test(start_paused = true)]
async fn a_newer_or_damaged_journal_is_named() {
    let newer = r#"{"v":7,"at":"2026-11-21T10:00:00Z","number":1,"event":{"dreamt":{}}}"#;
    let stray = r#"{"v":1,"at":"2026-11-21T10:00:00Z","number":1,"event":{"lost":{"attempt":1,"settled":0}}}"#;
    for (line, code) in [
        (newer, "journal-newer"),
        (stray, "journal-damaged"),
        ("{", "journal-damaged"),
    ] {
        let world = World::new();
        world.journal.inner.plant(&about(1).key, line);
        for mode in [Mode::Resume, Mode::Replay] {
            let stop = world.gate().open(about(1), mode).await.unwrap_err();
            assert_eq!(stop.code.as_str(), code);
            assert!(!stop.retryable && !stop.told.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_has_only_so_many_calls() {
    let world = World::new();
    let mut about = about(1);
    about.limits = Limits {
        calls: 3,
        patience: 2,
        timers: 2,
        ..Limits::default()
    };
    for mode in [Mode::Live, Mode::Resume, Mode::Replay] {
        let gate = world.gate();
        let mut run = gate.open(about.clone(), mode).await.unwrap();
        let mut ends = Vec::new();
        for number in 1..=6 {
            ends.push(match gate.call(&mut run, call(number, "jira", "GET", "/", "")).await {
                Ok(returned) => word(&returned.outcome),
                stop => stopped(stop),
            });
        }
        assert_eq!(
            ends,
            [
                "200",
                "200",
                "200",
                "too-many-calls",
                "too-many-calls",
                "too-many-refusals"
            ]
        );
    }
    assert_eq!(world.backend.seen().len(), 3);
    let gate = world.gate();
    about.key = super::support::about(2).key;
    let mut run = gate.open(about, Mode::Live).await.unwrap();
    let now = "2026-11-21T10:00:00Z".parse().unwrap();
    gate.timer(&mut run, 1, now).await.unwrap();
    gate.timer(&mut run, 2, now).await.unwrap();
    let third = gate.timer(&mut run, 3, now).await.unwrap_err();
    assert!(
        matches!(&third, Halt::Stop(stop) if stop.code == Code::TOO_MANY_TIMERS),
        "{third:?}"
    );
}

/// Every call has one decision, whatever it was.
#[tokio::test(start_paused = true)]
async fn every_call_leaves_one_decision() {
    let world = World::new();
    life(&world, Mode::Live, &three()).await;
    let records = world.journal.inner.read(&about(1).key).await.unwrap();
    let decided = records
        .iter()
        .filter(|record| matches!(record.entry.event, Event::Judged { .. }));
    let numbers: Vec<u32> = decided.map(|record| record.entry.number).collect();
    assert_eq!(numbers, [1, 2, 5]);
}
