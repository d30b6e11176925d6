//! SOQL with bound values, read batch by batch up to a limit.

use serde::Deserialize;
use serde_json::{Map, Value};
use skillhost_sdk::http::{self, HeaderValue, Uri};
use skillhost_sdk::{ToolError, info};

use crate::bind;
use crate::exports::skillhost::salesforce::records::{Found, Question};
use crate::service::{self, Effect};
use crate::table::Rows;

const DEFAULT: u32 = 200;
const MOST: u32 = 5_000;

/// What Salesforce gives at once, at least and at most.
const BATCH: std::ops::RangeInclusive<usize> = 200..=2_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    total_size: u32,
    done: bool,
    next_records_url: Option<String>,
    records: Vec<Map<String, Value>>,
}

/// Answers a question.
pub(crate) fn run(question: &Question) -> Result<Found, ToolError> {
    let most = question.max_records.unwrap_or(DEFAULT);
    if !(1..=MOST).contains(&most) {
        let message = format!("Ask for 1 to {MOST} records.");
        return Err(ToolError::invalid_argument(message).detail("field", "question.max_records"));
    }
    let soql = bind::bind(&question.soql, question.parameters.as_deref().unwrap_or_default())?;
    let resource = if question.include_deleted == Some(true) {
        "queryAll"
    } else {
        "query"
    };
    let mut url = service::url(&[resource], &[("q", &soql)])?;
    let (most, mut rows) = (most as usize, Rows::default());
    loop {
        let batch = read(url, most)?;
        let all = batch
            .records
            .iter()
            .all(|record| rows.len() < most && rows.push(record));
        if batch.done || !all || rows.len() == most {
            info!("found {} records and answered {}", batch.total_size, rows.len());
            let complete = batch.done && all;
            return Ok(Found {
                total: batch.total_size,
                complete,
                records: rows.table(),
            });
        }
        // An empty batch before the last would be followed for ever.
        let path = batch.next_records_url.filter(|_| !batch.records.is_empty());
        url = service::follow(path.as_deref().unwrap_or_default())?;
    }
}

fn read(url: Uri, most: usize) -> Result<Batch, ToolError> {
    let mut request = http::get(url);
    let size = most.clamp(*BATCH.start(), *BATCH.end());
    let options = HeaderValue::from_str(&format!("batchSize={size}"))?;
    request.headers_mut().insert("sforce-query-options", options);
    service::json(&service::send(request, Effect::Read)?, Effect::Read)
}
