//! One HTTP/1.1 connection, and those that are kept for a next request.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use url::Host;

use crate::connect;
use crate::error::{Code, Error};
use crate::resolve::Judged;
use crate::rule::{Caps, Rule};
use crate::target::Target;
use driver::Driver;

mod driver;
mod pool;

pub(crate) use pool::Pool;

/// hyper's least buffer.
const LEAST_BUFFER: usize = 8 << 10;

/// An open connection. Dropping it closes it, whatever state it is in.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    peer: SocketAddr,
    origin: Origin,
    driver: Driver,
}

/// Whom a connection was opened for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    secure: bool,
    host: Host<String>,
    port: u16,
    credential: bool,
}

impl Connection {
    /// # Errors
    /// `connect-failed` and `tls-failed`.
    pub(crate) async fn open(
        rule: &Rule,
        target: &Target,
        judged: &Judged,
        tls: Option<Arc<ClientConfig>>,
    ) -> Result<Self, Error> {
        let opened = connect::open(target, judged, tls, rule.times().connect).await?;
        let started = settings(rule.caps()).handshake(TokioIo::new(opened.stream)).await;
        let failed = |cause| Error::new(Code::ConnectFailed, format!("`{}` hung up.", target.host())).keep(cause);
        let (sender, moving) = started.map_err(|cause: hyper::Error| failed(cause))?;
        Ok(Self {
            sender,
            peer: opened.peer,
            origin: Origin::of(target),
            driver: Driver::new(moving),
        })
    }

    /// Sends a request and reads the head of its reply.
    ///
    /// # Errors
    /// `connection-lost`, `reply-malformed`, `reply-head-too-large`.
    pub(crate) async fn exchange(&mut self, head: Parts, body: Bytes) -> Result<http::Response<Incoming>, Error> {
        let request = http::Request::from_parts(head, Full::new(body));
        let answered = self.driver.drive(self.sender.try_send_request(request)).await;
        answered.map_err(|mut failed| {
            let unsent = failed.take_message().is_some();
            let error = failure(failed.into_error());
            if unsent { error } else { error.maybe_sent() }
        })
    }

    /// The next piece of a reply's body that comes by this connection.
    pub(crate) async fn frame(&self, body: &mut Incoming) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        self.driver.drive(body.frame()).await
    }

    /// Waits until another request can be sent. Says whether one ever can: the other side's last byte was read, and it wants
    /// more.
    async fn is_free(&mut self) -> bool {
        let ready = self.driver.drive(self.sender.ready()).await;
        self.driver.rest();
        ready.is_ok()
    }
}

impl Origin {
    fn of(target: &Target) -> Self {
        Self {
            secure: target.secure(),
            host: target.parsed_host().clone(),
            port: target.port(),
            credential: target.takes_credential(),
        }
    }
}

fn settings(caps: &Caps) -> Builder {
    let mut builder = Builder::new();
    builder
        .max_headers(caps.reply_headers)
        .max_header_size(caps.reply_head)
        .max_buf_size(caps.reply_head.max(LEAST_BUFFER));
    builder
}

/// What a failure of HTTP/1.1 is to the caller.
pub(crate) fn failure(cause: hyper::Error) -> Error {
    let (code, told) = if cause.is_parse_too_large() {
        (
            Code::ReplyHeadTooLarge,
            "The reply's head is larger than the binding allows.",
        )
    } else if cause.is_parse() || damaged(&cause) {
        (Code::ReplyMalformed, "The reply is not HTTP.")
    } else {
        (Code::ConnectionLost, "The connection ended before the reply did.")
    };
    Error::new(code, told).keep(cause)
}

/// Chunks and trailers that cannot be read come as errors of the stream.
fn damaged(cause: &hyper::Error) -> bool {
    use std::io::ErrorKind::{InvalidData, InvalidInput};
    let cause = std::error::Error::source(cause).and_then(|source| source.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| matches!(cause.kind(), InvalidData | InvalidInput))
}
