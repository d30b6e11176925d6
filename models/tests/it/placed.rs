//! Where questions must be answered, and by which snapshot of a model.

use gate::call::model::Ask;
use gate::{Code, Outcome, Reply};
use models::backend::{Otherwise, Snapshot};

use crate::backends::Given;
use crate::front::{Front, Source};
use crate::report::{Feature, Report};
use crate::talk::{Talk, within};
use crate::world::World;
use crate::{cases, expected, render};

/// A backend that does not promise the place is asked nothing; one that does is asked.
pub(crate) async fn residency(world: World, report: &mut Report) {
    let wrong = if report.row.geo.as_deref() == Some("jp") {
        "eu"
    } else {
        "jp"
    };
    let front = Front::start(Source::Record(Vec::new())).await;
    let outcome = asked(
        report,
        &front,
        "text",
        Given {
            residency: within(wrong),
            ..Given::default()
        },
    )
    .await;
    front.finish().await;
    assert!(
        matches!(&outcome, Outcome::Refused(refusal) if refusal.code == Code::NOBODY_QUALIFIES),
        "{outcome:?}"
    );
    report.say(&format!("to be answered from `{wrong}`"), &render::outcome(&outcome));
    let Some(geo) = &report.row.geo else {
        report.earn(Feature::Residency, "refused");
        return;
    };
    let mut scene = world.scene(report.row, "text");
    let front = scene.front("streamed").await;
    let outcome = asked(
        report,
        &front,
        "text",
        Given {
            residency: within(geo),
            ..Given::default()
        },
    )
    .await;
    scene.end("streamed", front).await;
    assert!(
        matches!(&outcome, Outcome::Reply(_)),
        "{}: {outcome:?}",
        report.row.name
    );
    elsewhere(world, report, geo).await;
    report.earn(Feature::Residency, &format!("`{geo}`"));
}

/// A reply that says that it came from elsewhere, where the format can say it.
async fn elsewhere(world: World, report: &mut Report, geo: &str) {
    if world.live.is_some() || !expected::applies("elsewhere", report.row) {
        return;
    }
    let mut scene = world.scene(report.row, "elsewhere");
    let front = scene.front("streamed").await;
    let outcome = asked(
        report,
        &front,
        "elsewhere",
        Given {
            residency: within(geo),
            ..Given::default()
        },
    )
    .await;
    scene.end("streamed", front).await;
    report.say(
        &format!("elsewhere, to be answered from `{geo}`"),
        &render::outcome(&outcome),
    );
    assert!(
        matches!(&outcome, Outcome::Failed(failed) if failed.code == models::backend::ANOTHER_PLACE),
        "{outcome:?}"
    );
}

/// Another snapshot than the one that is pinned: not used, told or noted.
pub(crate) async fn pinning(world: World, report: &mut Report) {
    let usual = usual(world, report).await;
    let named = report.has(Feature::Pinning);
    // Where no reply says which model it is from, any reply is from another one.
    let (case, note) = if named {
        ("snapshot", "another-model")
    } else {
        ("text", "unnamed-model")
    };
    let mut scene = world.scene(report.row, case);
    for otherwise in [Otherwise::Refuse, Otherwise::Warn, Otherwise::Note] {
        let front = scene.front("streamed").await;
        let outcome = asked(report, &front, case, pinned(usual.as_deref(), otherwise)).await;
        scene.end("streamed", front).await;
        report.say(&format!("another snapshot, {otherwise:?}"), &render::outcome(&outcome));
        let as_it_should = match (&outcome, otherwise) {
            (Outcome::Failed(failed), Otherwise::Refuse) => failed.code == models::backend::ANOTHER_SNAPSHOT,
            (Outcome::Reply(Reply::Model(reply)), Otherwise::Warn | Otherwise::Note) => reply.served().notes == [note],
            _ => false,
        };
        assert!(as_it_should, "{}, {otherwise:?}: {outcome:?}", report.row.name);
    }
    if named {
        scene.close();
        report.earn(Feature::Pinning, "yes");
    }
}

/// The snapshot that answers as a rule; it is taken where it is pinned.
async fn usual(world: World, report: &Report) -> Option<String> {
    let mut model = None;
    for _ in 0..2 {
        let mut scene = world.scene(report.row, "text");
        let front = scene.front("streamed").await;
        let given = model
            .as_deref()
            .map_or_else(Given::default, |model| pinned(Some(model), Otherwise::Refuse));
        let outcome = asked(report, &front, "text", given).await;
        scene.end("streamed", front).await;
        let Outcome::Reply(Reply::Model(reply)) = outcome else {
            panic!("{}: {outcome:?}", report.row.name);
        };
        assert!(reply.served().notes.is_empty(), "{reply:?}");
        model.clone_from(&reply.served().model);
    }
    model
}

fn pinned(model: Option<&str>, otherwise: Otherwise) -> Given {
    let model = model.unwrap_or("some snapshot").to_owned();
    Given {
        snapshot: Some(Snapshot { model, otherwise }),
        ..Given::default()
    }
}

async fn asked(report: &Report, front: &Front, case: &str, given: Given) -> Outcome {
    let mut talk = Talk::with(&[report.row], front, &given).await;
    talk.ask(Ask::Complete(Box::new(cases::prompt(case)))).await
}
