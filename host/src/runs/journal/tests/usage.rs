//! What attempts at models used is summed beside the journal that says so, once.

use gate::call::model::{Cost, Usage};
use gate::journal::conformance::Workbench as _;
use gate::journal::{Bill, Chosen, Ending, Event, Fence};
use gate::{Binding, Code, Effect, Journal as _, JournalError, Record, RunKey};
use jiff::SignedDuration;
use jiff::civil::date;
use uuid::Uuid;

use super::bench::{Bench, Known, begun, payload, record, refused};
use crate::store::{Amounts, UsageRow};

fn asks(number: u32) -> Record {
    let binding = Binding {
        kind: "model".to_owned(),
        name: "default".to_owned(),
    };
    let commitment = "0".repeat(64);
    record(number, Event::Begun { binding, commitment })
}

/// An attempt for which so much is reserved, where that is known.
fn sent(number: u32, attempt: u32, reserved: Option<u64>) -> Record {
    let chosen = Chosen {
        backend: "azure".to_owned(),
        model: "our-gpt".to_owned(),
        priced: reserved.is_some(),
    };
    let event = Event::Sent {
        attempt,
        effect: Effect::CostlyRead,
        fence: Fence::FIRST,
        reserved: reserved.unwrap_or_default(),
        account: "azure".to_owned(),
        chosen: Some(Box::new(chosen)),
    };
    record(number, event)
}

/// An answer of 100 tokens in all, and of this price.
fn answered(number: u32, nano_dollars: Option<u64>) -> Record {
    let usage = Usage {
        input: 50,
        cache_read: 20,
        cache_write: 10,
        cache_write_long: 5,
        output: 20,
        reasoning: 15,
    };
    answered_by(number, "gpt-6.1-sol", Some(usage), nano_dollars)
}

fn answered_by(number: u32, model: &str, usage: Option<Usage>, nano_dollars: Option<u64>) -> Record {
    let prices = "2026-11-29-0123456789ab".to_owned();
    let bill = Bill {
        backend: "azure".to_owned(),
        model: model.to_owned(),
        usage,
        cost: nano_dollars.map(|nano_dollars| Cost { nano_dollars, prices }),
    };
    let event = Event::Finished {
        sendings: 1,
        settled: nano_dollars.unwrap_or_default(),
        code: None,
        fuel: 1,
        bill: Some(Box::new(bill)),
        lost: false,
    };
    Record {
        outcome: Some(payload("{}", &[])),
        ..record(number, event)
    }
}

fn lost(number: u32, attempt: u32, settled: u64) -> Record {
    let event = Event::Lost {
        attempt,
        settled,
        unsent: false,
    };
    record(number, event)
}

fn stopped() -> Record {
    let (code, told) = (Code::new("cancelled"), "cancelled".to_owned());
    let ending = Ending::Stopped { code, told };
    record(0, Event::Ended { ending, fuel: 1 })
}

/// All that is kept of a tenant, but for its amounts, and the amounts.
async fn kept(bench: &Bench, tenant: &str) -> Vec<(String, Amounts)> {
    let mut rows = Vec::new();
    let days = (date(1970, 1, 1), date(2200, 1, 1));
    bench
        .host()
        .store
        .usage(&tenant.parse().unwrap(), days, |row: UsageRow| {
            let UsageRow { day, skill, agent, .. } = &row;
            let (served, prices) = (row.served.as_deref(), row.prices.as_deref());
            let which = format!(
                "{day} {skill} {agent} {} {} {} {} {}",
                row.binding,
                row.backend,
                row.asked,
                served.unwrap_or("-"),
                prices.unwrap_or("-")
            );
            rows.push((which, row.amounts));
        })
        .await
        .unwrap();
    rows
}

async fn sum(bench: &Bench, tenant: &str) -> (u64, u64, u64, u64) {
    let rows = kept(bench, tenant).await;
    let total = |of: fn(&Amounts) -> u64| rows.iter().map(|(_, amounts)| of(amounts)).sum();
    (
        total(|amounts| amounts.calls),
        total(|amounts| amounts.nano_dollars),
        total(|amounts| amounts.lost),
        total(|amounts| amounts.lost_nano_dollars),
    )
}

async fn run(bench: &Bench) -> RunKey {
    bench.run("acme", Uuid::now_v7()).await
}

#[tokio::test]
async fn calls_are_summed_by_who_asked_whom_and_when() {
    let bench = Bench::new(Known::Live).await;
    let (one, two, journal) = (run(&bench).await, run(&bench).await, bench.host().journal);
    journal.start(&one, vec![asks(1), sent(1, 1, Some(100))]).await.unwrap();
    let mut tomorrow = answered(3, Some(7));
    tomorrow.entry.at += SignedDuration::from_hours(24);
    for records in [
        vec![answered(1, Some(7))],
        vec![asks(2), sent(2, 1, None)],
        vec![answered(2, None)],
        vec![asks(3), sent(3, 1, Some(100)), tomorrow],
        vec![
            asks(4),
            sent(4, 1, Some(100)),
            lost(4, 1, 100),
            sent(4, 2, Some(100)),
            answered_by(4, "gpt-6.1-sol", None, None),
        ],
    ] {
        journal.append(&one, Fence::FIRST, records).await.unwrap();
    }
    let records = vec![
        asks(1),
        sent(1, 1, Some(100)),
        answered(1, Some(5)),
        asks(2),
        sent(2, 1, None),
        stopped(),
    ];
    journal.start(&two, records).await.unwrap();
    insta::assert_debug_snapshot!(kept(&bench, "acme").await);
    assert_eq!(kept(&bench, "other").await, []);
}

