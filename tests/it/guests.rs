//! Guests that misbehave. Each is stopped with its own code, and a run beside it goes on unharmed.

mod bomb;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use host::engine::{CompileLimits, Engine, Error, Settings, Skill};
use host::run::{Finished, Outcome, RunId, Start};
use registry::Limits;
use registry::ledger::Grants;
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::approved::Authority;

/// What each guest comes to that is a .wat file; `http.rs` has those that are crates. A guest without a line here fails the test below: write down what it must come to.
const ENDS: [(&str, &str); 35] = [
    ("behaves", "value 42"),
    ("call-huge", "host-call"),
    ("connect", "value 0"),
    ("exit", "exit"),
    ("file-name", "value 0"),
    ("files-large", "value 4, 4 files"),
    ("files-many", "value 128, 128 files"),
    ("handles", "handles"),
    ("http-old", "value 2"),
    ("import-undeclared", "refused import-unknown"),
    ("import-unknown-function", "not loaded import-unknown"),
    ("instances-many", "not loaded component-too-complex"),
    ("logs-flood", "value 1, 51 lines, 949 dropped"),
    ("loop", "fuel"),
    ("loop-at-start", "fuel"),
    ("loop-of-calls", "fuel"),
    ("loop-of-fills", "guest-time"),
    ("memories-add-up", "memory"),
    ("memories-many", "not loaded component-too-complex"),
    ("memory-grow", "memory"),
    ("output-flood", "output-too-large"),
    ("output-huge", "host-call"),
    ("output-not-text", "trap"),
    ("pointer-outside", "trap"),
    ("poll-list", "handles"),
    ("random-flood", "random"),
    ("recursion", "stack"),
    ("resources", "handles"),
    ("sleep-again", "deadline"),
    ("sleep-for-ever", "deadline"),
    ("sleep-long", "deadline"),
    ("stdout-flood", "value 1, 6 lines, 58 dropped"),
    ("table-grow", "memory"),
    ("text-invalid", "trap"),
    ("trap", "trap"),
];

/// What a guest is given: little enough for a test, and far more than a good one uses.
fn limits(guest: &str) -> Limits {
    let limits = Limits {
        memory_mib: Some(64),
        guest_ms: Some(60_000),
        fuel_millions: Some(50),
        deadline_ms: Some(60_000),
        files_mib: Some(64),
        logs_kib: Some(256),
        ..Limits::default()
    };
    match guest {
        "loop-of-fills" => Limits {
            guest_ms: Some(300),
            fuel_millions: Some(u32::MAX),
            ..limits
        },
        // Each call costs the host more than the guest.
        "loop-of-calls" => Limits {
            fuel_millions: Some(1),
            ..limits
        },
        "sleep-again" => Limits {
            deadline_ms: Some(300),
            ..limits
        },
        _ => limits,
    }
}

/// An engine with its compilers, and someone who approves whatever it is given.
pub(crate) struct Ground {
    pub(crate) engine: Engine,
    authority: Authority,
    _folder: TempDir,
}

impl Ground {
    pub(crate) fn new(compile: CompileLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            program: env!("CARGO_BIN_EXE_skillhost").into(),
            runs: 8,
            compile,
            ..Settings::new(folder.path().join("compiled"), [7; 32])
        };
        Self {
            engine: Engine::new(settings).unwrap(),
            authority: Authority::new(),
            _folder: folder,
        }
    }

    /// Approves a guest and loads it; a refusal says how far it came.
    async fn load(&self, guest: &str) -> Result<Arc<Skill>, String> {
        let wat = fs::read(folder().join(guest).with_extension("wat")).unwrap();
        let own = folder().join(guest).with_extension("wit");
        let wit = if own.exists() { own } else { folder().join("guest.wit") };
        self.load_component(
            guest,
            &wat::parse_bytes(&wat).unwrap(),
            &fs::read_to_string(wit).unwrap(),
            limits(guest),
        )
        .await
    }

    /// Approves a component as `guests/NAME` and loads it.
    pub(crate) async fn load_component(
        &self,
        name: &str,
        wasm: &[u8],
        wit: &str,
        limits: Limits,
    ) -> Result<Arc<Skill>, String> {
        let grants = Grants {
            limits,
            ..Grants::default()
        };
        let approved = self.authority.approve(name, wasm, wit, grants);
        let approved = approved.map_err(|error| {
            eprintln!("{name}: {}", error.told());
            format!("refused {}", error.code())
        })?;
        self.engine.load(&approved).await.map_err(|error: Error| {
            eprintln!("{name}: {}", error.told());
            format!("not loaded {}", error.code())
        })
    }
}

