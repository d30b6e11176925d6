//! Bindings that are not there and services that misbehave: what a skill is told, what its operator reads, and how
//! often the service was asked.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::granted::{Granted, READ, WRITE, line};
use crate::program::Program;

/// What the service does with each request.
#[derive(Clone, Copy, Debug)]
enum Does {
    Garbage,
    Nothing,
    Late,
    Never,
    Trickle,
    EndlessBody,
    EndlessHead,
    MillionHeaders,
    ShortBody,
    Gzip,
}

/// A service that speaks no HTTP that it does not have to.
struct Bad {
    address: SocketAddr,
    order: Arc<Mutex<(Does, usize)>>,
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n";

impl Bad {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let order = Arc::new(Mutex::new((Does::Nothing, 0)));
        let own = Arc::clone(&order);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let order = Arc::clone(&own);
                // Who hangs up ends it.
                tokio::spawn(async move { behave(stream, &order).await.ok() });
            }
        });
        Self { address, order }
    }

    fn order(&self, does: Does) {
        *self.order.lock().unwrap() = (does, 0);
    }

    fn asked(&self) -> usize {
        self.order.lock().unwrap().1
    }
}

async fn behave(mut stream: TcpStream, order: &Mutex<(Does, usize)>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let does = {
        let mut order = order.lock().unwrap();
        order.1 += 1;
        order.0
    };
    match does {
        Does::Garbage => stream.write_all(b"\x16\x03\x01 hello\r\n\r\n").await,
        Does::Nothing => Ok(()),
        Does::Late => {
            tokio::time::sleep(Duration::from_secs(3)).await;
            stream
                .write_all(&[HEAD, b"content-length: 4\r\n\r\nlate"].concat())
                .await
        }
        Does::Never => stream.read_u8().await.map(|_| ()),
        Does::Trickle => {
            stream
                .write_all(&[HEAD, b"content-length: 1000000\r\n\r\n"].concat())
                .await?;
            forever(stream, b".", Duration::from_millis(10)).await
        }
        Does::EndlessBody => {
            stream.write_all(&[HEAD, b"\r\n"].concat()).await?;
            forever(stream, &[b'x'; 64 << 10], Duration::ZERO).await
        }
        Does::EndlessHead => {
            stream.write_all(&[HEAD, b"x-long: "].concat()).await?;
            forever(stream, &[b'x'; 64 << 10], Duration::ZERO).await
        }
        Does::MillionHeaders => {
            let headers = b"x-one: more\r\n".repeat(1_000_000);
            stream
                .write_all(&[HEAD, &headers, b"content-length: 0\r\n\r\n"].concat())
                .await
        }
        Does::ShortBody => {
            stream
                .write_all(&[HEAD, b"content-length: 10\r\n\r\nshort"].concat())
                .await
        }
        Does::Gzip => {
            let head = [HEAD, b"content-encoding: gzip\r\ncontent-length: 4\r\n\r\nnone"].concat();
            stream.write_all(&head).await
        }
    }
}

async fn forever(mut stream: TcpStream, piece: &[u8], pause: Duration) -> std::io::Result<()> {
    loop {
        stream.write_all(piece).await?;
        tokio::time::sleep(pause).await;
    }
}

