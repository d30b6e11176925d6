//! What attempts at models used and cost, in sums that are kept beside the journals which say so.

mod recount;

use futures_util::TryStreamExt as _;
use gate::journal::{Charge, Entry, Event, Meter, Spent};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use registry::Tenant;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::journal::JournalId;
use super::row::{count, text};
use super::{Store, StoreError};

pub(super) use recount::recount;

/// What one agent's calls of one skill used in a day, on one way to one model, at the prices of one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// Whose.
    pub tenant: Tenant,
    /// The day, in UTC.
    pub day: Date,
    /// The skill: `namespace/name`.
    pub skill: String,
    /// Who invoked it: the name of a token.
    pub agent: String,
    /// The binding's name.
    pub binding: String,
    /// The backend's name in the binding.
    pub backend: String,
    /// The model as it was asked for.
    pub asked: String,
    /// The model that answered; nothing where none did.
    pub served: Option<String>,
    /// The version of the price list; nothing where it knows no price.
    pub prices: Option<String>,
    /// What was used.
    pub amounts: Amounts,
}

/// What calls of one kind used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Calls that were answered.
    pub calls: u64,
    /// Those of them whose tokens nobody counted.
    pub uncounted: u64,
    /// Tokens of the input at the base rate.
    pub input: u64,
    /// Tokens of the input that were read from a cache.
    pub cache_read: u64,
    /// Tokens of the input that were written to a cache.
    pub cache_write: u64,
    /// Tokens of the output, thoughts included.
    pub output: u64,
    /// Tokens of the output that are thoughts.
    pub reasoning: u64,
    /// What the calls cost whose price is known, in billionths of a US dollar.
    pub nano_dollars: u64,
    /// Attempts that may have left and have no answer.
    pub lost: u64,
    /// Those of them for which nobody knew what to reserve.
    pub lost_unpriced: u64,
    /// What was reserved for the others, in billionths of a US dollar.
    pub lost_nano_dollars: u64,
}

impl Store {
    /// Hands each sum of a tenant's from the first day to the last to `each`, those of the earliest day first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn usage(
        &self,
        tenant: &Tenant,
        (first, last): (Date, Date),
        mut each: impl FnMut(UsageRow) + Send,
    ) -> Result<(), StoreError> {
        let mut rows = sqlx::query("SELECT * FROM usage WHERE tenant = ? AND day BETWEEN ? AND ? ORDER BY day")
            .bind(tenant.as_str())
            .bind(first.to_string())
            .bind(last.to_string())
            .fetch(&self.readers);
        while let Some(row) = rows.try_next().await? {
            each(usage_row(&row)?);
        }
        Ok(())
    }
}

/// Adds up what entries settle that are added to a journal from this place on. The journal takes each entry once,
/// whatever ends or begins again around it, so each is counted once.
pub(super) async fn follow(
    connection: &mut SqliteConnection,
    id: &JournalId,
    from: u64,
    entries: &[&Entry],
) -> Result<(), StoreError> {
    if !entries.iter().any(|entry| Meter::settles(&entry.event)) {
        return Ok(());
    }
    let mut meter = Meter::default();
    for entry in call_before(&mut *connection, id, from).await? {
        meter.take(&entry);
    }
    for entry in entries {
        if let Some(charge) = meter.take(entry) {
            add(&mut *connection, id, &charge).await?;
        }
    }
    Ok(())
}

/// The entries before this place that belong to the last call there, in their order.
async fn call_before(connection: &mut SqliteConnection, id: &JournalId, from: u64) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT entry FROM journal WHERE tenant = ? AND run = ? AND place < ? ORDER BY place DESC";
    let mut rows = sqlx::query(sql)
        .bind(id.tenant.as_str())
        .bind(id.run.0.as_bytes().as_slice())
        .bind(from.cast_signed())
        .fetch(connection);
    let mut entries = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let entry = entry(&row)?;
        let begins = matches!(entry.event, Event::Begun { .. });
        entries.push(entry);
        if begins {
            break;
        }
    }
    entries.reverse();
    Ok(entries)
}

fn entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    let line: &str = row.try_get("entry")?;
    Entry::decode(line).map_err(|_| StoreError::Damaged("entry"))
}

