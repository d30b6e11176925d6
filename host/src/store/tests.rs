//! The store: what is written is there, for its tenant only.

use std::path::Path;

use jiff::Timestamp;
use registry::ledger::{Entry, Ledger as _, Scope};
use registry::{Digest, Tenant};
use sqlx::{ConnectOptions as _, Row as _};
use uuid::Uuid;

use super::{ContentId, FileRow, MadeRow, RunFilter, RunRow, RunState, RunTitle, Store, StoreError, TenantRow};
use crate::run::RunId;
use crate::seal::Sealed;

#[tokio::test]
async fn the_settings_that_durability_rests_on_are_read_back() {
    let (_folder, store) = opened().await;
    let read: Vec<_> = store
        .pragmas()
        .iter()
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    insta::assert_snapshot!(read.join("\n"), @r"
    journal_mode = wal
    synchronous = 2
    foreign_keys = 1
    busy_timeout = 10000
    wal_autocheckpoint = 0
    cache_size = -16384
    trusted_schema = 0
    ");
}

#[tokio::test]
async fn the_first_key_of_every_table_is_the_tenant() {
    let (folder, store) = opened().await;
    store.close().await;
    let mut connection = super::options(&folder.path().join(Store::FILE))
        .connect()
        .await
        .unwrap();
    let sql = "SELECT m.name AS 'table', p.name AS 'first' FROM sqlite_schema m \
               LEFT JOIN pragma_table_info(m.name) p ON p.pk = 1 \
               WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
               ORDER BY m.name";
    let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
    let tables: Vec<(String, Option<String>)> = rows.iter().map(|row| (row.get("table"), row.get("first"))).collect();
    assert_eq!(tables.len(), 15);
    for (table, first) in tables {
        assert_eq!(first.as_deref(), Some("tenant"), "first key of {table}");
    }
}

#[tokio::test]
async fn runs_are_listed_newest_first_and_only_to_their_tenant() {
    let (_folder, store) = opened().await;
    let (acme, other) = (tenant(&store, "acme").await, tenant(&store, "other").await);
    let mut ids = Vec::new();
    for (skill, state) in [
        ("acme/deck", RunState::Succeeded),
        ("acme/deck", RunState::Failed),
        ("acme/mail", RunState::Succeeded),
        ("acme/deck", RunState::Running),
    ] {
        let row = run(&acme, skill, state);
        ids.push(row.title.id);
        store.record(row).await.unwrap();
    }
    store.record(run(&other, "acme/deck", RunState::Running)).await.unwrap();

    let found = async |filter: RunFilter, most| {
        let runs = store.runs(&acme, &filter, most).await.unwrap();
        runs.iter()
            .map(|run| ids.iter().position(|id| *id == run.id).unwrap())
            .collect::<Vec<_>>()
    };
    let all = RunFilter::default();
    assert_eq!(found(all.clone(), 10).await, [3, 2, 1, 0]);
    assert_eq!(found(all.clone(), 2).await, [3, 2]);
    assert_eq!(
        found(
            RunFilter {
                before: ids.get(2).copied(),
                ..all.clone()
            },
            10
        )
        .await,
        [1, 0]
    );
    assert_eq!(
        found(
            RunFilter {
                state: Some(RunState::Succeeded),
                ..all.clone()
            },
            10
        )
        .await,
        [2, 0]
    );
    assert_eq!(
        found(
            RunFilter {
                skill: "acme/mail".parse().ok(),
                ..all
            },
            10
        )
        .await,
        [2]
    );
    let first = *ids.first().unwrap();
    assert!(store.run(&acme, first).await.unwrap().is_some());
    assert!(store.run(&other, first).await.unwrap().is_none());
}

#[tokio::test]
async fn a_run_is_recorded_at_its_start_and_ended_later() {
    let (_folder, store) = opened().await;
    let acme = tenant(&store, "acme").await;
    let mut row = RunRow {
        result: None,
        ..run(&acme, "acme/deck", RunState::Running)
    };
    store.record(row.clone()).await.unwrap();
    assert_eq!(store.run(&acme, row.title.id).await.unwrap().unwrap(), row);

    row.title.state = RunState::Failed;
    row.title.code = Some("fuel".to_owned());
    row.title.ended_at = Some(now());
    row.title.fuel = 7;
    row.result = Some(Sealed::stored(b"ended".to_vec()));
    store.record(row.clone()).await.unwrap();
    assert_eq!(store.run(&acme, row.title.id).await.unwrap().unwrap(), row);

    let left = RunRow {
        result: None,
        ..run(&acme, "acme/deck", RunState::Running)
    };
    store.record(left.clone()).await.unwrap();
    let unfinished = store.unfinished(&acme).await.unwrap();
    assert_eq!(unfinished, [left]);
}

#[tokio::test]
async fn runs_that_wait_together_are_one_commit() {
    let (_folder, store) = opened().await;
    let acme = tenant(&store, "acme").await;
    let before = store.counters();
    let rows: Vec<_> = (0..300).map(|_| run(&acme, "acme/deck", RunState::Succeeded)).collect();
    let results = futures_util::future::join_all(rows.into_iter().map(|row| store.record(row))).await;
    assert!(results.iter().all(Result::is_ok));
    let after = store.counters();
    assert!(after.commits - before.commits < 10, "{after:?}");
    assert_eq!(store.runs(&acme, &RunFilter::default(), 1000).await.unwrap().len(), 300);
}

#[tokio::test]
async fn one_refused_request_does_not_take_its_batch_along() {
    let (_folder, store) = opened().await;
    let acme = tenant(&store, "acme").await;
    let again = TenantRow {
        tenant: acme.clone(),
        created_at: now(),
        key: Sealed::stored(vec![1]),
    };
    let row = run(&acme, "acme/deck", RunState::Succeeded);
    let id = row.title.id;
    let (refused, recorded) = tokio::join!(store.add_tenant(again), store.record(row));
    assert!(matches!(refused, Err(StoreError::Exists)), "{refused:?}");
    recorded.unwrap();
    assert!(store.run(&acme, id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_full_disk_refuses_and_takes_again_once_there_is_room() {
    let (_folder, store) = opened().await;
    let acme = tenant(&store, "acme").await;
    pragma(&store, "PRAGMA max_page_count = 60").await.unwrap();
    let content = ContentId(Uuid::now_v7());
    store.begin_content(&acme, content).await.unwrap();
    let part = Sealed::stored(vec![7; 1 << 20]);
    let row = run(&acme, "acme/deck", RunState::Succeeded);
    let (full, beside) = tokio::join!(
        store.add_part(&acme, content, 0, part.clone()),
        store.record(row.clone())
    );
    assert!(matches!(full, Err(StoreError::Full(_))), "{full:?}");
    assert_eq!(beside.is_ok(), store.run(&acme, row.title.id).await.unwrap().is_some());
    assert!(!*store.broken().borrow());

    pragma(&store, "PRAGMA max_page_count = 100000").await.unwrap();
    store.add_part(&acme, content, 0, part).await.unwrap();
    assert!(store.part(&acme, content, 0).await.unwrap().is_some());
}

#[tokio::test]
async fn a_store_that_fails_takes_nothing_more() {
    let (_folder, store) = opened().await;
    let acme = tenant(&store, "acme").await;
    let kept = run(&acme, "acme/deck", RunState::Succeeded);
    store.record(kept.clone()).await.unwrap();
    // The nearest that a test comes to a disk that refuses: every statement that writes fails.
    pragma(&store, "PRAGMA query_only = ON").await.unwrap();
    let lost = run(&acme, "acme/deck", RunState::Succeeded);
    assert!(store.record(lost.clone()).await.is_err());
    assert!(matches!(store.record(lost.clone()).await, Err(StoreError::Broken)));
    assert!(*store.broken().borrow());
    assert!(store.run(&acme, lost.title.id).await.unwrap().is_none());
    assert!(store.run(&acme, kept.title.id).await.unwrap().is_some());
}

#[tokio::test]
async fn the_ledger_keeps_every_entry_in_one_order() {
    let (folder, store) = opened().await;
    let entry = |digit: &str| Entry::KeyRevoked {
        key: Digest::from_hex(&digit.repeat(64)).unwrap(),
        reason: "for a test".to_owned(),
    };
    let scope = Scope::Tenant("acme".parse().unwrap());
    let first = store.append(&Scope::Host, "operator", &entry("1")).await.unwrap();
    let second = store.append(&scope, "anna", &entry("2")).await.unwrap();
    assert_eq!((first.seq, second.seq), (1, 2));
    assert_eq!(store.entries(0).await.unwrap(), [first, second.clone()]);
    assert_eq!(store.entries(1).await.unwrap(), [second]);
    store.close().await;

    let mut connection = super::options(&folder.path().join(Store::FILE))
        .connect()
        .await
        .unwrap();
    for sql in ["DELETE FROM ledger", "UPDATE ledger SET by = 'mallory'"] {
        let error = sqlx::query(sql).execute(&mut connection).await.unwrap_err();
        assert!(error.to_string().contains("the ledger is append-only"), "{error}");
    }
}

#[tokio::test]
async fn contents_without_an_owner_go_and_owned_ones_stay() {
    let (_folder, store) = opened().await;
    let acme = tenant(&store, "acme").await;
    let (kept, left) = (content(&store, &acme).await, content(&store, &acme).await);
    let file = FileRow {
        tenant: acme.clone(),
        sha256: Digest::of(b"part"),
        name: "a.txt".to_owned(),
        media_type: "text/plain".to_owned(),
        size: 4,
        content: kept,
        key: Sealed::stored(vec![1]),
        by: "anna".to_owned(),
        at: now(),
    };
    store.add_file(file.clone()).await.unwrap();
    assert_eq!(store.file(&acme, file.sha256).await.unwrap(), Some(file.clone()));

    let again = FileRow {
        name: "b.txt".to_owned(),
        content: content(&store, &acme).await,
        ..file.clone()
    };
    store.add_file(again.clone()).await.unwrap();
    let renamed = FileRow {
        name: "b.txt".to_owned(),
        at: again.at,
        ..file
    };
    assert_eq!(store.file(&acme, renamed.sha256).await.unwrap(), Some(renamed));

    store.abandon_contents(&acme).await.unwrap();
    assert!(store.part(&acme, kept, 0).await.unwrap().is_some());
    assert!(store.part(&acme, left, 0).await.unwrap().is_none());
    assert!(store.part(&acme, again.content, 0).await.unwrap().is_none());
}

#[tokio::test]
async fn a_run_is_recorded_with_its_files() {
    let (_folder, store) = opened().await;
    let acme = tenant(&store, "acme").await;
    let made = MadeRow {
        name: "deck.pptx".to_owned(),
        media_type: "application/octet-stream".to_owned(),
        size: 4,
        sha256: Digest::of(b"part"),
        content: content(&store, &acme).await,
    };
    let row = run(&acme, "acme/deck", RunState::Succeeded);
    store.record_with(row.clone(), vec![made.clone()]).await.unwrap();
    store.abandon_contents(&acme).await.unwrap();
    assert_eq!(
        store.made(&acme, row.title.id).await.unwrap(),
        std::slice::from_ref(&made)
    );
    assert!(store.part(&acme, made.content, 0).await.unwrap().is_some());
    assert_eq!(store.maker(&acme, made.sha256).await.unwrap(), Some((row, made)));
}

/// Sets something on the writer's own connection.
async fn pragma(store: &Store, sql: &'static str) -> Result<(), StoreError> {
    store
        .writer
        .write(move |connection| {
            Box::pin(async move {
                sqlx::query(sql).execute(connection).await?;
                Ok(())
            })
        })
        .await
}

async fn opened() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    (folder, store)
}

async fn open(folder: &Path) -> Store {
    Store::open(&folder.join(Store::FILE)).await.unwrap()
}

async fn tenant(store: &Store, name: &str) -> Tenant {
    let tenant: Tenant = name.parse().unwrap();
    let row = TenantRow {
        tenant: tenant.clone(),
        created_at: now(),
        key: Sealed::stored(vec![1]),
    };
    store.add_tenant(row).await.unwrap();
    tenant
}

async fn content(store: &Store, tenant: &Tenant) -> ContentId {
    let content = ContentId(Uuid::now_v7());
    store.begin_content(tenant, content).await.unwrap();
    store
        .add_part(tenant, content, 0, Sealed::stored(b"part".to_vec()))
        .await
        .unwrap();
    content
}

fn run(tenant: &Tenant, skill: &str, state: RunState) -> RunRow {
    RunRow {
        title: RunTitle {
            tenant: tenant.clone(),
            id: RunId(Uuid::now_v7()),
            skill: skill.parse().unwrap(),
            version: "1.0.0".to_owned(),
            digest: Digest::of(b"artifact"),
            tool: "make".to_owned(),
            by: "anna".to_owned(),
            state,
            code: None,
            started_at: now(),
            ended_at: None,
            fuel: 0,
            guest_us: 0,
        },
        key: Sealed::stored(vec![1]),
        arguments: Sealed::stored(vec![2]),
        result: Some(Sealed::stored(vec![3])),
        logs: Some(Sealed::stored(vec![4])),
        logs_dropped: 5,
        start: Sealed::stored(vec![6]),
        wake_at: None,
        cut_off: 0,
    }
}

/// Now, as the store keeps it.
fn now() -> Timestamp {
    Timestamp::from_microsecond(Timestamp::now().as_microsecond()).unwrap()
}
