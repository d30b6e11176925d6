//! Guests that use HTTP, well and badly: what each comes to, and that it comes to it again.

mod fake;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use host::engine::{CompileLimits, Skill};
use host::run::{Bindings, Finished, Outcome, Start};
use registry::Limits;

use crate::guests::{Ground, folder, start_of, told};
use fake::{Fake, Recording};

/// Functions that fill the host's room for HTTP, which takes long: they are tried again a few times only.
const DEAR: [&str; 3] = ["hoard", "hoard-replies", "hoard-headers"];

/// The snapshot holds a line for each function of each crate in `tests/guests`, found in their WIT: one that is added
/// fails this until somebody looked at what it comes to.
#[tokio::test]
async fn each_function_comes_to_its_end() {
    let ground = Ground::new(CompileLimits::default());
    let mut ends = String::new();
    for guest in guests() {
        let skill = load(&ground, &guest).await;
        for function in functions(&guest) {
            let (finished, recording) = live(&skill, &function, |_| 30).await;
            assert!(!recording.called("/never"), "{function}: what was dropped was sent");
            writeln!(ends, "{guest} {function}: {}", told(&finished)).unwrap();
            for line in finished.logs {
                writeln!(ends, "    {}", line.message).unwrap();
            }
        }
    }
    insta::assert_snapshot!(ends);
}