/// Adds one charge to the sums of its day.
async fn add(connection: &mut SqliteConnection, id: &JournalId, charge: &Charge) -> Result<(), StoreError> {
    let amounts = Amounts::of(charge);
    let (asked, backend) = asked(charge);
    let (served, prices) = served(charge);
    sqlx::query(ADD)
        .bind(charge.at.to_zoned(TimeZone::UTC).date().to_string())
        .bind(&charge.binding.name)
        .bind(backend)
        .bind(asked)
        .bind(served)
        .bind(prices)
        .bind(kept(amounts.calls))
        .bind(kept(amounts.uncounted))
        .bind(kept(amounts.input))
        .bind(kept(amounts.cache_read))
        .bind(kept(amounts.cache_write))
        .bind(kept(amounts.output))
        .bind(kept(amounts.reasoning))
        .bind(kept(amounts.nano_dollars))
        .bind(kept(amounts.lost))
        .bind(kept(amounts.lost_unpriced))
        .bind(kept(amounts.lost_nano_dollars))
        .bind(id.tenant.as_str())
        .bind(id.run.0.as_bytes().as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

/// Who ran what stands in the record of the run, which is there before its journal. Integers of SQLite's that are too
/// large become floating-point numbers, so an amount that a provider invents must not reach the end of them.
const ADD: &str = "INSERT INTO usage SELECT tenant, ?, skill, by, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? \
    FROM runs WHERE tenant = ? AND id = ? \
    ON CONFLICT (tenant, day, skill, agent, binding, backend, asked, served, prices) DO UPDATE SET \
    calls = calls + excluded.calls, uncounted = uncounted + excluded.uncounted, \
    input = input + min(excluded.input, 9223372036854775807 - input), \
    cache_read = cache_read + min(excluded.cache_read, 9223372036854775807 - cache_read), \
    cache_write = cache_write + min(excluded.cache_write, 9223372036854775807 - cache_write), \
    output = output + min(excluded.output, 9223372036854775807 - output), \
    reasoning = reasoning + min(excluded.reasoning, 9223372036854775807 - reasoning), \
    nano_dollars = nano_dollars + min(excluded.nano_dollars, 9223372036854775807 - nano_dollars), \
    lost = lost + excluded.lost, lost_unpriced = lost_unpriced + excluded.lost_unpriced, \
    lost_nano_dollars = lost_nano_dollars + min(excluded.lost_nano_dollars, 9223372036854775807 - lost_nano_dollars)";

/// The longest name that a provider can give the model that answered. A longer one, or one that is none, is content of a
/// provider's own and is not kept.
const LONGEST: usize = 128;
const NO_NAME: &str = "?";

impl Amounts {
    fn of(charge: &Charge) -> Self {
        match &charge.spent {
            Spent::Answered(bill) => {
                let usage = bill.usage.unwrap_or_default();
                Self {
                    calls: 1,
                    uncounted: bill.usage.is_none().into(),
                    input: usage.input,
                    cache_read: usage.cache_read,
                    cache_write: usage.cache_write,
                    output: usage.output,
                    reasoning: usage.reasoning,
                    nano_dollars: bill.cost.as_ref().map_or(0, |cost| cost.nano_dollars),
                    ..Self::default()
                }
            }
            Spent::Lost(reserved) => Self {
                lost: 1,
                lost_unpriced: reserved.is_none().into(),
                lost_nano_dollars: reserved.unwrap_or_default(),
                ..Self::default()
            },
        }
    }
}

fn asked(charge: &Charge) -> (&str, &str) {
    match (&charge.chosen, &charge.spent) {
        (Some(chosen), _) => (&chosen.model, &chosen.backend),
        (None, Spent::Answered(bill)) => (&bill.model, &bill.backend),
        (None, Spent::Lost(_)) => (NO_NAME, NO_NAME),
    }
}

fn served(charge: &Charge) -> (&str, &str) {
    match &charge.spent {
        Spent::Answered(bill) => {
            let is_name =
                (1..=LONGEST).contains(&bill.model.len()) && bill.model.bytes().all(|byte| byte.is_ascii_graphic());
            let model = if is_name { bill.model.as_str() } else { NO_NAME };
            (model, bill.cost.as_ref().map_or("", |cost| &cost.prices))
        }
        Spent::Lost(_) => ("", ""),
    }
}

fn kept(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

fn usage_row(row: &SqliteRow) -> Result<UsageRow, StoreError> {
    let optional = |column| {
        let text: String = row.try_get(column)?;
        Ok::<_, StoreError>(Some(text).filter(|text| !text.is_empty()))
    };
    Ok(UsageRow {
        tenant: text(row, "tenant")?,
        day: text(row, "day")?,
        skill: row.try_get("skill")?,
        agent: row.try_get("agent")?,
        binding: row.try_get("binding")?,
        backend: row.try_get("backend")?,
        asked: row.try_get("asked")?,
        served: optional("served")?,
        prices: optional("prices")?,
        amounts: Amounts {
            calls: count(row, "calls")?,
            uncounted: count(row, "uncounted")?,
            input: count(row, "input")?,
            cache_read: count(row, "cache_read")?,
            cache_write: count(row, "cache_write")?,
            output: count(row, "output")?,
            reasoning: count(row, "reasoning")?,
            nano_dollars: count(row, "nano_dollars")?,
            lost: count(row, "lost")?,
            lost_unpriced: count(row, "lost_unpriced")?,
            lost_nano_dollars: count(row, "lost_nano_dollars")?,
        },
    })
}
