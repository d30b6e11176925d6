//! A provider on loopback that answers each request with the next of its answers, byte for byte.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use egress::{Client, Credential, Rule, RuleSettings, Secret, SystemResolver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One answer.
#[derive(Clone)]
pub(super) struct Answer {
    bytes: Vec<u8>,
    piece: usize,
    silent: bool,
    /// Whether the connection ends with it.
    last: bool,
}

/// The head and the body of a request.
type Seen = (String, String);

/// The provider, and what it saw.
pub(super) struct Provider {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
}

impl Answer {
    /// Server-sent events, in pieces of so many bytes.
    pub(super) fn stream(events: &str, piece: usize) -> Self {
        Self::new(&head("200 OK", "text/event-stream", events.len()), events, piece)
    }

    /// A whole JSON text.
    pub(super) fn json(status: &str, body: &str) -> Self {
        Self::new(&head(status, "application/json", body.len()), body, usize::MAX)
    }

    /// The first half of a stream, and then the connection ends.
    pub(super) fn cut(events: &str) -> Self {
        let mut cut = Self::stream(events, usize::MAX);
        cut.bytes.truncate(cut.bytes.len() - events.len() / 2);
        cut.last = true;
        cut
    }

    /// No answer at all.
    pub(super) const fn silence() -> Self {
        Self {
            bytes: Vec::new(),
            piece: usize::MAX,
            silent: true,
            last: true,
        }
    }

    fn new(head: &str, body: &str, piece: usize) -> Self {
        Self {
            bytes: [head.as_bytes(), body.as_bytes()].concat(),
            piece,
            silent: false,
            last: false,
        }
    }
}

fn head(status: &str, kind: &str, length: usize) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nx-request-id: req-1\r\n\r\n")
}

impl Provider {
    pub(super) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers: Arc<Mutex<VecDeque<Answer>>> = Arc::new(Mutex::new(answers.into_iter().collect()));
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let connections = Arc::<AtomicUsize>::default();
        let (kept, counted) = (Arc::clone(&seen), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&kept)));
            }
        });
        Self {
            address,
            seen,
            connections,
        }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Connections that were opened.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// One connection.
async fn serve(mut stream: TcpStream, answers: Arc<Mutex<VecDeque<Answer>>>, seen: Arc<Mutex<Vec<Seen>>>) {
    while let Some(request) = read(&mut stream).await {
        seen.lock().unwrap().push(request);
        let answer = answers.lock().unwrap().pop_front();
        let Some(answer) = answer else { return };
        if answer.silent {
            return std::future::pending().await;
        }
        for piece in answer.bytes.chunks(answer.piece.min(answer.bytes.len())) {
            if stream.write_all(piece).await.is_err() || stream.flush().await.is_err() {
                return;
            }
            if answer.piece < answer.bytes.len() {
                tokio::task::yield_now().await;
            }
        }
        if answer.last {
            return;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some((format!("{head}\n"), body.to_owned()));
            }
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&more[..read]),
            _ => return None,
        }
    }
}

/// A client for what lies below this address.
pub(super) fn client(base: &str) -> Client {
    let mut settings = RuleSettings::new("default", base);
    settings.plain_http = true;
    settings.networks = vec!["127.0.0.0/8".to_owned()];
    let credential = Credential::bearer(Secret::new("canary-key-4711")).unwrap();
    Client::new(Rule::new(settings).unwrap(), Some(credential), Arc::new(SystemResolver))
}