#[tokio::test]
async fn each_guest_is_stopped_by_its_own_limit_and_no_other_run_is_harmed() {
    let ground = Ground::new(CompileLimits::default());
    let good = ground.load("behaves").await.unwrap();
    for (guest, expected) in ENDS {
        let beside = good.run(start(), None);
        let (end, beside) = tokio::join!(end(&ground, guest), beside);
        assert_eq!(end, expected, "{guest}");
        assert_eq!(beside.outcome, Outcome::Value(json!(42)), "beside {guest}");
        // Nothing of the guest is left that would change what comes after.
        assert_eq!(
            good.run(start(), None).await.outcome,
            Outcome::Value(json!(42)),
            "after {guest}"
        );
    }
}

#[test]
fn every_guest_has_an_end() {
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().path());
    let guests: BTreeSet<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "wat"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    let tried: BTreeSet<String> = ENDS.iter().map(|(guest, _)| (*guest).to_owned()).collect();
    assert_eq!(
        guests, tried,
        "each file in tests/guests needs its line in ENDS, and each line its file"
    );
}

#[tokio::test]
async fn two_that_compute_for_ever_do_not_stop_a_third() {
    let ground = Ground::new(CompileLimits::default());
    let good = ground.load("behaves").await.unwrap();
    let spinner = ground.load("loop-of-fills").await.unwrap();
    let spinners = (0..4).map(|_| {
        let spinner = Arc::clone(&spinner);
        tokio::spawn(async move { spinner.run(start(), None).await })
    });
    let spinners: Vec<_> = spinners.collect();
    assert_eq!(good.run(start(), None).await.outcome, Outcome::Value(json!(42)));
    for spinner in spinners {
        assert_eq!(told(&spinner.await.unwrap()), "guest-time");
    }
}

#[tokio::test]
async fn a_run_that_used_up_its_deadline_before_ends_at_once() {
    let ground = Ground::new(CompileLimits::default());
    let skill = ground.load("loop").await.unwrap();
    let deadline = skill.limits().deadline;
    let again = |used| Start { used, ..start() };
    assert_eq!(told(&skill.run(again(deadline), None).await), "deadline");
    assert_eq!(told(&skill.run(again(Duration::ZERO), None).await), "fuel");
}

async fn end(ground: &Ground, guest: &str) -> String {
    match ground.load(guest).await {
        Ok(skill) => told(&skill.run(start(), None).await),
        Err(refused) => refused,
    }
}

/// How a run ended, in a few words.
pub(crate) fn told(finished: &Finished) -> String {
    let mut told = match &finished.outcome {
        Outcome::Value(value) => format!("value {value}"),
        Outcome::ToolError(error) => format!("error {error}"),
        Outcome::Refused(stop) => format!("refused {}", stop.code),
        Outcome::Stopped(stop) => stop.code.clone(),
    };
    if !finished.files.is_empty() {
        told += &format!(", {} files", finished.files.len());
    }
    if finished.logs_dropped > 0 {
        told += &format!(", {} lines, {} dropped", finished.logs.len(), finished.logs_dropped);
    }
    told
}

fn start() -> Start {
    start_of("run")
}

/// The same start for every run of a tool without arguments.
pub(crate) fn start_of(tool: &str) -> Start {
    Start {
        id: RunId(Uuid::now_v7()),
        tool: tool.to_owned(),
        arguments: json!({}),
        files: BTreeMap::new(),
        at: "2026-01-02T03:04:05Z".parse().unwrap(),
        bindings: Arc::default(),
        used: Duration::ZERO,
        configuration: None,
        seed: [7; 32],
        cancel: CancellationToken::new(),
    }
}

/// Where the guests are.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guests")
}
