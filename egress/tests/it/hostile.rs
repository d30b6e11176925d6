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

fn cases() -> Vec<Case> {
    let ok = "HTTP/1.1 200 OK\r\n";
    let many = |count: usize| format!("{ok}{}\r\n", "x-a: b\r\n".repeat(count));
    vec![
        Case("never answers", silence(), Code::ReplyTimeout),
        Case("drips its head", drip(ok), Code::ReplyTimeout),
        Case(
            "drips its body",
            drip("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n"),
            Code::ReplyTimeout,
        ),
        Case("hangs up at once", hang_up(""), Code::ConnectionLost),
        Case("hangs up in its status", hang_up("HTTP/1.1 2"), Code::ConnectionLost),
        Case(
            "hangs up in its head",
            hang_up("HTTP/1.1 200 OK\r\ncontent-"),
            Code::ConnectionLost,
        ),
        Case(
            "hangs up in its body",
            hang_up("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"),
            Code::ConnectionLost,
        ),
        Case(
            "hangs up in a chunk",
            hang_up("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nabc"),
            Code::ConnectionLost,
        ),
        Case(
            "hangs up before the last chunk",
            hang_up("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"),
            Code::ConnectionLost,
        ),
        Case(
            "speaks SMTP",
            answers("220 mail.example ESMTP\r\n"),
            Code::ReplyMalformed,
        ),
        Case("speaks SSH", answers("SSH-2.0-OpenSSH_9.2\r\n"), Code::ReplyMalformed),
        Case(
            "speaks TLS",
            answers(b"\x15\x03\x01\x00\x02\x02\x46".to_vec()),
            Code::ReplyMalformed,
        ),
        Case(
            "speaks HTTP/2",
            answers(b"\0\0\0\x04\0\0\0\0\0".to_vec()),
            Code::ReplyMalformed,
        ),
        Case("speaks HTTP/0.9", answers("<html>hello</html>"), Code::ReplyMalformed),
        Case("sends zeros", answers(vec![0; 4096]), Code::ReplyMalformed),
        Case(
            "speaks HTTP/9.9",
            answers("HTTP/9.9 200 OK\r\n\r\n"),
            Code::ReplyMalformed,
        ),
        Case(
            "has a status of words",
            answers("HTTP/1.1 OK 200\r\n\r\n"),
            Code::ReplyMalformed,
        ),
        Case(
            "has a header without a name",
            answers("HTTP/1.1 200 OK\r\n: b\r\n\r\n"),
            Code::ReplyMalformed,
        ),
        Case(
            "folds a header",
            answers("HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n"),
            Code::ReplyMalformed,
        ),
        Case(
            "has a zero in a header",
            answers("HTTP/1.1 200 OK\r\na: b\0c\r\n\r\n"),
            Code::ReplyMalformed,
        ),
        Case(
            "has a length of words",
            answers("HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n"),
            Code::ReplyMalformed,
        ),
        Case(
            "has two lengths",
            answers("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"),
            Code::ReplyMalformed,
        ),
        Case(
            "has a length below zero",
            answers("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"),
            Code::ReplyMalformed,
        ),
        Case(
            "has a chunk of words",
            answers("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nten\r\n"),
            Code::ReplyMalformed,
        ),
        Case(
            "has a chunk of 2^80 bytes",
            answers("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n100000000000000000000\r\n"),
            Code::ReplyMalformed,
        ),
        Case(
            "changes the protocol",
            answers("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
            Code::ReplyMalformed,
        ),
        Case("has one header too many", answers(many(33)), Code::ReplyHeadTooLarge),
        Case(
            "has a million headers",
            answers(many(1_000_000)),
            Code::ReplyHeadTooLarge,
        ),
        Case(
            "has headers without end",
            endless(ok, "x-a: b\r\n".repeat(512)),
            Code::ReplyHeadTooLarge,
        ),
        Case(
            "has a header without end",
            endless("HTTP/1.1 200 OK\r\na: ", "b".repeat(4096)),
            Code::ReplyHeadTooLarge,
        ),
        Case(
            "has a reason without end",
            endless("HTTP/1.1 200 ", "b".repeat(4096)),
            Code::ReplyHeadTooLarge,
        ),
        Case(
            "has a large header",
            answers(format!("{ok}a: {}\r\n\r\n", "b".repeat(20_000))),
            Code::ReplyHeadTooLarge,
        ),
        Case(
            "announces too much",
            answers("HTTP/1.1 200 OK\r\ncontent-length: 65537\r\n\r\n"),
            Code::ReplyBodyTooLarge,
        ),
        Case(
            "announces 2^64 - 2 bytes",
            answers("HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551613\r\n\r\n"),
            Code::ReplyBodyTooLarge,
        ),
        Case(
            "has a body without end",
            endless("HTTP/1.1 200 OK\r\n\r\n", "b".repeat(4096)),
            Code::ReplyBodyTooLarge,
        ),
        Case(
            "has chunks without end",
            endless(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
                "5\r\nhello\r\n".repeat(512),
            ),
            Code::ReplyBodyTooLarge,
        ),
        Case(
            "sends a bomb",
            answers(encoded("gzip", &gzip(&vec![0; 8 << 20]))),
            Code::ReplyBodyTooLarge,
        ),
        Case(
            "sends a bomb in a bomb",
            answers(encoded("gzip, gzip", &gzip(&gzip(&[0; 999])))),
            Code::ReplyEncoding,
        ),
        Case(
            "compresses by brotli",
            answers(encoded("br", b"\x0b\x02\x80hello\x03")),
            Code::ReplyEncoding,
        ),
        Case(
            "says gzip and sends text",
            answers(encoded("gzip", b"hello")),
            Code::ReplyEncoding,
        ),
        Case(
            "interrupts itself without end",
            endless("", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(99)),
            Code::ReplyTimeout,
        ),
    ]
}

/// Little time only where its end is waited for: a busy machine must not end the others by it.
fn limited(mut settings: RuleSettings, code: Code) -> RuleSettings {
    settings.caps.reply_head = 8 << 10;
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
