//! Inserting the records of runs: many with one statement, whose text is made once for each number of rows.

use std::sync::{Arc, OnceLock};

use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection};

use super::StoreError;
use super::row::micros;
use super::runs::RunRow;
use crate::seal::Sealed;

/// Inserts these records, or takes in what has become of runs that are on record.
pub(super) async fn runs(connection: &mut SqliteConnection, mut rows: Vec<RunRow>) -> Result<(), StoreError> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(MOST));
        INSERT.query(rows).execute(&mut *connection).await?;
        rows = rest;
    }
    Ok(())
}

/// The same as a transaction of its own. Statements go to SQLite's thread one at a time, and sending them takes longer
/// than executing them: most batches are one.
pub(super) async fn commit_runs(connection: &mut SqliteConnection, rows: Vec<RunRow>) -> Result<(), StoreError> {
    if rows.len() <= MOST {
        COMMIT.query(rows).execute(connection).await?;
        return Ok(());
    }
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
    runs(&mut *connection, rows).await?;
    sqlx::query("COMMIT").execute(connection).await?;
    Ok(())
}

/// Inserts a record, unless the run is on record.
pub(super) async fn new_run(connection: &mut SqliteConnection, row: RunRow) -> Result<(), StoreError> {
    INSERT_NEW.query(vec![row]).execute(connection).await?;
    Ok(())
}

/// Rows of one statement at most. Each number of rows is a statement of its own, and all of them stay prepared.
const MOST: usize = 64;

static INSERT: Statement = Statement::new("", UPDATE, "");
static COMMIT: Statement = Statement::new("BEGIN IMMEDIATE; ", UPDATE, "; COMMIT");
static INSERT_NEW: Statement = Statement::new("", " ON CONFLICT (tenant, id) DO NOTHING", "");

const UPDATE: &str = " ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, code = excluded.code, \
                      ended_at = excluded.ended_at, fuel = excluded.fuel, guest_us = excluded.guest_us, \
                      result = excluded.result, logs = excluded.logs, logs_dropped = excluded.logs_dropped, \
                      wake_at = excluded.wake_at, cut_off = excluded.cut_off";

/// A statement for each number of rows.
struct Statement {
    before: &'static str,
    conflict: &'static str,
    after: &'static str,
    texts: [OnceLock<Arc<str>>; MOST + 1],
}

impl Statement {
    const fn new(before: &'static str, conflict: &'static str, after: &'static str) -> Self {
        Self {
            before,
            conflict,
            after,
            texts: [const { OnceLock::new() }; MOST + 1],
        }
    }

    /// It with these rows, of which there are [`MOST`] at most.
    fn query(&self, rows: Vec<RunRow>) -> Query<'static, Sqlite, SqliteArguments> {
        let text = match self.texts.get(rows.len()) {
            Some(known) => Arc::clone(known.get_or_init(|| self.text(rows.len()))),
            None => self.text(rows.len()),
        };
        rows.into_iter().fold(sqlx::query(AssertSqlSafe(text)), bind)
    }

    fn text(&self, rows: usize) -> Arc<str> {
        const COLUMNS: &str = "tenant, id, skill, version, digest, tool, by, state, code, started_at, ended_at, fuel, \
                               guest_us, key, arguments, result, logs, logs_dropped, start, wake_at, cut_off";
        let row = format!("({})", vec!["?"; COLUMNS.split(',').count()].join(", "));
        let values = vec![row; rows].join(", ");
        let (before, conflict, after) = (self.before, self.conflict, self.after);
        format!("{before}INSERT INTO runs ({COLUMNS}) VALUES {values}{conflict}{after}").into()
    }
}

/// One row, in the order of the columns.
fn bind(query: Query<'static, Sqlite, SqliteArguments>, row: RunRow) -> Query<'static, Sqlite, SqliteArguments> {
    let title = row.title;
    query
        .bind(title.tenant.to_string())
        .bind(title.id.0.as_bytes().to_vec())
        .bind(title.skill.to_string())
        .bind(title.version)
        .bind(title.digest.as_bytes().to_vec())
        .bind(title.tool)
        .bind(title.by)
        .bind(title.state.as_str())
        .bind(title.code)
        .bind(micros(title.started_at))
        .bind(title.ended_at.map(micros))
        .bind(title.fuel.cast_signed())
        .bind(title.guest_us.cast_signed())
        .bind(row.key.into_bytes())
        .bind(row.arguments.into_bytes())
        .bind(row.result.map(Sealed::into_bytes))
        .bind(row.logs.map(Sealed::into_bytes))
        .bind(row.logs_dropped.cast_signed())
        .bind(row.start.into_bytes())
        .bind(row.wake_at.map(micros))
        .bind(i64::from(row.cut_off))
}
