//! A request handed on to the double, and its reply kept while it is handed back.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::answer::{Body, Guard, lasting, response};
use crate::tape::{Asked, Content, End};

/// So soon what follows an error has come.
const REST: Duration = Duration::from_millis(500);

pub(super) async fn answer(
    double: SocketAddr,
    asked: &Asked,
    headers: &HeaderMap,
    body: Bytes,
    guard: Guard,
) -> Result<Response<Body>, io::Error> {
    let upstream = match send(double, asked, headers, body).await {
        Ok(upstream) => upstream,
        Err(error) => {
            guard.shared.change(guard.at, |seen| seen.told.end = End::Cut);
            guard.ended();
            return Err(error);
        }
    };
    let (head, incoming) = upstream.into_parts();
    let kept = lasting(&head.headers);
    guard.shared.change(guard.at, |seen| {
        seen.told.status = head.status.as_u16();
        seen.told.headers = kept.clone();
    });
    let (to, from) = mpsc::channel(1);
    tokio::spawn(keep(incoming, guard, to));
    let pieces = stream::unfold(from, |mut from| async move { Some((from.recv().await?, from)) });
    Ok(response(head.status.as_u16(), &kept, pieces.boxed()))
}

/// Keeps a body while it is handed back. Whoever asked may leave at an error that comes as an event; what follows it is
/// kept too, if it follows soon.
async fn keep(mut incoming: Incoming, guard: Guard, to: mpsc::Sender<io::Result<Bytes>>) {
    let mut bytes = Vec::new();
    loop {
        let frame = tokio::select! {
            frame = incoming.frame() => frame,
            () = to.closed() => break,
        };
        let piece = frame.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default()));
        match piece {
            None => return guard.ended(),
            Some(Err(error)) => {
                guard.shared.change(guard.at, |seen| seen.told.end = End::Cut);
                let _left = to.send(Err(io::Error::other(error))).await;
                return guard.ended();
            }
            Some(Ok(piece)) => {
                bytes.extend_from_slice(&piece);
                body(&guard, &bytes);
                if to.send(Ok(piece)).await.is_err() {
                    break;
                }
                guard.shared.change(guard.at, |seen| seen.pieces += 1);
            }
        }
    }
    let rest = tokio::time::timeout(REST, incoming.collect()).await;
    if let Ok(Ok(rest)) = rest {
        bytes.extend_from_slice(&rest.to_bytes());
        body(&guard, &bytes);
        guard.ended();
    }
}

fn body(guard: &Guard, bytes: &[u8]) {
    guard.shared.change(guard.at, |seen| {
        let kind = seen.told.headers.get("content-type").map_or("", String::as_str);
        seen.told.body = Content::of(kind, bytes);
        if seen.told.headers.contains_key("x-double-refused") {
            seen.fault = Some(format!("the double refused {}: {:?}", seen.asked.path, seen.told.body));
        }
    });
}

/// What the double says of the requests that it saw.
pub(crate) async fn observed(double: SocketAddr) -> Value {
    let asked = Asked {
        method: "GET".to_owned(),
        host: double.to_string(),
        path: "/__double/observed".to_owned(),
        ..Asked::default()
    };
    let reply = send(double, &asked, &HeaderMap::new(), Bytes::new()).await.unwrap();
    let body = reply.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

async fn send(
    double: SocketAddr,
    asked: &Asked,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Response<Incoming>, io::Error> {
    let stream = TcpStream::connect(double).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(connection);
    let mut request = Request::builder().method(asked.method.as_str()).uri(&asked.path);
    for (name, value) in headers {
        if ![HOST, CONTENT_LENGTH, TRANSFER_ENCODING].contains(name) {
            request = request.header(name, value);
        }
    }
    let request = request.header(HOST, &asked.host).body(Full::new(body)).unwrap();
    sender.send_request(request).await.map_err(io::Error::other)
}
