//! Servers that mean harm: each kind of it ends with its code.

use std::io::Write as _;
use std::time::Duration;

use egress::{Code, RuleSettings, Sent};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::AsyncWriteExt;

use crate::server::{Behaviour, Server, answers, behaviour, client, get, read_request};

/// One kind of harm, and the code that ends it.
struct Case(&'static str, Behaviour, Code);

/// Repeats a piece until the other side has had enough.
fn endless(head: &'static str, piece: String) -> Behaviour {
    let piece = std::sync::Arc::new(piece);
    behaviour(move |mut stream, _| {
        let piece = std::sync::Arc::clone(&piece);
        async move {
            read_request(&mut stream).await?;
            stream.write_all(head.as_bytes()).await?;
            loop {
                stream.write_all(piece.as_bytes()).await?;
            }
        }
    })
}

/// Sends a byte, and another, and another.
fn drip(head: &'static str) -> Behaviour {
    behaviour(move |mut stream, _| async move {
        read_request(&mut stream).await?;
        stream.write_all(head.as_bytes()).await?;
        loop {
            stream.write_all(b"x").await?;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
}

/// Sends this and hangs up.
fn hang_up(text: impl Into<Vec<u8>>) -> Behaviour {
    let text = std::sync::Arc::new(text.into());
    behaviour(move |mut stream, _| {
        let text = std::sync::Arc::clone(&text);
        async move {
            read_request(&mut stream).await?;
            stream.write_all(&text).await
        }
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn encoded(coding: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn silence() -> Behaviour {
    behaviour(|mut stream, _| async move {
        read_request(&mut stream).await?;
        std::future::pending().await
    })
}

/// What is sent before a server hangs up.
const BROKEN_OFF: &[(&str, &str)] = &[
    ("hangs up at once", ""),
    ("hangs up in its status", "HTTP/1.1 2"),
    ("hangs up in its head", "HTTP/1.1 200 OK\r\ncontent-"),
    (
        "hangs up in its body",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc",
    ),
    (
        "hangs up in a chunk",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc",
    ),
    (
        "hangs up before the last chunk",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ),
];

/// What is not HTTP.
const GARBLED: &[(&str, &[u8])] = &[
    ("speaks SMTP", b"220 mail.example ESMTP\r\n"),
    ("speaks SSH", b"SSH-2.0-OpenSSH_9.2\r\n"),
    ("speaks TLS", b"\x15\x03\x01\x00\x02\x02\x46"),
    ("speaks HTTP/2", b"\0\0\0\x04\0\0\0\0\0"),
    ("speaks HTTP/0.9", b"<html>hello</html>"),
    ("speaks HTTP/9.9", b"HTTP/9.9 200 OK\r\n\r\n"),
    ("sends zeros", &[0; 4096]),
    ("has a status of words", b"HTTP/1.1 OK 200\r\n\r\n"),
    ("has a header without a name", b"HTTP/1.1 200 OK\r\n: b\r\n\r\n"),
    ("folds a header", b"HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n"),
    ("has a zero in a header", b"HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n"),
    (
        "has a length of words",
        b"HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n",
    ),
    (
        "has a length below zero",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    ),
    (
        "has two lengths",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    ),
    (
        "has a chunk of words",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nten\r\n",
    ),
    (
        "has a chunk of 2^80 bytes",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n100000000000000000000\r\n",
    ),
    (
        "changes the protocol",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    ),
];

fn slow() -> Vec<(&'static str, Behaviour)> {
    let hints = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(99);
    vec![
        ("never answers", silence()),
        ("drips its head", drip("HTTP/1.1 200 OK\r\n")),
        (
            "drips its body",
            drip("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n"),
        ),
        ("interrupts itself without end", endless("", hints)),
    ]
}

fn large_heads() -> Vec<(&'static str, Behaviour)> {
    let ok = "HTTP/1.1 200 OK\r\n";
    let many = |count: usize| answers(format!("{ok}{}\r\n", "x-a: b\r\n".repeat(count)));
    vec![
        ("has one header too many", many(33)),
        ("has a million headers", many(1_000_000)),
        ("has headers without end", endless(ok, "x-a: b\r\n".repeat(512))),
        (
            "has a header without end",
            endless("HTTP/1.1 200 OK\r\na: ", "b".repeat(4096)),
        ),
        ("has a reason without end", endless("HTTP/1.1 200 ", "b".repeat(4096))),
        (
            "has a large header",
            answers(format!("{ok}a: {}\r\n\r\n", "b".repeat(5_000))),
        ),
    ]
}

fn large_bodies() -> Vec<(&'static str, Behaviour)> {
    let announced = |length: &str| answers(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n"));
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    vec![
        ("announces too much", announced("65537")),
        ("announces 2^64 - 3 bytes", announced("18446744073709551613")),
        (
            "has a body without end",
            endless("HTTP/1.1 200 OK\r\n\r\n", "b".repeat(4096)),
        ),
        ("has chunks without end", endless(chunked, "5\r\nhello\r\n".repeat(512))),
        ("sends a bomb", answers(encoded("gzip", &gzip(&vec![0; 8 << 20])))),
    ]
}

fn unreadable() -> Vec<(&'static str, Behaviour)> {
    let twice = gzip(&gzip(&[0; 999]));
    vec![
        ("sends a bomb in a bomb", answers(encoded("gzip, gzip", &twice))),
        ("compresses by brotli", answers(encoded("br", b"\x0b\x02\x80hello\x03"))),
        ("says gzip and sends text", answers(encoded("gzip", b"hello"))),
    ]
}

fn cases() -> Vec<Case> {
    let broken_off = BROKEN_OFF.iter().map(|(what, text)| (*what, hang_up(*text)));
    let garbled = GARBLED.iter().map(|(what, bytes)| (*what, answers(*bytes)));
    let groups = [
        (Code::ReplyTimeout, slow()),
        (Code::ConnectionLost, broken_off.collect()),
        (Code::ReplyMalformed, garbled.collect()),
        (Code::ReplyHeadTooLarge, large_heads()),
        (Code::ReplyBodyTooLarge, large_bodies()),
        (Code::ReplyEncoding, unreadable()),
    ];
    let each = groups
        .into_iter()
        .flat_map(|(code, group)| group.into_iter().map(move |(what, does)| Case(what, does, code)));
    each.collect()
}

/// Little time only where its end is waited for: a busy machine must not end the others by it.
fn limited(mut settings: RuleSettings, code: Code) -> RuleSettings {
    settings.caps.reply_head = 4 << 10;
    settings.caps.reply_headers = 32;
    settings.caps.reply_body = 64 << 10;
    settings.caps.decompressed = 1 << 20;
    if code == Code::ReplyTimeout {
        settings.times.head = Duration::from_millis(500);
        settings.times.total = Duration::from_secs(2);
    }
    settings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_harm_has_its_code() {
    for Case(what, behaviour, code) in cases() {
        let server = Server::start(behaviour).await;
        let error = get(&client(limited(server.settings(), code), None), "/")
            .await
            .unwrap_err();
        assert_eq!((error.code(), error.sent()), (code, Sent::Maybe), "{what}: {error:?}");
        assert_eq!(server.connections(), 1, "{what}");
    }
}

/// What looks strange and is allowed.
#[tokio::test]
async fn strange_replies_are_read() {
    let cases = [
        (
            "interrupts itself",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        ),
        (
            "says more than it announced",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n",
        ),
        (
            "has trailers",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx-a: b\r\n\r\n",
        ),
        ("hangs up to end its body", "HTTP/1.0 200 OK\r\n\r\nok"),
    ];
    for (what, text) in cases {
        let server = Server::start(hang_up(text)).await;
        let reply = get(&server.client(), "/").await.unwrap();
        assert_eq!((reply.status.as_u16(), &reply.body[..]), (200, &b"ok"[..]), "{what}");
        assert!(!reply.headers.contains_key("transfer-encoding"), "{what}");
    }
}

/// Who compresses although nobody asked is understood, and the reply says what it holds.
#[tokio::test]
async fn a_reply_that_comes_compressed_is_read() {
    let server = Server::answering(encoded("gzip", &gzip(b"hello, hello, hello"))).await;
    let reply = get(&server.client(), "/").await.unwrap();
    assert_eq!(reply.body, "hello, hello, hello");
    assert_eq!(reply.headers["content-length"], "19");
    assert!(!reply.headers.contains_key("content-encoding"));
}