#[tokio::test]
async fn a_sum_is_durable_with_the_entry_that_it_counts() {
    let bench = Bench::new(Known::OnRecord).await;
    let run = run(&bench).await;
    let host = bench.host();
    host.journal
        .start(&run, vec![asks(1), sent(1, 1, Some(100))])
        .await
        .unwrap();
    assert_eq!(sum(&bench, "acme").await, (0, 0, 0, 0));
    let before = host.store.counters().commits;
    host.journal
        .append(&run, Fence::FIRST, vec![answered(1, Some(7))])
        .await
        .unwrap();
    assert_eq!(host.store.counters().commits - before, 1);
    assert_eq!(sum(&bench, "acme").await, (1, 7, 0, 0));
    bench.restart().await;
    assert_eq!(sum(&bench, "acme").await, (1, 7, 0, 0));
}

#[tokio::test]
async fn what_the_journal_does_not_take_is_not_counted() {
    let bench = Bench::new(Known::OnRecord).await;
    let (run, journal) = (run(&bench).await, bench.host().journal);
    let whole = vec![asks(1), sent(1, 1, Some(100)), answered(1, Some(7))];
    journal.start(&run, whole.clone()).await.unwrap();
    refused(journal.start(&run, whole).await, |error| {
        matches!(error, JournalError::Exists)
    });
    let fence = journal.claim(&run).await.unwrap().fence;
    let again = || vec![asks(2), sent(2, 1, Some(100)), answered(2, Some(7))];
    refused(journal.append(&run, Fence::FIRST, again()).await, |error| {
        matches!(error, JournalError::Superseded)
    });
    assert_eq!(sum(&bench, "acme").await, (1, 7, 0, 0));
    journal.append(&run, fence, vec![stopped()]).await.unwrap();
    refused(journal.append(&run, fence, again()).await, |error| {
        matches!(error, JournalError::Ended)
    });
    assert_eq!(sum(&bench, "acme").await, (1, 7, 0, 0));
}

/// Whoever takes a run over pays the attempt that the process before had sent.
#[tokio::test]
async fn an_attempt_in_flight_is_lost_once_however_often_the_host_ends() {
    let bench = Bench::new(Known::OnRecord).await;
    let run = run(&bench).await;
    let journal = bench.host().journal;
    journal.start(&run, vec![asks(1), sent(1, 1, Some(100))]).await.unwrap();
    for attempt in 2..5 {
        let journal = bench.restart().await;
        let fence = journal.claim(&run).await.unwrap().fence;
        let records = vec![lost(1, attempt - 1, 100), sent(1, attempt, Some(100))];
        journal.append(&run, fence, records).await.unwrap();
    }
    assert_eq!(sum(&bench, "acme").await, (0, 0, 3, 300));
    let journal = bench.restart().await;
    let fence = journal.claim(&run).await.unwrap().fence;
    journal.append(&run, fence, vec![stopped()]).await.unwrap();
    assert_eq!(sum(&bench, "acme").await, (0, 0, 4, 400));
}

#[tokio::test]
async fn other_calls_are_no_usage() {
    let bench = Bench::new(Known::OnRecord).await;
    let (run, journal) = (run(&bench).await, bench.host().journal);
    let records = vec![begun(), sent(1, 1, Some(100)), super::bench::finished(), stopped()];
    journal.start(&run, records).await.unwrap();
    assert_eq!(kept(&bench, "acme").await, []);
}

#[tokio::test]
async fn an_amount_that_nobody_can_mean_stops_at_the_end() {
    let bench = Bench::new(Known::OnRecord).await;
    let (run, journal) = (run(&bench).await, bench.host().journal);
    let usage = Usage {
        input: u64::MAX,
        output: (1 << 62) + 1,
        ..Usage::default()
    };
    let records = (1..4).flat_map(|number| {
        let answered = answered_by(number, "gpt-6.1-sol", Some(usage), Some(1 << 62));
        [asks(number), sent(number, 1, Some(u64::MAX)), answered]
    });
    journal.start(&run, records.collect()).await.unwrap();
    let [(_, amounts)] = kept(&bench, "acme").await[..] else {
        panic!("one row");
    };
    let most = i64::MAX.cast_unsigned();
    assert_eq!(
        (amounts.calls, amounts.input, amounts.output, amounts.nano_dollars),
        (3, most, most, most)
    );
}

