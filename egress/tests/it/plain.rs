//! What goes out and comes back when nobody means harm.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use egress::{Client, Code, Credential, HostSettings, Request, Rule, Secret, Sent};
use http::{HeaderValue, Method};
use tokio::io::AsyncWriteExt;

use crate::server::{Behaviour, Names, Server, behaviour, client, get, read_request};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn a_request_goes_out_as_it_was_asked_for() {
    let server = Server::answering(OK).await;
    let mut settings = server.settings();
    settings.base = format!("http://{}/rest/", server.address);
    let client = client(settings, Some(Credential::bearer(Secret::new("s3cret-token")).unwrap()));
    let target = client.rule().below("/api/3/issue?fields=%2a&x={y}").unwrap();
    let mut request = Request::new(Method::POST, target);
    request.headers.insert("x-mine", HeaderValue::from_static("1"));
    request
        .headers
        .insert("accept-encoding", HeaderValue::from_static("gzip, br"));
    request.added.insert("idempotency-key", HeaderValue::from_static("k"));
    request.body = Bytes::from_static(b"{}");
    let reply = client.send(request).await.unwrap();
    assert_eq!((reply.status.as_u16(), &reply.body[..]), (200, &b"ok"[..]));
    let seen = server
        .requests()
        .join("")
        .replace(&server.address.to_string(), "ADDRESS");
    insta::assert_snapshot!(seen.replace('\r', ""), @r"
    POST /rest/api/3/issue?fields=%2a&x={y} HTTP/1.1
    host: ADDRESS
    x-mine: 1
    accept-encoding: identity
    idempotency-key: k
    user-agent: skillhost/0.0.0
    content-length: 2
    authorization: Bearer s3cret-token

    {}
    ");
}

#[tokio::test]
async fn a_redirect_is_a_reply_that_nobody_follows() {
    let inside = Server::answering(OK).await;
    for status in [301, 302, 303, 307, 308] {
        let answer = format!(
            "HTTP/1.1 {status} Go\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
            inside.address
        );
        let server = Server::answering(answer).await;
        let reply = get(&server.client(), "/").await.unwrap();
        assert_eq!(reply.status.as_u16(), status);
        assert!(reply.headers.contains_key("location"));
    }
    assert_eq!(inside.connections(), 0);
    // The control: the same place is reached by whoever may.
    get(&inside.client(), "/").await.unwrap();
    assert_eq!(inside.connections(), 1);
}

/// The same origin without the path, another port, and a host that the rule trusts with the credential.
#[tokio::test]
async fn a_credential_goes_to_its_own_place_only() {
    let (server, other) = (Server::answering(OK).await, Server::answering(OK).await);
    let mut settings = server.settings();
    settings.base = format!("http://{}/rest", server.address);
    let place = |base: String, credential| HostSettings { base, credential };
    settings.hosts = vec![
        place(format!("http://{}/", server.address), false),
        place(format!("http://{}/with", other.address), true),
        place(format!("http://{}/", other.address), false),
    ];
    let credential = Credential::header("x-api-key", Secret::new("s3cret-key")).unwrap();
    let client = client(settings, Some(credential));
    let urls = [
        (format!("http://{}/rest/x", server.address), true),
        (format!("http://{}/rest", server.address), true),
        (format!("http://{}/restless", server.address), false),
        (format!("http://{}/", server.address), false),
        (format!("http://{}/with/x", other.address), true),
        (format!("http://{}/without", other.address), false),
    ];
    for (url, carries) in urls {
        let target = client.rule().at(&url).unwrap();
        assert_eq!(target.takes_credential(), carries, "{url}");
        client.send(Request::new(Method::GET, target)).await.unwrap();
        let requests = [server.requests(), other.requests()].concat();
        let path = url.splitn(4, '/').last().unwrap();
        let found = requests
            .iter()
            .find(|request| request.starts_with(&format!("GET /{path} ")))
            .unwrap();
        assert_eq!(found.contains("x-api-key: s3cret-key"), carries, "{url}");
    }
}

#[tokio::test]
async fn what_a_server_mirrors_does_not_show_the_credential() {
    let mirror = "HTTP/1.1 200 OK\r\nx-saw: Bearer s3cret-token\r\nset-cookie: session=1\r\ncontent-length: 32\r\n\r\n\
                  you sent s3cret-token, s3cret-to";
    let server = Server::answering(mirror).await;
    let credential = Credential::bearer(Secret::new("s3cret-token")).unwrap();
    let reply = get(&client(server.settings(), Some(credential)), "/").await.unwrap();
    assert_eq!(reply.headers["x-saw"], "Bearer ************");
    assert_eq!(reply.body, "you sent ************, s3cret-to");
    assert!(!reply.headers.contains_key("set-cookie"));
}

/// A connection is used again by requests that may be sent twice, and by no other client.
#[tokio::test]
async fn connections_are_used_again_where_that_is_safe() {
    let server = Server::answering(OK).await;
    let one = server.client();
    for _ in 0..3 {
        get(&one, "/").await.unwrap();
        settle().await;
    }
    assert_eq!(server.connections(), 1);
    let target = one.rule().below("/").unwrap();
    one.send(Request::new(Method::POST, target.clone())).await.unwrap();
    assert_eq!(server.connections(), 2);
    let mut known_read = Request::new(Method::POST, target);
    known_read.repeatable = true;
    settle().await;
    one.send(known_read).await.unwrap();
    assert_eq!(server.connections(), 2);
    get(&server.client(), "/").await.unwrap();
    assert_eq!(server.connections(), 3);
}

/// Two hosts at one address have a connection each, and so has the place that gets the credential.
#[tokio::test]
async fn a_kept_connection_serves_the_place_that_it_was_opened_for() {
    let server = Server::answering(OK).await;
    let mut settings = server.settings();
    settings.base = format!("http://one.example:{}/with", server.port());
    settings.hosts = ["one", "two"]
        .map(|name| HostSettings {
            base: format!("http://{name}.example:{}/", server.port()),
            credential: false,
        })
        .to_vec();
    let names = Names::default()
        .with("one.example", &[&["127.0.0.1"]])
        .with("two.example", &[&["127.0.0.1"]]);
    let credential = Credential::bearer(Secret::new("s3cret-token")).unwrap();
    let client = Client::new(Rule::new(settings).unwrap(), Some(credential), Arc::new(names));
    for (place, connections) in [("one", 1), ("two", 2), ("one", 2), ("two", 2), ("one.example/with", 3)] {
        let (name, path) = place.split_once(".example").unwrap_or((place, "/"));
        let url = format!("http://{name}.example:{}{path}", server.port());
        let target = client.rule().at(&url).unwrap();
        client.send(Request::new(Method::GET, target)).await.unwrap();
        settle().await;
        assert_eq!(server.connections(), connections, "{place}");
    }
}

/// A name that moved to another allowed address is found there, whatever is still open.
#[tokio::test]
async fn a_kept_connection_serves_only_addresses_that_the_name_still_has() {
    let old = Server::answering(OK).await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.2", old.port())).await.unwrap();
    let new = Server::start_on(listener, crate::server::answers(OK));
    let mut settings = old.settings();
    settings.base = format!("http://moves.example:{}/", old.port());
    let names = Names::default().with("moves.example", &[&["127.0.0.1"], &["127.0.0.1"], &["127.0.0.2"]]);
    let client = Client::new(Rule::new(settings).unwrap(), None, Arc::new(names));
    for (at_old, at_new) in [(1, 0), (1, 0), (1, 1)] {
        get(&client, "/").await.unwrap();
        settle().await;
        assert_eq!((old.connections(), new.connections()), (at_old, at_new));
    }
    assert_eq!((old.requests().len(), new.requests().len()), (2, 1));
}

/// A server that closes a connection after its first reply without saying so, as it sees the next request.
fn closes_after_one() -> Behaviour {
    behaviour(|mut stream, seen| async move {
        if let Some(request) = read_request(&mut stream).await? {
            seen.requests.lock().unwrap().push(request);
            stream.write_all(OK.as_bytes()).await?;
            read_request(&mut stream).await?;
        }
        Ok(())
    })
}

/// What may be sent twice is sent again by a new connection; and where no new one stands, that is not called unsent.
#[tokio::test]
async fn a_kept_connection_that_is_lost_costs_nothing() {
    let server = Server::start(closes_after_one()).await;
    let one = server.client();
    for _ in 0..3 {
        assert_eq!(get(&one, "/").await.unwrap().body, "ok");
        settle().await;
    }
    assert_eq!(server.connections(), 3);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let once = Server::start_once_on(listener, closes_after_one());
    let one = once.client();
    get(&one, "/").await.unwrap();
    settle().await;
    let error = get(&one, "/").await.unwrap_err();
    assert_eq!((error.code(), error.sent()), (Code::ConnectFailed, Sent::Maybe));
}

/// Nobody waits on a connection that is kept, and its end is seen all the same.
#[tokio::test]
async fn a_kept_connection_that_the_other_side_closes_is_let_go() {
    let (left, mut gone) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::start(behaviour(move |mut stream, _| {
        let left = left.clone();
        async move {
            read_request(&mut stream).await?;
            stream.write_all(OK.as_bytes()).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
            stream.shutdown().await?;
            let rest = read_request(&mut stream).await?;
            let _ = left.send(rest);
            Ok(())
        }
    }))
    .await;
    let one = server.client();
    get(&one, "/").await.unwrap();
    let rest = tokio::time::timeout(Duration::from_secs(5), gone.recv()).await.unwrap();
    assert_eq!(rest, Some(None));
    get(&one, "/").await.unwrap();
    assert_eq!(server.connections(), 2);
}

/// Lets the task that keeps a connection run.
async fn settle() {
    for _ in 0..32 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_name_without_address_and_a_port_without_listener_were_not_reached() {
    let server = Server::answering(OK).await;
    let mut settings = server.settings();
    settings.base = "http://nowhere.example/".to_owned();
    let error = get(&client(settings.clone(), None), "/").await.unwrap_err();
    assert_eq!((error.code(), error.sent()), (Code::NameUnresolved, Sent::No));
    settings.base = format!("http://{}/", server.address);
    drop(server);
    tokio::task::yield_now().await;
    let error = get(&client(settings, None), "/").await.unwrap_err();
    assert_eq!((error.code(), error.sent()), (Code::ConnectFailed, Sent::No));
}

/// The address that swallows or refuses is passed over for the next.
#[tokio::test]
async fn the_next_address_is_tried() {
    let server = Server::answering(OK).await;
    let mut settings = server.settings();
    settings.base = format!("http://two.example:{}/", server.port());
    let names = Names::default().with("two.example", &[&["::1", "127.0.0.1"]]);
    let client = Client::new(Rule::new(settings).unwrap(), None, Arc::new(names));
    assert_eq!(get(&client, "/").await.unwrap().status, 200);
}
