//! A run followed while it goes on, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use gate::{Delta, Provisional};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::consents::EntryView;
use super::problem::{Answer, Problem, ProblemBody};
use super::runs::{RunSummary, run_id};
use crate::runs::{Follow, Happened};
use crate::token::Caller;

/// A piece of an answer that is not there yet. The attempt may still fail, and then this was never said: one of a later
/// attempt takes it back, and what holds is the entry in which the call ends.
#[derive(Serialize, ToSchema)]
#[schema(as = ProvisionalEvent)]
pub(super) struct ProvisionalView {
    /// The number of the call.
    number: u32,
    /// Which attempt of it, from 1.
    attempt: u32,
    /// More text of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// A tool that the answer asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
}

/// Header in which a client that comes again says what it had (HTML, 9.2.4).
const LAST: &str = "last-event-id";

/// Bytes that are sent where nothing happens, so that nobody on the way closes the connection.
const ALIVE: Duration = Duration::from_secs(15);

impl From<Provisional> for ProvisionalView {
    fn from(shown: Provisional) -> Self {
        let (text, tool) = match shown.delta {
            Delta::Text(text) => (Some(text), None),
            Delta::Tool(name) => (None, Some(name)),
        };
        Self {
            number: shown.number,
            attempt: shown.attempt,
            text,
            tool,
        }
    }
}

/// Follows a run until it has ended. Events are `entry` (one of the journal, with its place as the event's id),
/// `provisional` (a piece of an answer of a model that is not whole yet) and `state` (where the run stands; the last one
/// says how it ended). Who comes again with `Last-Event-ID` is told the entries after that one.
#[utoipa::path(get, path = "/v1/runs/{id}/events", tag = "runs", operation_id = "follow-run", params(
    ("id" = String, Path, description = "Its name"),
    ("last-event-id" = Option<String>, Header, description = "The id of the last entry that was seen"),
), responses(
    (status = 200, description = "What happens, as it happens: `JournalEntry`, `ProvisionalEvent` or `RunSummary`",
        body = String, content_type = "text/event-stream"),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn follow(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let from = after(&headers)?;
    let follow = app.runs.follow(caller.tenant(), run_id(&id)?, from).await?;
    let follow = follow.ok_or_else(|| Problem::unknown("run"))?;
    Ok(Sse::new(stream::unfold(Some(follow), next)).keep_alive(KeepAlive::new().interval(ALIVE)))
}

/// The place after the last that was seen.
fn after(headers: &HeaderMap) -> Answer<u64> {
    let Some(last) = headers.get(LAST) else { return Ok(0) };
    let last: Option<u64> = last.to_str().ok().and_then(|last| last.trim().parse().ok());
    last.and_then(|last| last.checked_add(1)).ok_or_else(|| {
        Problem::input(
            "last-event-id-invalid",
            "`Last-Event-ID` is the id of an event of this run: a number",
        )
    })
}

async fn next(follow: Option<Follow>) -> Option<(Result<Event, Infallible>, Option<Follow>)> {
    let mut follow = follow?;
    match follow.next().await {
        Ok(happened) => Some((Ok(event(happened?)), Some(follow))),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "a run cannot be followed any more"
            );
            None
        }
    }
}

fn event(happened: Happened) -> Event {
    let made = match happened {
        Happened::Provisional(shown) => Event::default()
            .event("provisional")
            .json_data(ProvisionalView::from(shown)),
        Happened::Entry(place, recorded) => Event::default()
            .event("entry")
            .id(place.to_string())
            .json_data(EntryView::from(*recorded)),
        Happened::State(title) => Event::default().event("state").json_data(RunSummary::from(*title)),
    };
    made.unwrap_or_default()
}
