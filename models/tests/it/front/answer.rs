//! One request answered.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use http::{HeaderMap, Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use serde_json::Value;

use super::{Shared, Source, State, upstream};
use crate::tape::{Asked, Content, End, Told, differences};

pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Headers that change from run to run or with the version, or belong to one connection.
const PASSING: [&str; 8] = [
    "accept-encoding",
    "connection",
    "content-length",
    "date",
    "host",
    "server",
    "transfer-encoding",
    "user-agent",
];
/// Headers that log in, and what a signature needs.
const LOGIN: [&str; 7] = [
    "api-key",
    "authorization",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-api-key",
    "x-content-sha256",
];

pub(super) async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<Body>, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let asked = asked(&head, &body);
    let guard = Guard {
        at: shared.note(asked.clone()),
        shared: Arc::clone(&shared),
    };
    match &shared.source {
        Source::Live(double) => upstream::answer(*double, &asked, &head.headers, body, guard).await,
        Source::Record(exchanges) => {
            let Some(exchange) = exchanges.get(guard.at) else {
                return refuse(guard, format!("{} was asked once more than is recorded", asked.path)).await;
            };
            let mut lines = Vec::new();
            let value = |asked: &Asked| serde_json::to_value(asked).unwrap();
            differences("", &value(&exchange.request), &value(&asked), &mut lines);
            if !lines.is_empty() {
                return refuse(guard, lines.join("\n")).await;
            }
            tell(exchange.reply.clone(), guard).await
        }
        Source::Told(_) => {
            let next = {
                let mut queue = shared.queue.lock().unwrap();
                let place = queue.iter().position(|(host, _)| *host == asked.host);
                place.and_then(|place| queue.remove(place))
            };
            match next {
                Some((_, told)) => tell(told, guard).await,
                None => refuse(guard, format!("{} was asked and has no answer left", asked.host)).await,
            }
        }
    }
}

/// Marks a reply as left unless it came to its end.
pub(super) struct Guard {
    pub(super) at: usize,
    pub(super) shared: Arc<Shared>,
}

impl Guard {
    pub(super) fn ended(&self) {
        self.shared.change(self.at, |seen| seen.state = State::Ended);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.shared.change(self.at, |seen| {
            if seen.state == State::UnderWay {
                seen.state = State::Left;
                seen.told.end = End::Nothing;
            }
        });
    }
}

/// What can be compared of a request: no secret and nothing that passes.
fn asked(head: &http::request::Parts, body: &Bytes) -> Asked {
    let path = head.uri.path_and_query().unwrap().as_str();
    let (host, path) = path.trim_start_matches('/').split_once('/').unwrap();
    let names = head.headers.keys().map(|name| name.as_str().to_owned());
    Asked {
        method: head.method.to_string(),
        host: host.to_owned(),
        path: format!("/{path}"),
        login: names
            .filter(|name| LOGIN.contains(&name.as_str()))
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect(),
        headers: lasting(&head.headers),
        body: serde_json::from_slice(body).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body))),
    }
}

/// The headers of a message that are the same in every run.
pub(super) fn lasting(headers: &HeaderMap) -> BTreeMap<String, String> {
    let named = headers.iter().map(|(name, value)| (name.as_str(), value));
    let lasting = named.filter(|(name, _)| !PASSING.contains(name) && !LOGIN.contains(name));
    lasting
        .map(|(name, value)| (name.to_owned(), value.to_str().unwrap().to_owned()))
        .collect()
}

async fn refuse(guard: Guard, fault: String) -> Result<Response<Body>, io::Error> {
    guard.shared.change(guard.at, |seen| seen.fault = Some(fault.clone()));
    let told = Told {
        status: 500,
        body: Content::Text(fault),
        ..Told::default()
    };
    tell(told, guard).await
}

/// Says again what was recorded.
async fn tell(told: Told, guard: Guard) -> Result<Response<Body>, io::Error> {
    guard.shared.change(guard.at, |seen| seen.told = told.clone());
    if told.status == 0 {
        return match told.end {
            End::Nothing => std::future::pending().await,
            _ => {
                guard.ended();
                Err(io::Error::other("the connection is lost before a reply"))
            }
        };
    }
    let pieces: Vec<io::Result<Bytes>> = told.body.pieces().into_iter().map(Ok).collect();
    let pieces = stream::iter(pieces).boxed();
    let pieces = match told.end {
        End::Whole => pieces,
        End::Cut => pieces
            .chain(stream::once(async { Err(io::Error::other("cut")) }))
            .boxed(),
        End::Nothing => pieces.chain(stream::pending()).boxed(),
    };
    Ok(response(told.status, &told.headers, counted(pieces, guard)))
}

/// The pieces, counted as they go.
fn counted(pieces: BoxStream<'static, io::Result<Bytes>>, guard: Guard) -> BoxStream<'static, io::Result<Bytes>> {
    let counted = stream::unfold((pieces, guard), |(mut pieces, guard)| async move {
        // Between two pieces others get their turn, so that they come one after the other.
        tokio::task::yield_now().await;
        match pieces.next().await {
            Some(Ok(piece)) => {
                guard.shared.change(guard.at, |seen| seen.pieces += 1);
                Some((Ok(piece), (pieces, guard)))
            }
            Some(Err(error)) => {
                guard.ended();
                Some((Err(error), (stream::empty().boxed(), guard)))
            }
            None => {
                guard.ended();
                None
            }
        }
    });
    counted.boxed()
}

pub(super) fn response(
    status: u16,
    headers: &BTreeMap<String, String>,
    pieces: BoxStream<'static, io::Result<Bytes>>,
) -> Response<Body> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    let frames = pieces.map(|piece| piece.map(Frame::data));
    response.body(StreamBody::new(frames).boxed_unsync()).unwrap()
}
