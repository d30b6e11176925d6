//! Questions are listed while they wait for an answer, and only then.

use gate::journal::conformance::Workbench as _;
use gate::journal::{Event, Fence};
use gate::{Code, Journal as _, Record, RunKey, Step};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::bench::{Bench, Known, answered, at, begun_on, ended, finished, payload, record};

#[tokio::test]
async fn a_question_is_listed_until_it_is_answered() {
    let bench = Bench::new(Known::OnRecord).await;
    let (run, journal) = (bench.run("acme", Uuid::now_v7()).await, bench.host().journal);
    journal.start(&run, vec![begun_on(1, "jira")]).await.unwrap();
    assert_eq!(listed(&bench, "acme", at()).await, []);
    // The question may come long after its call began.
    journal.append(&run, Fence::FIRST, vec![asked(1)]).await.unwrap();
    assert_eq!(listed(&bench, "acme", at()).await, [waits(&run, 1, "jira")]);
    bench.restart().await;
    assert_eq!(listed(&bench, "acme", at()).await, [waits(&run, 1, "jira")]);
    assert_eq!(listed(&bench, "acme", until()).await, []);

    bench.host().journal.decide(&run, answered(false)).await.unwrap();
    assert_eq!(listed(&bench, "acme", at()).await, []);
    bench.host().journal.decide(&run, answered(true)).await.unwrap_err();
    assert_eq!(listed(&bench, "acme", at()).await, []);
}

#[tokio::test]
async fn a_question_goes_with_its_call_and_with_its_run() {
    let refused = Event::Refused {
        step: Step::Consent,
        code: Code::CONSENT_EXPIRED,
        fuel: 1,
    };
    let cases = [
        ("refused", record(1, refused), &["mail"][..]),
        ("finished", finished(), &["mail"]),
        ("ended", ended(), &[]),
        ("nothing", record(2, Event::Set { until: until() }), &["jira", "mail"]),
    ];
    for (what, after, left) in cases {
        let bench = Bench::new(Known::OnRecord).await;
        let (run, journal) = (bench.run("acme", Uuid::now_v7()).await, bench.host().journal);
        let records = vec![begun_on(1, "jira"), asked(1), begun_on(3, "mail"), asked(3)];
        journal.start(&run, records).await.unwrap();
        journal.append(&run, Fence::FIRST, vec![after]).await.unwrap();
        let listed = listed(&bench, "acme", at()).await;
        let bindings: Vec<_> = listed.iter().map(|(_, _, binding)| binding.as_str()).collect();
        assert_eq!(bindings, left, "{what}");
    }
}

#[tokio::test]
async fn questions_are_listed_to_their_tenant_those_of_the_oldest_run_first() {
    let bench = Bench::new(Known::Live).await;
    let mut runs = Vec::new();
    for tenant in ["acme", "other", "acme"] {
        let run = bench.run(tenant, Uuid::now_v7()).await;
        bench
            .host()
            .journal
            .start(&run, vec![begun_on(1, "jira"), asked(1)])
            .await
            .unwrap();
        runs.push(waits(&run, 1, "jira"));
    }
    let [first, others, second] = runs.try_into().unwrap();
    assert_eq!(listed(&bench, "acme", at()).await, [first.clone(), second]);
    assert_eq!(listed(&bench, "other", at()).await, [others]);
    let store = bench.host().store;
    let one = store.waiting(&"acme".parse().unwrap(), at(), 1).await.unwrap();
    assert_eq!(one.len(), 1);
    assert_eq!(one.first().unwrap().id.run, first.0);
}

#[tokio::test]
async fn a_question_of_a_damaged_journal_leaves_the_others_listed() {
    let bench = Bench::new(Known::OnRecord).await;
    let (damaged, whole) = (
        bench.run("acme", Uuid::now_v7()).await,
        bench.run("acme", Uuid::now_v7()).await,
    );
    for run in [&damaged, &whole] {
        let records = vec![begun_on(1, "jira"), asked(1)];
        bench.host().journal.start(run, records).await.unwrap();
    }
    let sql = "UPDATE journal SET entry = '{\"v\":99}' WHERE run = ? AND place = 0";
    let query = sqlx::query(sql).bind(damaged.run.as_bytes().to_vec());
    query.execute(&mut bench.connection().await).await.unwrap();
    assert_eq!(listed(&bench, "acme", at()).await, [waits(&whole, 1, "jira")]);
}

async fn listed(bench: &Bench, tenant: &str, now: Timestamp) -> Vec<(Uuid, u32, String)> {
    let tenant = tenant.parse().unwrap();
    let waiting = bench.host().store.waiting(&tenant, now, 100).await.unwrap();
    assert!(waiting.iter().all(|waiting| waiting.until == until()));
    waiting
        .into_iter()
        .map(|waiting| (waiting.id.run, waiting.id.number, waiting.binding.name))
        .collect()
}

fn waits(run: &RunKey, number: u32, binding: &str) -> (Uuid, u32, String) {
    (run.run, number, binding.to_owned())
}

fn until() -> Timestamp {
    at() + SignedDuration::from_hours(1)
}

fn asked(number: u32) -> Record {
    Record {
        call: Some(payload("{}", &[])),
        ..record(number, Event::Asked { until: until() })
    }
}
