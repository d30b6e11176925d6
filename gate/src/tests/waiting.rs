//! Runs that wait for a person or a time, out of memory.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan};

use super::support::{World, about, call, grants, http, word};
use crate::journal::{DecisionError, JournalError};
use crate::{Clock, ConsentId, Gate, Halt, Mode, Outcome, RunKey, Suspend};

/// One life of a run that makes one call on a binding that asks.
async fn ask(gate: &Gate, mode: Mode) -> Result<String, Halt> {
    let mut run = gate.open(about(1), mode).await?;
    let returned = gate.call(&mut run, call(1, "ask", "POST", "/issue", "{}")).await?;
    Ok(word(&returned.outcome))
}

async fn asked(world: &World) -> ConsentId {
    match ask(&world.gate(), Mode::Live).await {
        Err(Halt::Suspend(Suspend::Consent { id, until })) => {
            assert_eq!(until, world.clock.now() + (7 * 24).hours());
            id
        }
        other => panic!("{other:?}"),
    }
}

async fn answer(world: &World, id: ConsentId, allowed: bool) -> Result<(), JournalError> {
    world.gate().answer("acme", id, allowed, "maria").await
}

fn decision(result: Result<(), JournalError>) -> DecisionError {
    match result {
        Err(JournalError::Decision(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_person_allowed_is_done_once() {
    let world = World::new();
    let id = asked(&world).await;
    let again = ask(&world.gate(), Mode::Resume).await;
    assert!(
        matches!(again, Err(Halt::Suspend(Suspend::Consent { .. }))),
        "{again:?}"
    );
    assert!(world.backend.seen().is_empty());
    answer(&world, id, true).await.unwrap();
    assert_eq!(ask(&world.gate(), Mode::Resume).await.unwrap(), "200");
    assert_eq!(ask(&world.gate(), Mode::Resume).await.unwrap(), "200");
    assert_eq!(ask(&world.gate(), Mode::Replay).await.unwrap(), "200");
    assert_eq!(world.backend.seen().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_person_takes_is_counted_apart() {
    let world = World::new();
    let waited = async || {
        let run = world.gate().open(about(1), Mode::Replay).await.unwrap();
        run.waited_for_people()
    };
    let id = asked(&world).await;
    assert_eq!(waited().await, SignedDuration::ZERO);
    world.clock.move_by(Duration::from_secs(3600));
    assert_eq!(waited().await, SignedDuration::from_hours(1), "the question stands");
    world.clock.move_by(Duration::from_secs(1800));
    answer(&world, id, true).await.unwrap();
    world.clock.move_by(Duration::from_secs(600));
    assert_eq!(waited().await, SignedDuration::from_mins(90), "the answer ends it");
    ask(&world.gate(), Mode::Resume).await.unwrap();
    assert_eq!(waited().await, SignedDuration::from_mins(90));
}

#[tokio::test(start_paused = true)]
async fn what_a_person_refused_is_refused_for_good() {
    let world = World::new();
    let id = asked(&world).await;
    answer(&world, id, false).await.unwrap();
    assert_eq!(ask(&world.gate(), Mode::Resume).await.unwrap(), "consent-refused");
    assert_eq!(ask(&world.gate(), Mode::Replay).await.unwrap(), "consent-refused");
    assert!(world.backend.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_question_expires_after_seven_days() {
    let world = World::new();
    let id = asked(&world).await;
    world.clock.move_by(Duration::from_secs(7 * 24 * 60 * 60 - 1));
    assert!(ask(&world.gate(), Mode::Resume).await.is_err());
    world.clock.move_by(Duration::from_secs(1));
    assert_eq!(decision(answer(&world, id, true).await), DecisionError::Expired);
    assert_eq!(ask(&world.gate(), Mode::Resume).await.unwrap(), "consent-expired");
}

#[tokio::test(start_paused = true)]
async fn a_question_is_answered_once_and_by_its_own_tenant() {
    let world = World::new();
    let id = asked(&world).await;
    let elsewhere = world.gate().answer("other", id, true, "mallory").await;
    assert!(matches!(elsewhere, Err(JournalError::Unknown)), "{elsewhere:?}");
    let other = ConsentId { number: 2, ..id };
    assert_eq!(decision(answer(&world, other, true).await), DecisionError::NotAsked);
    answer(&world, id, false).await.unwrap();
    assert_eq!(decision(answer(&world, id, true).await), DecisionError::AlreadyAnswered);
    assert_eq!(ask(&world.gate(), Mode::Resume).await.unwrap(), "consent-refused");
    assert_eq!(decision(answer(&world, id, true).await), DecisionError::AlreadyAnswered);
}

#[tokio::test(start_paused = true)]
async fn consent_is_for_exactly_the_call_that_was_shown() {
    let world = World::new();
    let id = asked(&world).await;
    answer(&world, id, true).await.unwrap();
    for other in [
        call(1, "ask", "POST", "/issue", "{ }"),
        call(1, "ask", "POST", "/issue?x", "{}"),
        call(1, "ask", "PUT", "/issue", "{}"),
        call(1, "jira", "POST", "/issue", "{}"),
    ] {
        let gate = world.gate();
        let mut run = gate.open(about(1), Mode::Resume).await.unwrap();
        let stop = gate.call(&mut run, other).await.unwrap_err();
        assert!(
            matches!(&stop, Halt::Stop(stop) if stop.code.as_str() == "diverged"),
            "{stop:?}"
        );
    }
    assert!(world.backend.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn leave_that_was_taken_back_meanwhile_counts() {
    let world = World::new();
    let id = asked(&world).await;
    let left: Vec<_> = grants()
        .into_iter()
        .filter(|grant| grant.binding != http("ask"))
        .collect();
    world.policies.replace("acme", &left, "").unwrap();
    answer(&world, id, true).await.unwrap();
    assert_eq!(ask(&world.gate(), Mode::Resume).await.unwrap(), "not-granted");
    assert!(world.backend.seen().is_empty());
}

/// One life of a run that waits, then reads.
async fn wait(gate: &Gate, mode: Mode, until: Timestamp) -> Result<Timestamp, Halt> {
    let mut run = gate.open(about(1), mode).await?;
    gate.timer(&mut run, 1, until).await?;
    let returned = gate.call(&mut run, call(2, "jira", "GET", "/", "")).await?;
    assert!(matches!(returned.outcome, Outcome::Reply(_)));
    Ok(returned.at)
}

#[tokio::test(start_paused = true)]
async fn a_short_wait_is_waited_for_in_place() {
    let world = World::new();
    let until = world.clock.now() + 2.seconds();
    let at = wait(&world.gate(), Mode::Live, until).await.unwrap();
    assert_eq!(at, until);
    assert_eq!(
        world.steps().join(", "),
        "reserve 1, carry 1, settle 1=0, start fired+begun+allowed+finished"
    );
    assert_eq!(wait(&world.gate(), Mode::Replay, until).await.unwrap(), at);
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_suspends_until_its_time() {
    let world = World::new();
    let until = world.clock.now() + 3.seconds();
    for mode in [Mode::Live, Mode::Resume, Mode::Resume] {
        let halt = wait(&world.gate(), mode, until).await.unwrap_err();
        assert_eq!(halt, Halt::Suspend(Suspend::Timer { number: 1, until }));
    }
    assert_eq!(world.steps().join(", "), "start set, claim, claim");
    world.clock.move_by(Duration::from_secs(3600));
    let at = wait(&world.gate(), Mode::Resume, until).await.unwrap();
    assert_eq!(at, world.clock.now());
    assert_eq!(wait(&world.gate(), Mode::Replay, until).await.unwrap(), at);
}

#[tokio::test(start_paused = true)]
async fn a_timer_and_a_call_are_not_taken_for_each_other() {
    let world = World::new();
    let until = world.clock.now() + 3.seconds();
    wait(&world.gate(), Mode::Live, until).await.unwrap_err();
    let gate = world.gate();
    let mut run = gate.open(about(1), Mode::Resume).await.unwrap();
    let halt = gate.call(&mut run, call(1, "jira", "GET", "/", "")).await.unwrap_err();
    assert!(
        matches!(&halt, Halt::Stop(stop) if stop.code.as_str() == "diverged"),
        "{halt:?}"
    );
    let later = wait(&world.gate(), Mode::Resume, until + 1.second()).await.unwrap_err();
    assert!(
        matches!(&later, Halt::Stop(stop) if stop.code.as_str() == "diverged"),
        "{later:?}"
    );
}

#[test]
fn the_name_of_a_consent_has_one_spelling() {
    let key: RunKey = about(1).key;
    let id = ConsentId {
        run: key.run,
        number: 12,
    };
    assert_eq!(id.to_string(), "00000000-0000-0000-0000-000000000001-12");
    assert_eq!(id.to_string().parse(), Ok(id));
    for other in [
        "",
        "12",
        "00000000-0000-0000-0000-000000000001-012",
        "00000000000000000000000000000001-12",
    ] {
        assert!(other.parse::<ConsentId>().is_err(), "{other}");
    }
}
