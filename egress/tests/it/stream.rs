//! Replies that are read as they come.

use std::time::Duration;

use egress::{Client, Code, Credential, Request, RuleSettings, Secret, Sent, Streamed};
use http::Method;
use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use crate::server::{Behaviour, Server, answers, behaviour, client, get, read_request};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

async fn open(client: &Client) -> Streamed {
    let target = client.rule().below("/").unwrap();
    client.open(Request::new(Method::GET, target)).await.unwrap()
}

/// Everything until the end, or what it ended by.
async fn read(streamed: &mut Streamed) -> Result<String, egress::Error> {
    let mut all = Vec::new();
    while let Some(piece) = streamed.piece().await? {
        all.extend_from_slice(&piece);
    }
    Ok(String::from_utf8(all).unwrap())
}

/// Sends the head, and a chunk for each text that it is given; hangs up where the chunk is empty.
fn told(texts: mpsc::UnboundedReceiver<&'static str>) -> Behaviour {
    let texts = std::sync::Arc::new(tokio::sync::Mutex::new(texts));
    behaviour(move |mut stream, _| {
        let texts = std::sync::Arc::clone(&texts);
        async move {
            while read_request(&mut stream).await?.is_some() {
                stream.write_all(HEAD.as_bytes()).await?;
                while let Some(text) = texts.lock().await.recv().await {
                    if text == "hang up" {
                        return Ok(());
                    }
                    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
                    stream.write_all(chunk.as_bytes()).await?;
                    if text.is_empty() {
                        break;
                    }
                }
            }
            Ok(())
        }
    })
}

/// Each piece is here before the server has the next to send.
#[tokio::test]
async fn pieces_come_as_they_are_sent() {
    let (tell, texts) = mpsc::unbounded_channel();
    let server = Server::start(told(texts)).await;
    let client = server.client();
    let mut streamed = open(&client).await;
    assert_eq!(streamed.status, 200);
    assert_eq!(streamed.headers["content-type"], "text/event-stream");
    assert!(!streamed.headers.contains_key("transfer-encoding"));
    for text in ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"] {
        tell.send(text).unwrap();
        assert_eq!(streamed.piece().await.unwrap().unwrap(), text);
    }
    tell.send("").unwrap();
    assert_eq!(streamed.piece().await.unwrap(), None);
    assert_eq!(streamed.piece().await.unwrap(), None);
}

#[tokio::test]
async fn a_stream_that_is_cut_has_no_end() {
    let (tell, texts) = mpsc::unbounded_channel();
    let server = Server::start(told(texts)).await;
    let mut streamed = open(&server.client()).await;
    tell.send("data: 1\n\n").unwrap();
    tell.send("hang up").unwrap();
    assert_eq!(streamed.piece().await.unwrap().unwrap(), "data: 1\n\n");
    for _ in 0..2 {
        let error = streamed.piece().await.unwrap_err();
        assert_eq!((error.code(), error.sent()), (Code::ConnectionLost, Sent::Maybe));
    }
}

/// The connection of a body that was read to its end serves the next request; of one that was dropped, none.
#[tokio::test]
async fn a_connection_is_kept_once_the_body_has_ended() {
    let (tell, texts) = mpsc::unbounded_channel();
    let server = Server::start(told(texts)).await;
    let client = server.client();
    for connections in [1, 1] {
        let mut streamed = open(&client).await;
        assert_eq!(server.connections(), connections);
        tell.send("data").unwrap();
        tell.send("").unwrap();
        assert_eq!(read(&mut streamed).await.unwrap(), "data");
        settle().await;
    }
    drop(open(&client).await);
    settle().await;
    open(&client).await;
    assert_eq!(server.connections(), 2);
}

async fn settle() {
    for _ in 0..32 {
        tokio::task::yield_now().await;
    }
}

/// Sends the piece until the other side has had enough.
fn endless(head: &'static str, piece: &'static str, pause: Duration) -> Behaviour {
    behaviour(move |mut stream, _| async move {
        read_request(&mut stream).await?;
        stream.write_all(head.as_bytes()).await?;
        loop {
            stream.write_all(piece.as_bytes()).await?;
            tokio::time::sleep(pause).await;
        }
    })
}

