//! Content lies nowhere in the clear, and opens at its own place only.

use gate::journal::conformance::Workbench as _;
use gate::{Journal as _, JournalError, Record, RunKey};
use registry::Digest;
use uuid::Uuid;

use super::bench::{Bench, Known, begun, finished, payload, refused, sent};

const CANARY: &str = "a canary that nobody but the run may see";

#[tokio::test]
async fn no_content_lies_open_in_the_database_or_its_log() {
    for known in [Known::OnRecord, Known::Live] {
        let bench = Bench::new(known).await;
        let (run, body) = (bench.run("acme", Uuid::now_v7()).await, CANARY.repeat(3000));
        let records = records(CANARY, body.as_bytes());
        bench.host().journal.start(&run, records.clone()).await.unwrap();
        assert_eq!(bench.host().journal.read(&run).await.unwrap(), records);

        let bytes = bench.bytes();
        let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        // What entries say is found, so what content says would be.
        assert!(holds(b"\"begun\"") && holds(b"jira"));
        let digest = Digest::of(body.as_bytes());
        let hex = hex::encode(digest.as_bytes());
        for secret in [&b"canary"[..], digest.as_bytes().as_slice(), hex.as_bytes()] {
            assert!(!holds(secret), "{secret:?} lies open");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_named_often_is_kept_once() {
    use sqlx::Row as _;
    let bench = Bench::new(Known::OnRecord).await;
    let (one, two) = (
        bench.run("acme", Uuid::now_v7()).await,
        bench.run("acme", Uuid::now_v7()).await,
    );
    let same = records("{}", &[7; 70_000]);
    let fence = gate::journal::Fence::FIRST;
    for run in [&one, &two] {
        bench.host().journal.start(run, same.clone()).await.unwrap();
        bench.host().journal.append(run, fence, same.clone()).await.unwrap();
        let twice = [same.clone(), same.clone()].concat();
        assert_eq!(bench.host().journal.read(run).await.unwrap(), twice);
    }
    let rows = sqlx::query("SELECT DISTINCT name FROM journal_bodies")
        .fetch_all(&mut bench.connection().await)
        .await
        .unwrap();
    // One a run: whoever reads the store cannot even tell that both sent the same.
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row.get::<Vec<u8>, _>("name").len() == 32));
}

/// What somebody who can write to the disk makes of a run's payloads. `:run` is the run, `:other` another one.
const TAMPERED: [(&str, &str); 10] = [
    (
        "a call at another place",
        "UPDATE journal SET call = (SELECT call FROM journal WHERE run = :run AND place = 4) WHERE run = :run AND place = 1",
    ),
    (
        "a record at another place",
        "UPDATE journal SET place = 9 WHERE run = :run AND place = 4",
    ),
    ("an entry less", "DELETE FROM journal WHERE run = :run AND place = 0"),
    (
        "a call as an outcome",
        "UPDATE journal SET outcome = call WHERE run = :run AND place = 1",
    ),
    (
        "a call of another run",
        "UPDATE journal SET call = (SELECT call FROM journal WHERE run = :other AND place = 1) WHERE run = :run AND place = 1",
    ),
    (
        "the key of another run",
        "UPDATE runs SET key = (SELECT key FROM runs WHERE id = :other) WHERE id = :run",
    ),
    (
        "a body of another run",
        "UPDATE journal_bodies SET bytes = (SELECT bytes FROM journal_bodies WHERE run = :other LIMIT 1) WHERE run = :run",
    ),
    (
        "a body under another's name",
        "UPDATE journal_bodies SET bytes = (SELECT bytes FROM journal_bodies b WHERE b.run = :run AND b.name <> journal_bodies.name) \
         WHERE run = :run",
    ),
    ("no body", "DELETE FROM journal_bodies WHERE run = :run"),
    (
        "plain text",
        "UPDATE journal SET call = CAST('{}' AS BLOB) WHERE run = :run AND place = 1",
    ),
];

#[tokio::test]
async fn a_payload_opens_at_its_own_place_only() {
    for (what, sql) in TAMPERED {
        for tenant in ["acme", "other"] {
            let bench = Bench::new(Known::OnRecord).await;
            let (run, other) = (
                bench.run("acme", Uuid::now_v7()).await,
                bench.run(tenant, Uuid::now_v7()).await,
            );
            for run in [&run, &other] {
                let two = [records("{}", &[7; 70_000]), records("{}", &[8; 70_000])].concat();
                bench.host().journal.start(run, two.clone()).await.unwrap();
                assert_eq!(bench.host().journal.read(run).await.unwrap(), two, "{what}");
            }
            assert!(tamper(&bench, sql, &run, &other).await > 0, "{what} changes nothing");
            let damaged = |error: &JournalError| error.code() == gate::Code::JOURNAL_DAMAGED && !error.retryable();
            refused(bench.host().journal.read(&run).await, damaged);
            refused(bench.host().journal.claim(&run).await, damaged);
            bench.host().journal.read(&other).await.unwrap();
        }
    }
}

async fn tamper(bench: &Bench, sql: &'static str, run: &RunKey, other: &RunKey) -> u64 {
    let text = |key: &RunKey| format!("x'{}'", key.run.simple());
    let sql = sql.replace(":run", &text(run)).replace(":other", &text(other));
    let done = sqlx::query(sqlx::AssertSqlSafe(sql))
        .execute(&mut bench.connection().await)
        .await;
    done.unwrap().rows_affected()
}

/// A call with its outcome, both with this text and the same large body.
fn records(text: &str, body: &[u8]) -> Vec<Record> {
    vec![
        begun(),
        Record {
            call: Some(payload(text, &[body])),
            ..sent()
        },
        Record {
            outcome: Some(payload(text, &[body])),
            ..finished()
        },
    ]
}