#[tokio::test]
async fn a_providers_words_are_kept_where_they_are_a_name() {
    let bench = Bench::new(Known::OnRecord).await;
    let (run, journal) = (run(&bench).await, bench.host().journal);
    let names = [
        "models/a@1:b",
        "",
        "two words",
        "caf\u{e9}",
        &"a".repeat(128),
        &"a".repeat(129),
    ];
    let records = names.iter().zip(1..).flat_map(|(name, number)| {
        let answered = answered_by(number, name, None, None);
        [asks(number), sent(number, 1, None), answered]
    });
    journal.start(&run, records.collect()).await.unwrap();
    let kept = kept(&bench, "acme").await;
    let kept = kept
        .iter()
        .map(|(which, amounts)| (which.split(' ').nth(6).unwrap(), amounts.calls));
    assert_eq!(
        kept.collect::<Vec<_>>(),
        [("?", 4), ("a".repeat(128).as_str(), 1), ("models/a@1:b", 1)]
    );
}

#[tokio::test]
async fn sums_outlive_the_runs_that_they_count() {
    let bench = Bench::new(Known::OnRecord).await;
    let (run, journal) = (run(&bench).await, bench.host().journal);
    let records = vec![asks(1), sent(1, 1, Some(100)), answered(1, Some(7)), stopped()];
    journal.start(&run, records).await.unwrap();
    let mut connection = bench.connection().await;
    for table in ["journal", "journals"] {
        let sql = format!("DELETE FROM {table} WHERE run = ?");
        let delete = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(run.run.as_bytes().as_slice());
        delete.execute(&mut connection).await.unwrap();
    }
    let delete = sqlx::query("DELETE FROM runs WHERE id = ?").bind(run.run.as_bytes().as_slice());
    assert_eq!(delete.execute(&mut connection).await.unwrap().rows_affected(), 1);
    assert_eq!(sum(&bench, "acme").await, (1, 7, 0, 0));
}

#[tokio::test]
async fn a_run_that_is_given_up_pays_for_what_it_left_open() {
    let bench = Bench::new(Known::OnRecord).await;
    let (open, silent, over) = (run(&bench).await, run(&bench).await, run(&bench).await);
    let journal = bench.host().journal;
    journal
        .start(&open, vec![asks(1), sent(1, 1, Some(100))])
        .await
        .unwrap();
    let records = vec![asks(1), sent(1, 1, Some(100)), answered(1, Some(7)), stopped()];
    journal.start(&over, records.clone()).await.unwrap();
    for run in [&open, &silent, &over, &open] {
        let Event::Ended { ending, .. } = stopped().entry.event else {
            panic!("an end");
        };
        journal.close(run, ending).await.unwrap();
    }
    assert_eq!(sum(&bench, "acme").await, (1, 7, 1, 100));
    assert_eq!(journal.read(&open).await.unwrap().len(), 3);
    assert_eq!(journal.read(&silent).await.unwrap(), []);
    assert_eq!(journal.read(&over).await.unwrap(), records);
    refused(journal.append(&open, Fence::FIRST, vec![stopped()]).await, |error| {
        matches!(error, JournalError::Superseded)
    });
}

/// A database from before there were sums is one without their table. One of before the host ended in summing it has the
/// table and is not marked.
#[tokio::test]
async fn what_was_recorded_before_there_were_sums_is_summed() {
    let bench = Bench::new(Known::OnRecord).await;
    let (one, open, other) = (
        run(&bench).await,
        run(&bench).await,
        bench.run("other", Uuid::now_v7()).await,
    );
    let journal = bench.host().journal;
    let records = vec![
        asks(1),
        sent(1, 1, Some(100)),
        lost(1, 1, 100),
        sent(1, 2, None),
        answered(1, Some(7)),
        stopped(),
    ];
    journal.start(&one, records.clone()).await.unwrap();
    journal.start(&other, records).await.unwrap();
    journal
        .start(&open, vec![begun(), asks(2), sent(2, 1, Some(9))])
        .await
        .unwrap();
    let sums = [kept(&bench, "acme").await, kept(&bench, "other").await];
    let older = ["DROP TABLE usage", "DELETE FROM _sqlx_migrations WHERE version = 5"];
    let ended = ["UPDATE usage SET calls = calls + 1"];
    for changes in [older.as_slice(), &ended] {
        let mut connection = bench.connection().await;
        for sql in changes.iter().chain(&["PRAGMA user_version = 0"]) {
            sqlx::query(*sql).execute(&mut connection).await.unwrap();
        }
        bench.restart().await;
        assert_eq!([kept(&bench, "acme").await, kept(&bench, "other").await], sums);
    }
    let journal = bench.restart().await;
    let fence = journal.claim(&open).await.unwrap().fence;
    journal.append(&open, fence, vec![answered(2, Some(8))]).await.unwrap();
    bench.restart().await;
    assert_eq!(sum(&bench, "acme").await, (2, 15, 1, 100));
    assert_eq!(sum(&bench, "other").await, (1, 7, 1, 100));
}
