//! Which steps a call takes, in which order, and what comes of it.

use super::support::{CANARY, Script, World, about, call, with_headers, word};
use crate::{Call, Code, Failure, Halt, Mode};

/// The steps and the end of one call of a new run.
async fn steps(world: &World, asked: Call) -> String {
    let gate = world.gate();
    let mut run = gate.open(about(1), Mode::Live).await.unwrap();
    let result = gate.call(&mut run, asked).await;
    let mut steps = world.steps();
    steps.push(match result {
        Ok(returned) => word(&returned.outcome),
        Err(Halt::Suspend(suspend)) => format!("{suspend:?}").split(' ').next().unwrap().to_owned(),
        Err(Halt::Stop(stop)) => format!("stop {}", stop.code),
    });
    steps.join(", ")
}

async fn check(world: &World, asked: Call, expected: &str) {
    let shown = format!("{asked:?}");
    assert_eq!(steps(world, asked).await, expected, "{shown}");
}

#[tokio::test(start_paused = true)]
async fn every_effect_takes_the_steps_that_it_needs() {
    let read = "reserve 1, carry 1, settle 1=0, start begun+allowed+finished, 200";
    check(&World::new(), call(1, "jira", "GET", "/issue/1", ""), read).await;
    check(&World::new(), call(1, "jira", "POST", "/search", "{}"), read).await;
    let write = "reserve 1, start begun+allowed+sent, carry 1, settle 1=0, append finished, 200";
    check(&World::new(), call(1, "jira", "POST", "/issue", "{}"), write).await;
    check(&World::new(), call(1, "jira", "PUT", "/issue/1", "{}"), write).await;
    let costly = "reserve 1, start begun+allowed+sent, carry 1, settle 1=100, append finished, 200";
    check(&World::new(), call(1, "jira", "POST", "/think", "{}"), costly).await;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_says_no_is_the_last() {
    let denied = |code: &str| format!("start begun+denied+refused, {code}");
    let refused = |code: &str| format!("start begun+allowed+refused, {code}");
    check(
        &World::new(),
        call(1, "stranger", "GET", "/", ""),
        &denied("not-granted"),
    )
    .await;
    check(
        &World::new(),
        call(1, "narrow", "GET", "/elsewhere", ""),
        &denied("not-granted"),
    )
    .await;
    check(
        &World::new(),
        call(1, "ghost", "GET", "/", ""),
        &refused("binding-unknown"),
    )
    .await;
    check(
        &World::new(),
        call(1, "jira", "POST", "/issue", CANARY),
        &refused("secret-leaving"),
    )
    .await;
    let owned = with_headers(1, "jira", "GET", "/", &[("authorization", "mine")], "");
    check(&World::new(), owned, &refused("header-owned")).await;
    let large = "x".repeat(1024 * 1024);
    check(
        &World::new(),
        call(1, "jira", "POST", "/issue", &large),
        &refused("request-too-large"),
    )
    .await;
    let asked = "start begun+allowed+asked, Consent";
    check(&World::new(), call(1, "ask", "POST", "/issue", "{}"), asked).await;

    let poor = World::new();
    *poor.purse.balance.lock().unwrap() = 10;
    let expected = "reserve 1, start begun+allowed+refused, budget-exceeded";
    check(&poor, call(1, "jira", "POST", "/think", "{}"), expected).await;
    let broken = World::new();
    *broken.purse.broken.lock().unwrap() = true;
    check(
        &broken,
        call(1, "jira", "GET", "/", ""),
        "reserve 1, stop budget-unavailable",
    )
    .await;
}

/// Each call here offends every step from the one that refuses it on.
#[tokio::test(start_paused = true)]
async fn an_earlier_step_speaks_for_a_later_one() {
    let poor = || {
        let world = World::new();
        *world.purse.balance.lock().unwrap() = 10;
        world
    };
    let policy = call(1, "stranger", "POST", "/think", CANARY);
    check(&poor(), policy, "start begun+denied+refused, not-granted").await;
    let dlp = call(1, "ask", "POST", "/think", CANARY);
    check(&poor(), dlp, "start begun+allowed+refused, secret-leaving").await;
    let consent = call(1, "ask", "POST", "/think", "{}");
    check(&poor(), consent, "start begun+allowed+asked, Consent").await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_once_it_is_known_what_it_means() {
    let refused = || Failure::nothing_sent(Code::new("unreachable"), "the service cannot be reached").retryable(None);
    let lost = || Failure::perhaps_sent(Code::new("cut-off"), "the service hung up").retryable(None);

    let world = World::new();
    world.backend.will([Script::Unreached(refused()), Script::Lost(lost())]);
    let read = "reserve 1, carry 1, carry 1, carry 1, settle 1=0, start begun+allowed+finished, 200";
    check(&world, call(1, "jira", "GET", "/", ""), read).await;

    let world = World::new();
    world.backend.will([Script::Unreached(refused()), Script::Lost(lost())]);
    let write = "reserve 1, start begun+allowed+sent, carry 1, carry 1, stop outcome-unknown";
    check(&world, call(1, "jira", "POST", "/issue", ""), write).await;

    let world = World::new();
    world.backend.will([Script::Lost(lost()), Script::Lost(lost())]);
    let keyed = "reserve 1, start begun+allowed+sent, carry 1, carry 1, carry 1, settle 1=0, append finished, 200";
    check(&world, call(1, "jira", "PUT", "/issue", ""), keyed).await;

    let world = World::new();
    world.backend.will([Script::Lost(lost()), Script::Unreached(refused())]);
    let costly = "reserve 1, start begun+allowed+sent, carry 1, reserve 2, settle 1=100, append lost+sent, \
                  carry 2, carry 2, settle 2=100, append finished, 200";
    check(&world, call(1, "jira", "POST", "/think", ""), costly).await;

    let world = World::new();
    world.backend.will([
        Script::Unreached(refused()),
        Script::Unreached(refused()),
        Script::Unreached(refused()),
    ]);
    let never = "reserve 1, start begun+allowed+sent, carry 1, carry 1, carry 1, settle 1=0, append finished, \
                 unreachable";
    check(&world, call(1, "jira", "POST", "/issue", ""), never).await;
}

#[tokio::test(start_paused = true)]
async fn silence_ends_with_the_bindings_time() {
    let world = World::new();
    world.backend.will([Script::Silence]);
    let stop = "reserve 1, start begun+allowed+sent, carry 1, stop outcome-unknown";
    check(&world, call(1, "jira", "POST", "/issue", ""), stop).await;

    let world = World::new();
    world.backend.will([Script::Silence, Script::Silence, Script::Silence]);
    let read = "reserve 1, carry 1, carry 1, carry 1, settle 1=0, start begun+allowed+finished, timed-out";
    check(&world, call(1, "jira", "GET", "/", ""), read).await;
}
