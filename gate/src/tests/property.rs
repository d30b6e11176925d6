//! Whatever dies, is slow or fails, and whenever: a write without a key reaches the service once at most.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tokio::runtime::Builder;

use super::crash::{Life, live};
use super::support::{Script, World, call};
use crate::{Call, Code, Failure, Mode, Returned};

/// A process, and at which boundary it dies or falls asleep; none where it does neither.
#[derive(Clone, Debug)]
struct Process {
    stops_at: Option<u32>,
    /// It was only slow, and goes on after the next process.
    wakes: bool,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let effects = [
        ("GET", "/issue"),
        ("POST", "/think"),
        ("PUT", "/issue"),
        ("POST", "/issue"),
    ];
    prop::collection::vec(prop::sample::select(effects.to_vec()), 1..5).prop_map(|effects| {
        let numbered = effects.into_iter().zip(1..);
        numbered
            .map(|((method, path), number)| call(number, "jira", method, path, "{}"))
            .collect()
    })
}

fn processes() -> impl Strategy<Value = Vec<Process>> {
    let process = (prop::option::weighted(0.8, 0..40u32), any::<bool>());
    prop::collection::vec(process.prop_map(|(stops_at, wakes)| Process { stops_at, wakes }), 1..6)
}

fn scripts() -> impl Strategy<Value = Vec<Script>> {
    let failure = |lost: bool, retryable: bool| {
        let failure = if lost {
            Failure::perhaps_sent
        } else {
            Failure::nothing_sent
        };
        let failure = failure(Code::new("broken"), "the line broke");
        let failure = if retryable { failure.retryable(None) } else { failure };
        if lost {
            Script::Lost(failure)
        } else {
            Script::Unreached(failure)
        }
    };
    let script = prop_oneof![
        3 => Just(Script::Answer(200, b"done".to_vec())),
        1 => Just(Script::Silence),
        4 => (any::<bool>(), any::<bool>()).prop_map(move |(lost, retryable)| failure(lost, retryable)),
    ];
    prop::collection::vec(script, 0..8)
}

/// Every process in turn, one that was slow after the next, and a last one that nothing disturbs.
async fn history(world: &World, calls: &[Call], processes: &[Process]) -> (Vec<Vec<Returned>>, Life) {
    let mut saw = Vec::new();
    let mut slow = None;
    for (place, process) in processes.iter().enumerate() {
        let mode = if place == 0 { Mode::Live } else { Mode::Resume };
        let mut now = Box::pin(async move {
            let mut seen = Vec::new();
            live(&world.gate(), mode, calls, &mut seen).await;
            seen
        });
        world.fuse.set(process.stops_at);
        let ended = world.fuse.run(&mut now).await;
        world.fuse.release();
        let before = slow.take().filter(|_| process.wakes);
        if ended.is_none() {
            slow = Some(now);
        }
        saw.extend(ended.into_iter().flatten());
        if let Some(before) = before {
            saw.extend(before.await);
        }
    }
    let end = live(
        &world.gate(),
        if processes.is_empty() { Mode::Live } else { Mode::Resume },
        calls,
        &mut saw,
    )
    .await;
    (saw, end)
}

fn check(world: &World, calls: &[Call], saw: &[Vec<Returned>], end: &Life) -> Result<(), TestCaseError> {
    for lives in saw.windows(2) {
        let both = lives[0].len().min(lives[1].len());
        prop_assert_eq!(&lives[0][..both], &lives[1][..both], "two outcomes of one call");
    }
    let mut sendings: BTreeMap<u32, u32> = BTreeMap::new();
    let mut keys: BTreeMap<u32, BTreeSet<Option<String>>> = BTreeMap::new();
    for seen in world.backend.seen() {
        if (seen.method.as_str(), seen.path.as_str()) == ("POST", "/issue") {
            *sendings.entry(seen.number).or_default() += 1;
        }
        keys.entry(seen.number).or_default().insert(seen.key);
    }
    prop_assert!(
        sendings.values().all(|count| *count <= 1),
        "a write was sent twice: {sendings:?}"
    );
    prop_assert!(
        keys.values().all(|keys| keys.len() == 1),
        "a call had two keys: {keys:?}"
    );
    match end {
        Life::Whole(all) => {
            prop_assert_eq!(all.len(), calls.len());
            prop_assert_eq!(world.purse.held(), 0);
        }
        Life::Stopped(code) => prop_assert_eq!(code, "outcome-unknown"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn an_unkeyed_write_is_never_sent_twice(calls in calls(), processes in processes(), scripts in scripts()) {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            world.backend.will(scripts);
            let (saw, end) = history(&world, &calls, &processes).await;
            check(&world, &calls, &saw, &end)
        })?;
    }
}
