//! Skills in the engine: the same start gives the same run, and a place is clean for the next.

use std::collections::BTreeMap;

use registry::{Interface, Manifest};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::*;
use crate::run::{Finished, Outcome, RunId, Start};

const MANIFEST: &str = r#"
[skill]
name = "tests/trial"
version = "0.1.0"
summary = "A trial."
license = "Apache-2.0"
"#;

/// Everything that a run needs, with the compiler in the same process.
struct Trial {
    runtime: Runtime,
    cache: Cache,
    linker: Linker<Guest>,
    stage: Arc<Stage>,
    _folder: TempDir,
}

impl Trial {
    fn new() -> Self {
        Self::with(&Pool::new(4, 64 << 20))
    }

    fn with(pool: &Pool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config::running(pool).unwrap();
        let engine = wasmtime::Engine::new(&config).unwrap();
        let runtime = guests(2).unwrap();
        Self {
            cache: Cache::open(folder.path(), [7; 32], blake3::hash(b"trial")).unwrap(),
            linker: import::link(&engine).unwrap(),
            stage: Arc::new(Stage {
                runtime: runtime.handle().clone(),
                ticker: Ticker::start(&engine).unwrap(),
                places: Semaphore::new(4),
            }),
            runtime,
            _folder: folder,
        }
    }

    fn code(&self, wat: &str, wit: &str) -> Result<Arc<code::Code>, Error> {
        let interface = Interface::parse(wit, &Manifest::parse(MANIFEST).unwrap()).unwrap();
        let component = wat::parse_str(wat).unwrap();
        let compiled = self.linker.engine().precompile_component(&component).unwrap();
        let code = self.cache.put(Digest::of(&component), &compiled[..]).unwrap();
        let linked = Linked::load(&self.linker, &code)?;
        Ok(Arc::new(code::Code::new(linked, &interface)?))
    }

    fn skill(&self, wat: &str, wit: &str, grants: Grants) -> Result<Arc<Skill>, Error> {
        let limits = RunLimits::settle(&RunLimits::default(), &grants.limits, &RunLimits::ceiling());
        let code = self.code(wat, wit)?;
        Ok(Arc::new(Skill::new(code, grants, limits, Arc::clone(&self.stage))))
    }

    fn run(&self, skill: &Arc<Skill>, start: Start) -> Finished {
        self.runtime.block_on(skill.run(start, None))
    }
}

fn start(tool: &str, arguments: serde_json::Value) -> Start {
    Start {
        id: RunId(Uuid::nil()),
        tool: tool.to_owned(),
        arguments,
        files: BTreeMap::new(),
        at: "2026-01-02T03:04:05.678901Z".parse().unwrap(),
        bindings: Arc::default(),
        used: std::time::Duration::ZERO,
        configuration: None,
        seed: [7; 32],
        cancel: CancellationToken::new(),
    }
}

