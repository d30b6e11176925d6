//! Answers, honest ones and others.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, LINK, LOCATION};
use axum::http::{Response, StatusCode};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::{StreamExt as _, stream};

use super::artifact::Content;

/// What a client gets.
#[derive(Debug)]
pub enum Answer {
    /// An answer of HTTP; its body may break off, which ends the connection in order.
    Http(Response<Body>),
    /// The connection is reset, after as much of this as was sent.
    Reset(Option<Response<Body>>),
    /// These bytes, whether or not they are HTTP, and then the end of the connection.
    Raw(Bytes),
    /// Nothing, for ever.
    Silence,
}

impl Answer {
    /// The same with one more header, or with another value of it.
    ///
    /// # Panics
    /// If the answer has no headers, or this is none.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        let (Self::Http(response) | Self::Reset(Some(response))) = &mut self else {
            panic!("this answer has no headers");
        };
        let value = HeaderValue::from_str(value).expect("a header's value is text");
        response.headers_mut().insert(name, value);
        self
    }
}

/// Bytes as an honest registry sends them.
#[must_use]
pub fn document(content: &Content) -> Answer {
    ok(content.media_type, &content.bytes)
}

/// 200 with these bytes.
#[must_use]
pub fn ok(media_type: &str, bytes: &Bytes) -> Answer {
    Answer::Http(Response::new(Body::from(bytes.clone()))).with(CONTENT_TYPE, media_type)
}

/// A status with these headers and no body.
///
/// # Panics
/// If there is no such status.
#[must_use]
pub fn status(status: u16, headers: &[(HeaderName, &str)]) -> Answer {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status has three digits");
    let add = |answer: Answer, (name, value): &(HeaderName, &str)| answer.with(name.clone(), value);
    headers.iter().fold(Answer::Http(response), add)
}

/// The client is sent there, and is to bring along what it has.
#[must_use]
pub fn redirect(to: &str) -> Answer {
    status(307, &[(LOCATION, to)])
}

/// A list that says there is more, at `next`.
#[must_use]
pub fn page(list: &Bytes, next: &str) -> Answer {
    ok(super::artifact::INDEX, list).with(LINK, &format!("<{next}>; rel=\"next\""))
}

/// Bytes without an end, as fast as they are read, in chunks.
#[must_use]
pub fn endless(media_type: &str) -> Answer {
    let chunk = Bytes::from(vec![b' '; 1 << 16]);
    of(
        media_type,
        Body::from_stream(stream::repeat(chunk).map(Ok::<_, Infallible>)),
    )
}

/// One byte, and then another after so long, for ever.
#[must_use]
pub fn drip(media_type: &str, every: Duration) -> Answer {
    let bytes = stream::repeat(Bytes::from_static(b" ")).then(move |byte| async move {
        tokio::time::sleep(every).await;
        Ok::<_, Infallible>(byte)
    });
    of(media_type, Body::from_stream(bytes))
}

/// Headers, and then nothing.
#[must_use]
pub fn stall(media_type: &str) -> Answer {
    of(
        media_type,
        Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()),
    )
}

/// A body whose length is said to be this, and of which nothing comes.
#[must_use]
pub fn promised(media_type: &str, length: u64) -> Answer {
    stall(media_type).with(CONTENT_LENGTH, &length.to_string())
}

/// All of these bytes under a length of one more or less than they have.
#[must_use]
pub fn wrong_length(media_type: &str, bytes: &Bytes, length: usize) -> Answer {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\n\r\n");
    Answer::Raw([head.as_bytes(), bytes].concat().into())
}

/// Half of the bytes, and the end of the connection.
#[must_use]
pub fn truncated(media_type: &str, bytes: &Bytes) -> Answer {
    Answer::Http(half(media_type, bytes))
}

/// Half of the bytes, and the connection is reset.
#[must_use]
pub fn reset(media_type: &str, bytes: &Bytes) -> Answer {
    Answer::Reset(Some(half(media_type, bytes)))
}

/// So many mebibytes of zeros, compressed to almost nothing, and said to be.
///
/// # Panics
/// Never: memory takes what is written to it.
#[must_use]
pub fn gzip_bomb(media_type: &str, mebibytes: usize) -> Answer {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..mebibytes {
        io::Write::write_all(&mut bomb, &[0; 1 << 20]).expect("memory takes what is written to it");
    }
    let bomb = bomb.finish().expect("memory takes what is written to it");
    ok(media_type, &bomb.into()).with(CONTENT_ENCODING, "gzip")
}

/// So many bytes of headers before anything else.
#[must_use]
pub fn headers(bytes: usize) -> Answer {
    let name = |number: usize| format!("x-{number}: {}\r\n", "x".repeat(1 << 10));
    let headers: String = (0..bytes >> 10).map(name).collect();
    Answer::Raw(format!("HTTP/1.1 200 OK\r\n{headers}content-length: 0\r\n\r\n").into())
}

fn half(media_type: &str, bytes: &Bytes) -> Response<Body> {
    let parts = [Ok(bytes.slice(..bytes.len() / 2)), Err(io::Error::other("gone"))];
    let mut response = Response::new(Body::from_stream(stream::iter(parts)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_str(media_type).expect("a media type is text"),
    );
    response
}

fn of(media_type: &str, body: Body) -> Answer {
    Answer::Http(Response::new(body)).with(CONTENT_TYPE, media_type)
}