fn limited(mut settings: RuleSettings, code: Code) -> RuleSettings {
    settings.caps.reply_body = 64 << 10;
    if code == Code::ReplyTimeout {
        settings.times.total = Duration::from_millis(500);
    }
    settings
}

/// What ends a body while it is read; the head was good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_harm_ends_the_body_with_its_code() {
    let gzip = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\n\x1f\x08\x00";
    let broken = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\nten\r\n";
    let cases = [
        (
            "never ends",
            endless(HEAD, "5\r\nhello\r\n", Duration::ZERO),
            Code::ReplyBodyTooLarge,
        ),
        (
            "never ends, slowly",
            endless(HEAD, "1\r\nx\r\n", Duration::from_millis(5)),
            Code::ReplyTimeout,
        ),
        (
            "says nothing more",
            endless(HEAD, "1\r\nx\r\n", Duration::from_secs(600)),
            Code::ReplyTimeout,
        ),
        ("is compressed", answers(gzip), Code::ReplyEncoding),
        ("has a chunk of words", answers(broken), Code::ReplyMalformed),
    ];
    for (what, behaviour, code) in cases {
        let server = Server::start(behaviour).await;
        let mut streamed = open(&client(limited(server.settings(), code), None)).await;
        for _ in 0..2 {
            let error = read(&mut streamed).await.unwrap_err();
            assert_eq!((error.code(), error.sent()), (code, Sent::Maybe), "{what}");
        }
    }
}

/// What a request allows goes before what the binding does, also while the body comes.
#[tokio::test]
async fn a_request_may_take_less_than_its_binding() {
    let announced = answers("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
    let chunked = answers(format!("{HEAD}5\r\nhello\r\n0\r\n\r\n"));
    for (behaviour, opens) in [(announced, false), (chunked, true)] {
        let server = Server::start(behaviour).await;
        let client = server.client();
        for (most, fits) in [(5, true), (4, false)] {
            let mut request = Request::new(Method::GET, client.rule().below("/").unwrap());
            request.reply_most = most;
            let read = match client.open(request).await {
                Ok(mut streamed) => read(&mut streamed).await,
                Err(error) => {
                    assert!(!opens);
                    Err(error)
                }
            };
            match read {
                Ok(text) => assert_eq!((fits, text.as_str()), (true, "hello")),
                Err(error) => assert_eq!((fits, error.code()), (false, Code::ReplyBodyTooLarge)),
            }
        }
    }
}

/// A head without a body may say of it what it likes.
#[tokio::test]
async fn a_body_that_is_not_there_has_no_encoding() {
    let server = Server::answering("HTTP/1.1 204 No Content\r\ncontent-encoding: br\r\n\r\n").await;
    assert_eq!(open(&server.client()).await.piece().await.unwrap(), None);
    let server = Server::answering("HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 7\r\n\r\n").await;
    let client = server.client();
    let head = Request::new(Method::HEAD, client.rule().below("/").unwrap());
    assert_eq!(client.open(head).await.unwrap().piece().await.unwrap(), None);
}

#[tokio::test]
async fn what_a_stream_mirrors_does_not_show_the_credential() {
    let head = HEAD.replace("content-type", "set-cookie: a=b\r\nx-saw: s3cret-token\r\ncontent-type");
    let pieces = "9\r\nsay s3cre\r\n9\r\nt-token s\r\n1\r\n3\r\n0\r\n\r\n";
    let server = Server::answering(format!("{head}{pieces}")).await;
    let credential = Credential::bearer(Secret::new("s3cret-token")).unwrap();
    let client = client(server.settings(), Some(credential));
    let mut streamed = open(&client).await;
    assert_eq!(streamed.headers["x-saw"], "************");
    assert!(!streamed.headers.contains_key("set-cookie"));
    assert_eq!(read(&mut streamed).await.unwrap(), "say ************ s3");
    // The control: the whole reply is the same.
    assert_eq!(get(&client, "/").await.unwrap().body, "say ************ s3");
}

/// An opened reply that is an error after all is read like any other.
#[tokio::test]
async fn an_opened_reply_can_be_read_whole() {
    let server = Server::answering("HTTP/1.1 429 Slow\r\ncontent-length: 4\r\n\r\nwait").await;
    let reply = open(&server.client()).await.whole().await.unwrap();
    assert_eq!((reply.status.as_u16(), &reply.body[..]), (429, &b"wait"[..]));
}
