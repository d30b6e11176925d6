//! The journal in the store: what every journal must do, and that content shows nowhere.

mod bench;
mod consents;
mod sealed;
mod usage;

use gate::journal::{Fence, conformance};
use gate::{Journal as _, JournalError};
use uuid::Uuid;

use crate::run::RunId;
use bench::{Bench, Known, begun, ended, refused, sent};

#[tokio::test]
async fn journals_of_runs_on_record_keep_every_promise() {
    let bench = Bench::new(Known::OnRecord).await;
    conformance::check(&bench).await.unwrap();
}

#[tokio::test]
async fn journals_of_live_runs_keep_every_promise() {
    let bench = Bench::new(Known::Live).await;
    conformance::check(&bench).await.unwrap();
}

#[tokio::test]
async fn the_first_entries_record_the_run_in_the_same_commit() {
    let bench = Bench::new(Known::OnRecord).await;
    let (host, tenant) = (bench.host(), bench.tenant("acme").await);
    let (row, key) = bench.row(&tenant, Uuid::now_v7());
    let (run, live) = bench.live(row.clone(), key);
    assert!(!live.is_recorded());
    refused(host.journal.read(&run).await, |error| {
        matches!(error, JournalError::Unknown)
    });
    refused(host.journal.append(&run, Fence::FIRST, vec![sent()]).await, |error| {
        matches!(error, JournalError::Unknown)
    });
    assert_eq!(host.store.run(&tenant, RunId(run.run)).await.unwrap(), None);

    let before = host.store.counters().commits;
    host.journal.start(&run, vec![begun(), sent()]).await.unwrap();
    assert_eq!(host.store.counters().commits - before, 1);
    assert!(live.is_recorded());
    assert_eq!(host.store.run(&tenant, RunId(run.run)).await.unwrap(), Some(row));
    assert_eq!(host.journal.read(&run).await.unwrap(), [begun(), sent()]);
}

#[tokio::test]
async fn a_record_that_went_further_is_left_as_it_is() {
    let bench = Bench::new(Known::OnRecord).await;
    let (host, tenant) = (bench.host(), bench.tenant("acme").await);
    let (row, key) = bench.row(&tenant, Uuid::now_v7());
    let (run, _live) = bench.live(row.clone(), key);
    let mut further = row;
    further.title.fuel = 7;
    host.store.record(further.clone()).await.unwrap();
    host.journal.start(&run, vec![begun()]).await.unwrap();
    assert_eq!(host.store.run(&tenant, RunId(run.run)).await.unwrap(), Some(further));
}

#[tokio::test]
async fn a_run_that_its_owner_let_go_is_known_by_its_record_only() {
    let bench = Bench::new(Known::OnRecord).await;
    let (host, tenant) = (bench.host(), bench.tenant("acme").await);
    let (row, key) = bench.row(&tenant, Uuid::now_v7());
    let (run, live) = bench.live(row.clone(), key);
    drop(live);
    refused(host.journal.start(&run, vec![begun()]).await, |error| {
        matches!(error, JournalError::Unknown)
    });
    host.store.record(row).await.unwrap();
    host.journal.start(&run, vec![begun()]).await.unwrap();

    // Letting go of an earlier hold does not end a later one.
    let (first, second) = (
        host.journal.resume(&run).await.unwrap(),
        host.journal.resume(&run).await.unwrap(),
    );
    drop(first);
    assert!(host.journal.lives.find(&super::id(&run).unwrap()).is_some());
    host.journal.append(&run, Fence::FIRST, vec![sent()]).await.unwrap();
    drop(second);
    assert!(host.journal.lives.find(&super::id(&run).unwrap()).is_none());
    assert_eq!(host.journal.read(&run).await.unwrap(), [begun(), sent()]);
}

