//! The statements of each change, under a savepoint of the writer. Whatever conflicts is found before anything is
//! written.

use std::sync::Arc;

use gate::JournalError;
use gate::journal::{Entry, Event, Fence};
use sqlx::{QueryBuilder, Row as _, Sqlite, SqliteConnection};

use super::halted::Halted;
use super::{Added, Batch, JournalId, JournalRow, SELECT, entry, journal_row};
use crate::store::row::count;
use crate::store::{RunRow, StoreError, consents, insert, usage};

pub(super) async fn start(
    connection: &mut SqliteConnection,
    id: JournalId,
    run: Option<Arc<RunRow>>,
    batch: Batch,
) -> Result<(), Halted> {
    let lines = lines(batch.rows)?;
    record(&mut *connection, run).await?;
    let sql = "INSERT INTO journals (tenant, run, fence, length, ended) VALUES (?, ?, ?, ?, ?) \
               ON CONFLICT (tenant, run) DO NOTHING";
    let begun = sqlx::query(sql)
        .bind(id.tenant.as_str())
        .bind(id.run.0.as_bytes().as_slice())
        .bind(Fence::FIRST.0.cast_signed())
        .bind(length(&lines).cast_signed())
        .bind(ends(&lines))
        .execute(&mut *connection)
        .await?;
    if begun.rows_affected() == 0 {
        return Err(JournalError::Exists.into());
    }
    add(connection, &id, 0, &lines, &batch.bodies).await
}

pub(super) async fn claim(
    connection: &mut SqliteConnection,
    id: JournalId,
    run: Option<Arc<RunRow>>,
    from: u64,
) -> Result<(Fence, Vec<JournalRow>), Halted> {
    let rows = sqlx::query(SELECT)
        .bind(id.tenant.as_str())
        .bind(id.run.0.as_bytes().as_slice())
        .bind(from.cast_signed())
        .fetch_all(&mut *connection)
        .await?;
    let rows = rows.iter().map(journal_row).collect::<Result<_, _>>()?;
    record(&mut *connection, run).await?;
    // Above the first even where there is no journal: whoever was about to start one must not write here.
    let sql = "INSERT INTO journals (tenant, run, fence, length, ended) VALUES (?, ?, ?, 0, 0) \
               ON CONFLICT (tenant, run) DO UPDATE SET fence = fence + 1 RETURNING fence";
    let row = sqlx::query(sql)
        .bind(id.tenant.as_str())
        .bind(id.run.0.as_bytes().as_slice())
        .bind(Fence::FIRST.0.cast_signed() + 1)
        .fetch_one(connection)
        .await?;
    Ok((Fence(count(&row, "fence")?), rows))
}

pub(super) async fn append(
    connection: &mut SqliteConnection,
    id: JournalId,
    fence: Fence,
    from: u64,
    batch: Batch,
) -> Result<Added, Halted> {
    let lines = lines(batch.rows)?;
    let sql = "UPDATE journals SET length = length + ?, ended = ? \
               WHERE tenant = ? AND run = ? AND fence = ? AND length = ? AND ended = 0";
    let held = sqlx::query(sql)
        .bind(length(&lines).cast_signed())
        .bind(ends(&lines))
        .bind(id.tenant.as_str())
        .bind(id.run.0.as_bytes().as_slice())
        .bind(fence.0.cast_signed())
        .bind(from.cast_signed())
        .execute(&mut *connection)
        .await?;
    if held.rows_affected() == 0 {
        return Ok(Added::Moved(unheld(connection, &id, fence).await?));
    }
    add(connection, &id, from, &lines, &batch.bodies).await?;
    Ok(Added::Kept)
}

pub(super) async fn decide(connection: &mut SqliteConnection, id: JournalId, decision: Entry) -> Result<(), Halted> {
    let journal = head(&mut *connection, &id).await?;
    if journal.ended {
        return Err(JournalError::Ended.into());
    }
    let rows = sqlx::query("SELECT entry FROM journal WHERE tenant = ? AND run = ? AND number = ? ORDER BY place")
        .bind(id.tenant.as_str())
        .bind(id.run.0.as_bytes().as_slice())
        .bind(decision.number)
        .fetch_all(&mut *connection)
        .await?;
    let recorded: Vec<Entry> = rows.iter().map(entry).collect::<Result<_, _>>()?;
    decision.fits(&recorded)?;
    let lines = lines(vec![JournalRow {
        entry: decision,
        call: None,
        outcome: None,
    }])?;
    sqlx::query("UPDATE journals SET length = length + 1 WHERE tenant = ? AND run = ?")
        .bind(id.tenant.as_str())
        .bind(id.run.0.as_bytes().as_slice())
        .execute(&mut *connection)
        .await?;
    add(connection, &id, journal.length, &lines, &[]).await
}

