//! Answers that do not come, or that nobody waits for.

use std::time::Duration;

use gate::call::model::Ask;
use serde_json::Value;

use crate::backends::Given;
use crate::front::{State, observed};
use crate::report::{Feature, Report};
use crate::talk::{SENDINGS, Talk};
use crate::tape::Asked;
use crate::world::{Scene, World};
use crate::{cases, render};

pub(crate) async fn endings(world: World, report: &mut Report) {
    for case in ["slow", "silent"] {
        let mut scene = world.scene(report.row, case);
        cancelled(world, report, case, &mut scene).await;
        late(world, report, case, &mut scene).await;
        scene.close();
    }
    report.earn(Feature::Cancellation, "yes");
    report.earn(Feature::Timeouts, "yes");
}

/// A run that ends while its model still answers: its provider is hung up on.
async fn cancelled(world: World, report: &Report, case: &str, scene: &mut Scene) {
    let begun = usize::from(case == "slow");
    let front = scene.front("cancelled").await;
    let mut talk = Talk::with(&[report.row], &front, &Given::default()).await;
    let ask = Ask::Complete(Box::new(cases::prompt(case)));
    let under_way = async {
        front.until(|seen| seen.iter().any(|seen| seen.pieces >= begun)).await;
        if world.live.is_some() {
            // Until the double has said all that it says before its pause, so that each record is the same.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        outcome = talk.ask(ask) => panic!("{}, {case}: {outcome:?}", report.row.name),
        () = under_way => {}
    }
    drop(talk);
    front
        .until(|seen| seen.iter().all(|seen| seen.state == State::Left))
        .await;
    let exchanges = scene.end("cancelled", front).await;
    assert_eq!(exchanges.len(), 1, "{}, {case}", report.row.name);
    hung_up_on(world, case, &exchanges[0].request).await;
}

/// The double says so too.
async fn hung_up_on(world: World, case: &str, asked: &Asked) {
    let Some(double) = world.live else { return };
    let is_left = |seen: &Value| {
        let is_asked = seen["host"] == asked.host && seen["path"] == asked.path;
        is_asked && seen["case"] == case && seen["closed_early"] == true
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), async {
        while !observed(double).await.as_array().unwrap().iter().any(is_left) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(waited.await.is_ok(), "{:#}", observed(double).await);
}

/// A sending that takes longer than the binding's time: its provider is hung up on, and asked once more.
async fn late(world: World, report: &mut Report, case: &str, scene: &mut Scene) {
    let given = Given {
        // A double that is being recorded begins its answer in this time.
        timeout: Duration::from_secs(if world.live.is_some() { 4 } else { 2 }),
        ..Given::default()
    };
    let front = scene.front("late").await;
    let mut talk = Talk::with(&[report.row], &front, &given).await;
    let outcome = talk.ask(Ask::Complete(Box::new(cases::prompt(case)))).await;
    front
        .until(|seen| seen.iter().all(|seen| seen.state == State::Left))
        .await;
    let exchanges = scene.end("late", front).await;
    report.say(&format!("{case}, late"), &render::outcome(&outcome));
    let asked = exchanges.len();
    assert_eq!(asked, usize::try_from(SENDINGS).unwrap(), "{}, {case}", report.row.name);
}