#[test]
fn the_same_start_gives_the_same_run() {
    let trial = Trial::new();
    let skill = trial.skill(
        include_str!("tests/senses.wat"),
        include_str!("tests/senses.wit"),
        Grants::default(),
    );
    let skill = skill.unwrap();
    let first = trial.run(&skill, start("sense", serde_json::json!({})));
    let second = trial.run(&skill, start("sense", serde_json::json!({})));
    assert_eq!(first.outcome, second.outcome);
    assert_eq!((first.fuel, &first.logs), (second.fuel, &second.logs));
    let Outcome::Value(sensed) = first.outcome else {
        panic!("{first:?}");
    };
    // `openssl enc -chacha20` over zeros gives the same four numbers, for the nonces 0, 1 and 2.
    insta::assert_json_snapshot!(sensed, @r#"
    [
      1767323045678,
      0,
      0,
      0,
      "4753173749397848308",
      "17250399114163879021",
      "14546071416996108741",
      "1013833090320175808",
      21000000,
      1767323045699
    ]
    "#);
}

#[test]
fn another_seed_gives_other_bytes_and_the_same_time() {
    let trial = Trial::new();
    let skill = trial.skill(
        include_str!("tests/senses.wat"),
        include_str!("tests/senses.wit"),
        Grants::default(),
    );
    let skill = skill.unwrap();
    let run = |seed| {
        let start = Start {
            seed,
            ..start("sense", serde_json::json!({}))
        };
        match trial.run(&skill, start).outcome {
            Outcome::Value(sensed) => sensed,
            other => panic!("{other:?}"),
        }
    };
    let (one, two) = (run([1; 32]), run([2; 32]));
    let differ: Vec<bool> = (0..10).map(|index| one[index] != two[index]).collect();
    assert_eq!(
        differ,
        [false, false, false, false, true, true, true, true, false, false]
    );
}

#[test]
fn waiting_takes_virtual_and_real_time_and_no_guest_time() {
    let trial = Trial::new();
    let skill = trial.skill(
        include_str!("tests/senses.wat"),
        include_str!("tests/senses.wit"),
        Grants::default(),
    );
    let finished = trial.run(&skill.unwrap(), start("sense", serde_json::json!({})));
    assert!(matches!(finished.outcome, Outcome::Value(_)));
    assert!(finished.guest_time < RunLimits::default().guest_time);
    assert!(finished.fuel > 0);
}

#[test]
fn what_does_not_fit_the_tool_is_refused_before_the_guest_starts() {
    let trial = Trial::new();
    let skill = trial.skill(
        include_str!("tests/senses.wat"),
        include_str!("tests/senses.wit"),
        Grants::default(),
    );
    let skill = skill.unwrap();
    let cases = [
        ("taste", serde_json::json!({})),
        ("sense", serde_json::json!([])),
        ("sense", serde_json::json!({"more": 1})),
        ("sense", serde_json::json!({"more": "x".repeat(1 << 20)})),
    ];
    let mut refused = Vec::new();
    for (tool, arguments) in cases {
        let finished = trial.run(&skill, start(tool, arguments));
        assert_eq!(finished.fuel, 0);
        refused.push(match finished.outcome {
            Outcome::Refused(stop) => format!("{}: {}", stop.code, stop.message),
            other => panic!("{other:?}"),
        });
    }
    insta::assert_snapshot!(refused.join("\n"), @r"
    tool-unknown: the skill has no tool `taste`
    input-invalid: the arguments must be an object, not an array of 0 items
    input-invalid: `/more` is not known: there are no fields here
    input-too-large: the arguments have more than 1048576 bytes: pass files instead
    ");
}

#[test]
fn a_run_is_cancelled_from_outside() {
    let trial = Trial::new();
    let wit = include_str!("../../../tests/guests/guest.wit");
    let skill = trial
        .skill(include_str!("../../../tests/guests/loop.wat"), wit, Grants::default())
        .unwrap();
    let start = start("run", serde_json::json!({}));
    let cancel = start.cancel.clone();
    let finished = trial.runtime.block_on(async {
        let (finished, ()) = tokio::join!(skill.run(start, None), async { cancel.cancel() });
        finished
    });
    let Outcome::Stopped(stop) = finished.outcome else {
        panic!("{finished:?}");
    };
    assert_eq!(stop.code, "cancelled");
}

#[test]
fn a_skill_knows_the_name_of_its_run() {
    let trial = Trial::new();
    let wit = "package t:t; world w { export name: func() -> string; }";
    let skill = trial
        .skill(include_str!("tests/name.wat"), wit, Grants::default())
        .unwrap();
    let start = Start {
        id: RunId("0192f0c1-7b2a-7c3d-8e4f-A0B1C2D3E4F5".parse().unwrap()),
        ..start("name", serde_json::json!({}))
    };
    assert_eq!(
        trial.run(&skill, start).outcome,
        Outcome::Value("0192f0c1-7b2a-7c3d-8e4f-a0b1c2d3e4f5".into())
    );
}

#[test]
fn configuration_is_what_the_approval_gave() {
    let trial = Trial::new();
    let grants = Grants {
        configuration: BTreeMap::from([("tone".to_owned(), "formal".to_owned())]),
        ..Grants::default()
    };
    let wat = include_str!("tests/settings.wat");
    let wit = "package t:t; world w { export tone: func() -> option<string>; }";
    let granted = trial.skill(wat, wit, grants).unwrap();
    let bare = trial.skill(wat, wit, Grants::default()).unwrap();
    let run = |skill| trial.run(skill, start("tone", serde_json::json!({}))).outcome;
    assert_eq!(run(&granted), Outcome::Value("formal".into()));
    assert_eq!(run(&bare), Outcome::Value(serde_json::Value::Null));
}

#[test]
fn a_tool_that_is_not_in_the_component_is_told() {
    let trial = Trial::new();
    let wit = "package t:t; world w { export other: func() -> u32; }";
    let missing = trial.skill(include_str!("../../../tests/guests/trap.wat"), wit, Grants::default());
    assert_eq!(missing.err().map(|error| error.code()), Some(Code::ToolMissing));
}

/// One place in the pool, used by one run after the other: however the first ends, the next finds nothing of it.
#[test]
fn nothing_of_a_run_is_left_for_the_next() {
    let pool = Pool {
        warm: 1,
        ..Pool::new(1, 64 << 20)
    };
    // Where this machine cannot scan, only the other way is there to be tried.
    let ways = [Some(Reset::Zero), (pool.reset == Reset::Scan).then_some(Reset::Scan)];
    for reset in ways.into_iter().flatten() {
        let trial = Trial::with(&Pool { reset, ..pool });
        let grants = Grants {
            limits: registry::Limits {
                guest_ms: Some(50),
                ..registry::Limits::default()
            },
            ..Grants::default()
        };
        let wit = "package t:t; world w { export mark: func(end: u32) -> u32; export look: func() -> u32; }";
        let skill = trial.skill(include_str!("tests/canary.wat"), wit, grants).unwrap();
        for (end, expected) in [(0, "value"), (1, "trap"), (2, "guest-time")] {
            let ended = trial.run(&skill, start("mark", serde_json::json!({"end": end})));
            let how = match ended.outcome {
                Outcome::Stopped(stop) => stop.code,
                _ => "value".to_owned(),
            };
            assert_eq!(how, expected);
            let looked = trial.run(&skill, start("look", serde_json::json!({})));
            assert_eq!(looked.outcome, Outcome::Value(0.into()), "{reset:?} after {expected}");
        }
    }
}

#[test]
fn what_was_not_used_for_longest_leaves_memory_first() {
    let trial = Trial::new();
    let (wat, wit) = (
        include_str!("../../../tests/guests/trap.wat"),
        include_str!("../../../tests/guests/guest.wit"),
    );
    let code = trial.code(wat, wit).unwrap();
    let skill = trial.skill(wat, wit, Grants::default()).unwrap();
    let tenant: Tenant = "default".parse().unwrap();
    let digests = [1, 2, 3].map(|number| Digest::from_bytes([number; 32]));
    // Room for two and a half.
    let resident = Resident::new(code.size * 5 / 2);
    let held = || {
        let held = digests.map(|digest| resident.get(&tenant, digest, &Grants::default()).is_some());
        // Looking is a use, so that the first is looked at last.
        resident.get(&tenant, digests[0], &Grants::default());
        held
    };
    for digest in digests.iter().take(2) {
        assert!(resident.place(*digest).set(Arc::clone(&code)).is_ok());
        resident.keep(tenant.clone(), *digest, Arc::clone(&skill));
    }
    assert_eq!(held(), [true, true, false]);
    assert!(resident.place(digests[2]).set(Arc::clone(&code)).is_ok());
    resident.keep(tenant.clone(), digests[2], Arc::clone(&skill));
    assert_eq!(held(), [true, false, true]);
}