/// Where a call takes longer than the guest would wait, the timer fires with it: both are ready, in every run.
#[tokio::test]
async fn a_timer_that_is_due_when_a_call_returns_fires_with_it() {
    let ground = Ground::new(CompileLimits::default());
    let mut ends = String::new();
    for (guest, function) in [("http", "race"), ("http", "sleep"), ("wstd", "timeout")] {
        let skill = load(&ground, guest).await;
        for took in [(|_| 49) as fn(u32) -> u64, |_| 50, |_| 2000] {
            let (finished, recording) = live(&skill, function, took).await;
            let (took, timers) = (took(1), recording.timers());
            writeln!(
                ends,
                "{guest} {function}, {took} ms, {timers} timers: {}",
                told(&finished)
            )
            .unwrap();
        }
    }
    insta::assert_snapshot!(ends, @r#"
    http race, 49 ms, 0 timers: value "[1] at 49: 200 GET /race, 0 bytes"
    http race, 50 ms, 0 timers: value "[1, 0] at 50: 200 GET /race, 0 bytes"
    http race, 2000 ms, 0 timers: value "[1, 0] at 2000: 200 GET /race, 0 bytes"
    http sleep, 49 ms, 1 timers: value "awake at 1000: 200 GET /sleep, 0 bytes"
    http sleep, 50 ms, 1 timers: value "awake at 1000: 200 GET /sleep, 0 bytes"
    http sleep, 2000 ms, 0 timers: value "awake at 2000: 200 GET /sleep, 0 bytes"
    wstd timeout, 49 ms, 0 timers: value "200 GET /timeout, 0 bytes after 49 ms"
    wstd timeout, 50 ms, 0 timers: value "200 GET /timeout, 0 bytes after 50 ms"
    wstd timeout, 2000 ms, 0 timers: value "200 GET /timeout, 0 bytes after 2000 ms"
    "#);
}

#[tokio::test]
async fn every_run_is_the_same_again() {
    repeat(200).await;
}

#[tokio::test]
#[ignore = ".ci/long runs it"]
async fn every_run_is_the_same_again_many_times() {
    repeat(1000).await;
}

/// Each function live with calls that take who knows how long, and then so many times on what was recorded.
async fn repeat(times: usize) {
    let ground = Ground::new(CompileLimits::default());
    for guest in guests() {
        let skill = load(&ground, &guest).await;
        for function in functions(&guest) {
            let times = if DEAR.contains(&function.as_str()) {
                times / 25
            } else {
                times
            };
            let (first, recording) = live(&skill, &function, fake::any).await;
            let recording = Arc::new(recording);
            // As many at a time as there are places.
            for _ in 0..times.div_ceil(8) {
                let again = (0..8).map(|_| replay(&skill, &function, &first, &recording));
                futures_util::future::join_all(again).await;
            }
        }
    }
}

async fn live(skill: &Arc<Skill>, function: &str, took: fn(u32) -> u64) -> (Finished, Recording) {
    let (fake, recording) = Fake::live(took);
    let finished = skill.run(start(function), Some(Box::new(fake))).await;
    (finished, recording.whole())
}

async fn replay(skill: &Arc<Skill>, function: &str, first: &Finished, recording: &Arc<Recording>) {
    let (fake, seen) = Fake::replay(Arc::clone(recording));
    let again = skill.run(start(function), Some(Box::new(fake))).await;
    assert_eq!(again.outcome, first.outcome, "{function}");
    assert_eq!(again.halt, first.halt, "{function}");
    assert_eq!((again.fuel, &again.logs), (first.fuel, &first.logs), "{function}");
    assert_eq!(seen.len(), recording.len(), "{function}");
}

#[tokio::test]
async fn without_a_way_out_every_request_is_denied() {
    let ground = Ground::new(CompileLimits::default());
    let skill = load(&ground, "wstd").await;
    let finished = skill.run(start("get"), None).await;
    let Outcome::Value(value) = &finished.outcome else {
        panic!("{finished:?}");
    };
    assert!(value.as_str().unwrap().contains("HttpRequestDenied"), "{value}");
    insta::assert_snapshot!(finished.logs[0].message, @"this run has no way out: nothing that it asks for leaves [no-way-out]");
}

#[tokio::test]
async fn a_halt_reaches_the_owner_of_the_run() {
    let ground = Ground::new(CompileLimits::default());
    let skill = load(&ground, "wstd").await;
    for (halt, expected) in [(fake::stop(), "outcome-unknown"), (fake::suspend(), "suspended")] {
        let (fake, _) = Fake::halting(halt.clone());
        let finished = skill.run(start("get"), Some(Box::new(fake))).await;
        assert_eq!(told(&finished), expected);
        assert_eq!(finished.halt, Some(halt));
    }
}

async fn load(ground: &Ground, guest: &str) -> Arc<Skill> {
    let limits = Limits {
        fuel_millions: Some(5_000),
        guest_ms: Some(60_000),
        ..Limits::default()
    };
    let component = wasm(guest);
    ground
        .load_component(guest, &component, &wit(guest), limits)
        .await
        .unwrap()
}

/// The component of a crate in `tests/guests`.
pub(crate) fn wasm(guest: &str) -> Vec<u8> {
    fs::read(built().join(format!("{guest}_guest.wasm"))).unwrap()
}

/// The crates in `tests/guests`.
fn guests() -> BTreeSet<String> {
    let folders = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let crates = folders.filter(|path| path.join("Cargo.toml").exists());
    crates
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// What a crate exports.
fn functions(guest: &str) -> Vec<String> {
    let wit = wit(guest);
    let exports = wit.lines().filter_map(|line| line.trim().strip_prefix("export "));
    let names: Vec<_> = exports
        .map(|export| export.split(':').next().unwrap().to_owned())
        .collect();
    assert!(!names.is_empty(), "{guest} exports nothing");
    names
}

/// The types of a crate in `tests/guests`.
pub(crate) fn wit(guest: &str) -> String {
    fs::read_to_string(folder().join(guest).join(format!("wit/{guest}.wit"))).unwrap()
}

/// Where the crates are compiled to, once, in a target directory of their own.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests");
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args([
                "build",
                "--release",
                "--locked",
                "--target",
                "wasm32-wasip2",
                "--target-dir",
            ])
            .arg(&target)
            .current_dir(folder());
        let out = cargo.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        target.join("wasm32-wasip2/release")
    })
}

fn start(function: &str) -> Start {
    let hosts = BTreeMap::from([("echo".to_owned(), vec!["echo.example".to_owned()])]);
    Start {
        bindings: Arc::new(Bindings::new(&hosts)),
        ..start_of(function)
    }
}
