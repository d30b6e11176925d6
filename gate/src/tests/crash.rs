//! A process that dies at any boundary of a call, and what the next one makes of it.

use super::support::{World, about, call, word};
use crate::{Call, Gate, Halt, Mode, Returned};

/// How a process ended.
#[derive(Debug, PartialEq)]
pub(crate) enum Life {
    /// The guest came to its end, and saw this.
    Whole(Vec<Returned>),
    /// The gate stopped it.
    Stopped(String),
}

/// One process: a run is opened, and the guest makes its calls. What the guest sees outlives the process.
pub(crate) async fn live(gate: &Gate, mode: Mode, calls: &[Call], saw: &mut Vec<Vec<Returned>>) -> Life {
    let mut run = match gate.open(about(1), mode).await {
        Ok(run) => run,
        Err(stop) => return Life::Stopped(stop.code.to_string()),
    };
    saw.push(Vec::new());
    for asked in calls {
        match gate.call(&mut run, asked.clone()).await {
            Ok(returned) => saw.last_mut().unwrap().push(returned),
            Err(Halt::Stop(stop)) => return Life::Stopped(stop.code.to_string()),
            Err(Halt::Suspend(suspend)) => return Life::Stopped(format!("{suspend:?}")),
        }
    }
    Life::Whole(saw.last().unwrap().clone())
}

/// Kills the first process at a boundary, and lets the second go on. Says whether the boundary was reached.
async fn killed_at(place: u32, world: &World, calls: &[Call]) -> (bool, Life) {
    let mut saw = Vec::new();
    world.fuse.set(Some(place));
    let first = world.fuse.run(live(&world.gate(), Mode::Live, calls, &mut saw)).await;
    world.fuse.set(None);
    let killed = first.is_none();
    let second = live(&world.gate(), Mode::Resume, calls, &mut saw).await;
    for seen in saw.windows(2) {
        let both = seen[0].len().min(seen[1].len());
        assert_eq!(seen[0][..both], seen[1][..both], "a guest saw two outcomes of one call");
    }
    (killed, second)
}

/// Every boundary of one call: how often the service acted, what was paid, and how the second process ended.
async fn matrix(asked: Call) -> Vec<String> {
    let mut rows = Vec::new();
    for place in 0.. {
        let world = World::new();
        let calls = [
            call(1, "jira", "GET", "/before", ""),
            Call {
                number: 2,
                ..asked.clone()
            },
        ];
        let (killed, life) = killed_at(place, &world, &calls).await;
        let acted = world.backend.seen().iter().filter(|seen| seen.number == 2).count();
        let end = match life {
            Life::Whole(saw) => word(&saw[1].outcome),
            Life::Stopped(code) => code,
        };
        assert_eq!(world.purse.held(), 0, "{:?}", world.steps());
        if !killed {
            return rows;
        }
        rows.push(format!(
            "{}: acted {acted}, paid {}, {end}",
            world.fuse.at(),
            world.purse.paid()
        ));
    }
    rows
}

#[tokio::test(start_paused = true)]
async fn every_boundary_keeps_the_promise_of_its_effect() {
    let mut all = String::new();
    for (method, path) in [
        ("GET", "/issue"),
        ("POST", "/think"),
        ("PUT", "/issue"),
        ("POST", "/issue"),
    ] {
        all.push_str(&format!("{method} {path}\n"));
        for row in matrix(call(2, "jira", method, path, "{}")).await {
            all.push_str(&format!("  {row}\n"));
        }
    }
    insta::assert_snapshot!("crash_matrix", all);
}