/// Rows of one statement. Each number of rows is a statement of its own, and all of them stay prepared.
const ROWS: usize = 16;

/// An entry and its text.
struct Line {
    row: JournalRow,
    text: String,
}

/// What is known of a journal without its entries.
struct Head {
    fence: Fence,
    length: u64,
    ended: bool,
}

fn lines(rows: Vec<JournalRow>) -> Result<Vec<Line>, Halted> {
    rows.into_iter()
        .map(|row| {
            let text = row.entry.encode()?;
            Ok(Line { row, text })
        })
        .collect()
}

const fn length(lines: &[Line]) -> u64 {
    lines.len() as u64
}

fn ends(lines: &[Line]) -> bool {
    lines
        .iter()
        .any(|line| matches!(line.row.entry.event, Event::Ended { .. }))
}

async fn record(connection: &mut SqliteConnection, run: Option<Arc<RunRow>>) -> Result<(), StoreError> {
    match run {
        Some(run) => insert::new_run(connection, Arc::unwrap_or_clone(run)).await,
        None => Ok(()),
    }
}

/// Why nothing could be added, or how long the journal is.
async fn unheld(connection: &mut SqliteConnection, id: &JournalId, fence: Fence) -> Result<u64, Halted> {
    let journal = head(connection, id).await?;
    if journal.fence != fence {
        return Err(JournalError::Superseded.into());
    }
    if journal.ended {
        return Err(JournalError::Ended.into());
    }
    Ok(journal.length)
}

async fn head(connection: &mut SqliteConnection, id: &JournalId) -> Result<Head, Halted> {
    let row = sqlx::query("SELECT fence, length, ended FROM journals WHERE tenant = ? AND run = ?")
        .bind(id.tenant.as_str())
        .bind(id.run.0.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?
        .ok_or(JournalError::Unknown)?;
    Ok(Head {
        fence: Fence(count(&row, "fence")?),
        length: count(&row, "length")?,
        ended: row.try_get("ended")?,
    })
}

async fn add(
    connection: &mut SqliteConnection,
    id: &JournalId,
    from: u64,
    lines: &[Line],
    bodies: &[super::JournalBody],
) -> Result<(), Halted> {
    for (group, from) in lines.chunks(ROWS).zip((from..).step_by(ROWS)) {
        insert_lines(id, from, group).build().execute(&mut *connection).await?;
    }
    for body in bodies {
        let sql = "INSERT INTO journal_bodies (tenant, run, name, bytes) VALUES (?, ?, ?, ?) \
                   ON CONFLICT (tenant, run, name) DO NOTHING";
        sqlx::query(sql)
            .bind(id.tenant.as_str())
            .bind(id.run.0.as_bytes().as_slice())
            .bind(body.name.as_slice())
            .bind(body.bytes.as_bytes())
            .execute(&mut *connection)
            .await?;
    }
    for line in lines {
        consents::follow(&mut *connection, id, &line.row.entry).await?;
    }
    let entries: Vec<&Entry> = lines.iter().map(|line| &line.row.entry).collect();
    usage::follow(connection, id, from, &entries).await?;
    Ok(())
}

fn insert_lines(id: &JournalId, from: u64, lines: &[Line]) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("INSERT INTO journal (tenant, run, place, number, entry, call, outcome) ");
    query.push_values(lines.iter().zip(from..), |mut values, (line, place)| {
        values.push_bind(id.tenant.to_string());
        values.push_bind(id.run.0.as_bytes().to_vec());
        values.push_bind(place.cast_signed());
        values.push_bind(line.row.entry.number);
        values.push_bind(line.text.clone());
        values.push_bind(line.row.call.as_ref().map(|call| call.as_bytes().to_vec()));
        values.push_bind(line.row.outcome.as_ref().map(|outcome| outcome.as_bytes().to_vec()));
    });
    query
}
