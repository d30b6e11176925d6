//! One request of a dialect sent, and its answer put together.

use std::time::Duration;

use egress::{Reply, Request, Sent, Streamed};
use gate::{Cleared, Code, Failure};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;

use super::ModelBackend;
use crate::dialect::{Dialect, Framing, Wire};
use crate::frames::Frames;
use crate::trouble;

/// How long the end of a body may come after the end of the answer in it.
const REST: Duration = Duration::from_secs(1);

/// An answer as the dialect reads it.
pub(super) struct Got {
    pub(super) headers: HeaderMap,
    pub(super) whole: Value,
}

pub(super) async fn exchange(
    backend: &ModelBackend,
    dialect: &dyn Dialect,
    wire: Wire,
    call: &Cleared,
) -> Result<Got, Failure> {
    let asked = wire.framing;
    let request = request(backend, wire, call.reply_limit())?;
    let mut reply = open(backend, request.clone()).await?;
    if !reply.status.is_success() {
        let (refused, refusal) = refused(dialect, reply).await?;
        // Whoever knows a login no more did nothing, so it is sent once more, with a token that is fetched anew.
        if refused.code != trouble::UNAUTHORIZED || !backend.client.invalidate(&refusal) {
            return Err(refused);
        }
        reply = open(backend, request).await?;
    }
    if !reply.status.is_success() {
        return Err(refused(dialect, reply).await?.0);
    }
    match Frames::new(framing(asked, &reply.headers)) {
        Some(frames) => gathered(dialect, frames, reply, call).await,
        None => whole(reply).await,
    }
}

fn request(backend: &ModelBackend, wire: Wire, reply_limit: u64) -> Result<Request, Failure> {
    let target = backend
        .client
        .rule()
        .below(&wire.path)
        .map_err(|error| failure(&error))?;
    let mut request = Request::new(Method::POST, target);
    request
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    request.headers.insert(ACCEPT, accepted(wire.framing));
    for (name, value) in backend.place.headers.iter().chain(&wire.headers) {
        let value = HeaderValue::from_str(value).map_err(|_| unsendable())?;
        request.headers.insert(name, value);
    }
    request.body = wire.body;
    request.reply_most = usize::try_from(reply_limit).unwrap_or(usize::MAX);
    // Asking twice is paid twice, so the gate is told where it may have happened.
    request.reusing = true;
    Ok(request)
}

const fn accepted(framing: Framing) -> HeaderValue {
    HeaderValue::from_static(match framing {
        Framing::Whole => "application/json",
        Framing::ServerSent => "text/event-stream, application/json",
        Framing::Amazon => "application/vnd.amazon.eventstream, application/json",
    })
}

/// A server that does not stream answers a request for a stream whole.
fn framing(asked: Framing, headers: &HeaderMap) -> Framing {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    match kind.trim() {
        "application/json" => Framing::Whole,
        "text/event-stream" => Framing::ServerSent,
        "application/vnd.amazon.eventstream" => Framing::Amazon,
        _ => asked,
    }
}

async fn open(backend: &ModelBackend, request: Request) -> Result<Streamed, Failure> {
    backend.client.open(request).await.map_err(|error| failure(&error))
}

/// What an answer without success means.
async fn refused(dialect: &dyn Dialect, reply: Streamed) -> Result<(Failure, Reply), Failure> {
    let whole = reply.whole().await.map_err(|error| failure(&error))?;
    let refused = dialect.trouble(whole.status.as_u16(), &whole.headers, &whole.body);
    Ok((refused, whole))
}

async fn whole(reply: Streamed) -> Result<Got, Failure> {
    let reply = reply.whole().await.map_err(|error| failure(&error))?;
    Ok(Got {
        whole: serde_json::from_slice(&reply.body).map_err(trouble::malformed)?,
        headers: reply.headers,
    })
}

async fn gathered(
    dialect: &dyn Dialect,
    mut frames: Frames,
    mut reply: Streamed,
    call: &Cleared,
) -> Result<Got, Failure> {
    let mut gather = dialect.gather();
    while let Some(piece) = reply.piece().await.map_err(|error| cut(&error))? {
        for event in frames.push(&piece)? {
            if let Some(delta) = gather.event(&event)? {
                call.show(delta);
            }
        }
        if gather.is_complete() {
            break;
        }
    }
    let headers = reply.headers.clone();
    if gather.is_complete() {
        leave(reply);
    } else {
        frames.finish()?;
    }
    Ok(Got {
        whole: gather.whole()?,
        headers,
    })
}

/// Nobody waits for what follows a complete answer. It is read all the same, so that its connection can be used again.
fn leave(mut reply: Streamed) {
    tokio::spawn(async move {
        let rest = async { while let Ok(Some(_)) = reply.piece().await {} };
        let _late = tokio::time::timeout(REST, rest).await;
    });
}

/// A stream that ends in the middle is the model's answer cut, whatever the network says of it.
fn cut(error: &egress::Error) -> Failure {
    match error.code() {
        egress::Code::ConnectionLost => trouble::cut().keep(error),
        _ => failure(error),
    }
}

/// Why there is no reply, in the words of the way out: they name hosts and no secret.
fn failure(error: &egress::Error) -> Failure {
    let code = Code::new(error.code().as_str());
    let failure = match error.sent() {
        Sent::No => Failure::nothing_sent(code, error.told()),
        Sent::Maybe => Failure::perhaps_sent(code, error.told()),
    };
    let failure = match error.retryable() {
        true => failure.retryable(None),
        false => failure.elsewhere(),
    };
    match error.private() {
        Some(causes) => failure.keep(causes),
        None => failure,
    }
}

fn unsendable() -> Failure {
    Failure::nothing_sent(trouble::INVALID, "a header cannot be sent")
}