/// Of a run: what the skill answered, what its operator reads, and what was recorded.
async fn told(granted: &Granted, token: &str, name: &str) -> String {
    let reply = granted.invoke(token, name, &[]).await;
    let run = reply.json()["run"].as_str().unwrap().to_owned();
    let get = async |end: &str| granted.house.get(&format!("/v1/runs/{run}/{end}"), token).await.json();
    let mut told = format!("    {}\n", line(&reply));
    for logged in get("logs").await["lines"].as_array().unwrap() {
        // The guest says a word of its own where it breaks; the host's end with a code.
        let message = logged["message"].as_str().unwrap();
        if message.ends_with(']') {
            writeln!(told, "    log: {message}").unwrap();
        }
    }
    let events: Vec<Value> = get("journal").await["entries"].as_array().unwrap().clone();
    let events: Vec<_> = events
        .iter()
        .map(|entry| {
            let (what, how) = entry["event"].as_object().unwrap().iter().next().unwrap();
            how.get("code")
                .and_then(Value::as_str)
                .map_or_else(|| what.clone(), |code| format!("{what} {code}"))
        })
        .collect();
    writeln!(told, "    journal: {}", events.join(", ")).unwrap();
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_misbehaves_harms_nobody() {
    let bad = Bad::start().await;
    let binding = |tenant: &str, timeout: &str| {
        format!(
            "[tenants.{tenant}.http.echo]\nurl = \"http://{}\"\nplain-http = true\n\
             private-networks = [\"127.0.0.0/8\"]\ntimeout = \"{timeout}\"\n",
            bad.address
        )
    };
    let bindings = binding("default", "10s") + &binding("hasty", "500ms");
    let granted = Granted::start_with(Router::new(), &bindings).await;
    let hasty = granted.house.tenant("hasty").await;
    granted.grant_as(&hasty, &["http:echo"]).await;
    let patient = granted.house.admin.clone();
    let mut all = String::new();
    for (who, token, does) in [
        ("patient", &patient, Does::Garbage),
        ("patient", &patient, Does::Nothing),
        ("patient", &patient, Does::EndlessBody),
        ("patient", &patient, Does::EndlessHead),
        ("patient", &patient, Does::MillionHeaders),
        ("patient", &patient, Does::ShortBody),
        ("patient", &patient, Does::Gzip),
        ("hasty", &hasty, Does::Late),
        ("hasty", &hasty, Does::Never),
        ("hasty", &hasty, Does::Trickle),
    ] {
        for name in [READ, WRITE] {
            bad.order(does);
            let told = told(&granted, token, name).await;
            writeln!(all, "{who} {does:?} {name}, asked {}\n{told}", bad.asked()).unwrap();
        }
    }
    insta::assert_snapshot!(all);
    assert_eq!(granted.house.get("/readyz", "").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binding_that_is_not_there_or_not_granted_is_told_apart_in_the_log_only() {
    let granted = Granted::start().await;
    let bare = granted.house.tenant("bare").await;
    let admin = granted.house.admin.clone();
    let mut all = String::new();
    for (what, token, grants) in [
        ("nothing granted", &admin, &[][..]),
        ("another method granted", &admin, &["http:echo DELETE"]),
        ("another path granted", &admin, &["http:echo GET /keptt"]),
        ("granted and not configured", &bare, &["http:echo"]),
    ] {
        granted.grant_as(token, grants).await;
        writeln!(all, "{what}\n{}", told(&granted, token, READ).await).unwrap();
    }
    insta::assert_snapshot!(all);
    assert_eq!(granted.service.seen(), Vec::new());
}

#[test]
fn a_secret_that_is_missing_is_told_before_anything_starts() {
    let mut program = Program::start();
    // Two hosts cannot have one folder.
    program.kill();
    let mut all = String::new();
    for secret in [
        "{ file = \"nowhere\" }",
        "{ env = \"SKILLHOST_TEST_NOWHERE\" }",
        "{ file = \"short\" }",
        "\"secret\"",
    ] {
        let text = format!(
            "[tenants.default.http.jira]\nurl = \"https://acme.example\"\ncredential = {{ bearer = {secret} }}\n"
        );
        std::fs::write(program.folder().join("bad.toml"), text).unwrap();
        std::fs::write(program.folder().join("short"), "seven77").unwrap();
        let serve = program.refused(&["serve", "--config", "bad.toml", "--listen", "127.0.0.1:0"]);
        writeln!(all, "{secret}\n{serve}").unwrap();
    }
    insta::assert_snapshot!(all, @r#"
    { file = "nowhere" }
    skillhost: the configuration cannot be used: tenants.default.http.jira.credential.bearer: cannot read the secret in nowhere: No such file or directory (os error 2)

    { env = "SKILLHOST_TEST_NOWHERE" }
    skillhost: the configuration cannot be used: tenants.default.http.jira.credential.bearer: the environment variable SKILLHOST_TEST_NOWHERE is not set: environment variable not found

    { file = "short" }
    skillhost: the configuration cannot be used: tenants.default.http.jira.credential: the secret `default/http/jira` is shorter than 8 bytes; use a longer one

    "secret"
    skillhost: bad.toml cannot be used: TOML parse error at line 3, column 25
      |
    3 | credential = { bearer = "secret" }
      |                         ^^^^^^^^
    invalid type: string "secret", expected a secret's place: { file = "..." } or { env = "..." }
    "#);
}