#[tokio::test]
async fn a_run_on_record_that_called_nothing_has_an_empty_journal() {
    let bench = Bench::new(Known::OnRecord).await;
    let host = bench.host();
    let run = conformance::Workbench::run(&bench, "acme", Uuid::now_v7()).await;
    assert_eq!(host.journal.read(&run).await.unwrap(), []);
    assert_eq!(host.journal.entries(&run).await.unwrap(), []);
    for (tenant, name) in [("acme", Uuid::now_v7()), ("other", run.run), ("no tenant", run.run)] {
        let stranger = gate::RunKey {
            tenant: tenant.to_owned(),
            run: name,
        };
        refused(host.journal.entries(&stranger).await, |error| {
            matches!(error, JournalError::Unknown)
        });
        refused(host.journal.claim(&stranger).await, |error| {
            matches!(error, JournalError::Unknown)
        });
        refused(host.journal.resume(&stranger).await, |error| {
            matches!(error, JournalError::Unknown)
        });
        refused(host.journal.start(&stranger, vec![begun()]).await, |error| {
            matches!(error, JournalError::Unknown)
        });
    }
}

#[tokio::test]
async fn entries_come_without_what_was_asked_and_answered() {
    let bench = Bench::new(Known::OnRecord).await;
    let host = bench.host();
    let run = conformance::Workbench::run(&bench, "acme", Uuid::now_v7()).await;
    let records = vec![begun(), sent(), ended()];
    host.journal.start(&run, records.clone()).await.unwrap();
    let entries: Vec<_> = records.into_iter().map(|record| record.entry).collect();
    assert_eq!(host.journal.entries(&run).await.unwrap(), entries);
}

#[tokio::test]
async fn a_claim_shuts_out_whoever_has_not_begun() {
    let bench = Bench::new(Known::OnRecord).await;
    let host = bench.host();
    let run = conformance::Workbench::run(&bench, "acme", Uuid::now_v7()).await;
    let claimed = host.journal.claim(&run).await.unwrap();
    assert!(claimed.fence > Fence::FIRST);
    refused(host.journal.append(&run, Fence::FIRST, vec![ended()]).await, |error| {
        matches!(error, JournalError::Superseded)
    });
}

#[tokio::test]
async fn a_conflict_leaves_its_batch_alone() {
    let bench = Bench::new(Known::OnRecord).await;
    let host = bench.host();
    let (one, two) = (
        conformance::Workbench::run(&bench, "acme", Uuid::now_v7()).await,
        conformance::Workbench::run(&bench, "acme", Uuid::now_v7()).await,
    );
    host.journal.start(&one, vec![begun()]).await.unwrap();
    let (exists, superseded, undecided, taken) = tokio::join!(
        host.journal.start(&one, vec![sent()]),
        host.journal.append(&one, Fence(9), vec![sent()]),
        host.journal.decide(&one, bench::answered(true)),
        host.journal.start(&two, vec![begun()]),
    );
    refused(exists, |error| matches!(error, JournalError::Exists));
    refused(superseded, |error| matches!(error, JournalError::Superseded));
    refused(undecided, |error| matches!(error, JournalError::Decision(_)));
    taken.unwrap();
    assert_eq!(host.journal.read(&one).await.unwrap(), [begun()]);
    assert_eq!(host.journal.read(&two).await.unwrap(), [begun()]);
    assert!(!*host.store.broken().borrow());
}

#[tokio::test]
async fn a_store_that_takes_nothing_is_named_as_the_cause() {
    let bench = Bench::new(Known::OnRecord).await;
    let (host, tenant) = (bench.host(), bench.tenant("acme").await);
    let (row, key) = bench.row(&tenant, Uuid::now_v7());
    let (run, live) = bench.live(row, key);
    host.store.close().await;
    let error = host.journal.start(&run, vec![begun()]).await.unwrap_err();
    assert!(error.retryable());
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        cause,
        "the store failed and takes nothing until the host is started again"
    );
    assert!(!live.is_recorded());
}
