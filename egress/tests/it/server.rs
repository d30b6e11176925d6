//! Servers that do as the test says, and count who comes.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use egress::{Client, Credential, Reply, Request, Resolve, Rule, RuleSettings};
use futures_util::future::BoxFuture;
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What a server does with one connection.
pub(crate) type Behaviour = Arc<dyn Fn(TcpStream, Arc<Seen>) -> BoxFuture<'static, io::Result<()>> + Send + Sync>;

/// What a server saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) connections: AtomicUsize,
    pub(crate) requests: Mutex<Vec<String>>,
}

/// A server on loopback, until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Seen>,
    _task: JoinSet<()>,
}

/// Answers by name, one after the other; the last one stays.
#[derive(Debug, Default)]
pub(crate) struct Names {
    answers: Mutex<BTreeMap<String, Vec<Vec<IpAddr>>>>,
    pub(crate) asked: AtomicUsize,
}

impl Server {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self::start_on(listener, behaviour)
    }

    pub(crate) fn start_on(listener: TcpListener, behaviour: Behaviour) -> Self {
        Self::accept(listener, behaviour, usize::MAX)
    }

    /// A server that takes one connection and then listens no more.
    pub(crate) fn start_once_on(listener: TcpListener, behaviour: Behaviour) -> Self {
        Self::accept(listener, behaviour, 1)
    }

    fn accept(listener: TcpListener, behaviour: Behaviour, most: usize) -> Self {
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let mut task = JoinSet::new();
        let to_tell = Arc::clone(&seen);
        task.spawn(async move {
            let mut connections = JoinSet::new();
            for _ in 0..most {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                to_tell.connections.fetch_add(1, Ordering::SeqCst);
                let serving = behaviour(stream, Arc::clone(&to_tell));
                connections.spawn(async move {
                    let _ = serving.await;
                });
            }
            drop(listener);
            while connections.join_next().await.is_some() {}
        });
        Self {
            address,
            seen,
            _task: task,
        }
    }

    /// A server that answers every request on a connection with these bytes.
    pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        Self::start(answers(answer)).await
    }

    pub(crate) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap().clone()
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Settings of a binding that may reach this server.
    pub(crate) fn settings(&self) -> RuleSettings {
        let mut settings = RuleSettings::new("test", format!("http://{}/", self.address));
        settings.plain_http = true;
        settings.networks = vec!["127.0.0.0/8".to_owned(), "::1".to_owned()];
        settings
    }

    pub(crate) fn client(&self) -> Client {
        client(self.settings(), None)
    }
}

impl Names {
    pub(crate) fn with(self, name: &str, answers: &[&[&str]]) -> Self {
        let read = |answer: &&[&str]| answer.iter().map(|text| text.parse().unwrap()).collect();
        let answers = answers.iter().map(read).collect();
        self.answers.lock().unwrap().insert(name.to_owned(), answers);
        self
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let answers = answers.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(match answers.len() {
            1 => answers[0].clone(),
            _ => answers.remove(0),
        })
    }
}

pub(crate) fn behaviour<F>(serve: impl Fn(TcpStream, Arc<Seen>) -> F + Send + Sync + 'static) -> Behaviour
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    Arc::new(move |stream, seen| Box::pin(serve(stream, seen)))
}

/// Reads requests and answers each.
pub(crate) fn answers(answer: impl Into<Vec<u8>>) -> Behaviour {
    let answer: Arc<Vec<u8>> = Arc::new(answer.into());
    behaviour(move |mut stream, seen| {
        let answer = Arc::clone(&answer);
        async move {
            while let Some(request) = read_request(&mut stream).await? {
                seen.requests.lock().unwrap().push(request);
                stream.write_all(&answer).await?;
            }
            Ok(())
        }
    })
}

/// One request as text, or nothing at the end.
pub(crate) async fn read_request(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut text = Vec::new();
    let head = loop {
        if let Some(end) = text.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut text).await? == 0 {
            return Ok(None);
        }
    };
    let lines = String::from_utf8_lossy(&text[..head]).to_ascii_lowercase();
    let length = lines.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    while text.len() < head + length {
        if stream.read_buf(&mut text).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

pub(crate) fn client(settings: RuleSettings, credential: Option<Credential>) -> Client {
    Client::new(Rule::new(settings).unwrap(), credential, Arc::new(Names::default()))
}

pub(crate) async fn get(client: &Client, path: &str) -> Result<Reply, egress::Error> {
    let target = client.rule().below(path)?;
    client.send(Request::new(Method::GET, target)).await
}
