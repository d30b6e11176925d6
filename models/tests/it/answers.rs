//! Questions that are answered: each streamed and whole, which has to come to the same.

use gate::Outcome;
use gate::call::model::{ModelReply, StopReason};

use crate::backends::Given;
use crate::report::{Feature, Report};
use crate::talk::{Talk, said};
use crate::world::{Scene, World};
use crate::{cases, expected, render};

/// Where it is the network that fails, or what is left out takes other things with it.
const APART: [&str; 2] = ["cut", "uncounted"];

/// What came of one run of a case.
struct Ran {
    outcomes: Vec<Outcome>,
    text: String,
    requests: usize,
    /// The most pieces in which one reply came.
    pieces: usize,
}

pub(crate) async fn answers(world: World, report: &mut Report) {
    for case in cases::ANSWERED {
        if !expected::applies(case, report.row) {
            continue;
        }
        let mut scene = world.scene(report.row, case);
        let streamed = ran(&mut scene, report, case, true).await;
        report.say(&format!("{case}, streamed"), &streamed.text);
        expected::check(report.row, case, &streamed.outcomes);
        let mut same = false;
        if expected::comes_whole(case, report.row) {
            let whole = ran(&mut scene, report, case, false).await;
            same = streamed.text == whole.text;
            assert!(
                same || APART.contains(&case),
                "{}, {case}: {}",
                report.row.name,
                whole.text
            );
            report.say(&format!("{case}, whole"), if same { "the same" } else { &whole.text });
            expected::check(report.row, case, &whole.outcomes);
        }
        scene.close();
        earned(report, case, &streamed, same);
    }
    vectors(world, report).await;
}

/// What a case shows.
fn earned(report: &mut Report, case: &str, ran: &Ran, same: bool) {
    let feature = match case {
        "text" => {
            report.earn(Feature::Completion, "yes");
            assert!(same && ran.pieces > 2, "{}: {} pieces", report.row.name, ran.pieces);
            Feature::Streaming
        }
        "tools" => Feature::Tools,
        "parallel" => Feature::ParallelTools,
        "schema" => Feature::Schema,
        "image" => Feature::Images,
        "file" => Feature::Documents,
        "cache" => Feature::Cache,
        _ => return,
    };
    if !report.has(feature) {
        lacking(report, feature, ran);
    } else {
        let ended = ran.outcomes.last().and_then(said).map(|(_, stop)| stop);
        assert_eq!(
            ended,
            Some(&StopReason::End),
            "{}, {case}: {}",
            report.row.name,
            ran.text
        );
        report.earn(feature, cell(feature, ran));
    }
}

/// What a backend cannot do, it is not asked for; and what it does not count, nobody makes up.
fn lacking(report: &Report, feature: Feature, ran: &Ran) {
    if feature == Feature::Cache {
        let counted = ran.outcomes.iter().filter_map(served).filter_map(|served| served.usage);
        assert_eq!(
            counted.map(|usage| usage.cache_read + usage.cache_write).sum::<u64>(),
            0,
            "{}",
            report.row.name
        );
        return;
    }
    assert_eq!(ran.requests, 0, "{}: {}", report.row.name, feature.name());
}

fn cell(feature: Feature, ran: &Ran) -> &'static str {
    let usage = ran.outcomes.iter().filter_map(served).find_map(|served| served.usage);
    match (feature, usage) {
        (Feature::Cache, Some(usage)) => {
            assert!(usage.cache_read > 0, "{usage:?}");
            if usage.cache_write > 0 { "read, written" } else { "read" }
        }
        (Feature::Cache, None) => panic!("nothing was counted"),
        _ => "yes",
    }
}

async fn ran(scene: &mut Scene, report: &Report, case: &str, stream: bool) -> Ran {
    let run = if stream { "streamed" } else { "whole" };
    let given = Given {
        stream,
        ..Given::default()
    };
    let front = scene.front(run).await;
    let mut talk = Talk::with(&[report.row], &front, &given).await;
    let outcomes = talk.converse(cases::prompt(case), cases::answer).await;
    front
        .until(|seen| seen.iter().all(|seen| seen.state != crate::front::State::UnderWay))
        .await;
    let pieces = front.seen().iter().map(|seen| seen.pieces).max().unwrap_or_default();
    let exchanges = scene.end(run, front).await;
    let turns: Vec<String> = outcomes.iter().map(render::outcome).collect();
    Ran {
        text: format!("{}\n({} requests)", turns.join("\n"), exchanges.len()),
        requests: exchanges.len(),
        outcomes,
        pieces,
    }
}

async fn vectors(world: World, report: &mut Report) {
    let mut scene = world.scene(report.row, "embed");
    let front = scene.front("whole").await;
    let embedding = report.row.embedding();
    let mut talk = Talk::with(&[&embedding], &front, &Given::default()).await;
    let (case, texts) = if report.row.singly { cases::ONE } else { cases::SEVERAL };
    let outcome = talk.ask(cases::embed(texts)).await;
    let exchanges = scene.end("whole", front).await;
    scene.close();
    report.say("embed", &render::outcome(&outcome));
    match &outcome {
        Outcome::Reply(gate::Reply::Model(reply)) if matches!(**reply, ModelReply::Embeddings(_)) => {
            expected::check(report.row, case, std::slice::from_ref(&outcome));
            report.earn(Feature::Vectors, "yes");
        }
        _ => assert!(
            !report.has(Feature::Vectors) && exchanges.is_empty(),
            "{}: {outcome:?}",
            report.row.name
        ),
    }
}

/// Who served it.
fn served(outcome: &Outcome) -> Option<&gate::call::model::Served> {
    match outcome {
        Outcome::Reply(gate::Reply::Model(reply)) => Some(reply.served()),
        _ => None,
    }
}
