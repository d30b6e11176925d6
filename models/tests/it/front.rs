//! What every backend is asked at instead of its provider: a server on loopback to which `https://HOST/path` is
//! `http://FRONT/HOST/path`. It hands each request on to the double and keeps the exchange, or answers from what was kept.

mod answer;
mod tests;
mod upstream;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::tape::{Asked, Exchange, Told};
pub(crate) use upstream::observed;

/// Nothing here takes so long but by a mistake.
const STUCK: Duration = Duration::from_secs(120);

/// The server.
pub(crate) struct Front {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: AbortHandle,
}

/// Where replies come from.
#[derive(Debug)]
pub(crate) enum Source {
    /// From the double at this address.
    Live(SocketAddr),
    /// From a record. Each request has to be the recorded one.
    Record(Vec<Exchange>),
    /// Whatever is asked: by host, in this order.
    Told(Vec<(String, Told)>),
}

/// One request, and how far its reply came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) asked: Asked,
    pub(crate) told: Told,
    /// Pieces of the body that were given out.
    pub(crate) pieces: usize,
    pub(crate) state: State,
    /// What is wrong with the request.
    fault: Option<String>,
}

/// How far a reply came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    UnderWay,
    Ended,
    /// Whoever asked left before it ended.
    Left,
}

struct Shared {
    source: Source,
    /// By host, what [`Source::Told`] has left.
    queue: Mutex<VecDeque<(String, Told)>>,
    seen: Mutex<Vec<Seen>>,
    /// The most requests that were under way at once.
    most: Mutex<usize>,
    changed: watch::Sender<()>,
}

impl Front {
    pub(crate) async fn start(source: Source) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let queue = match &source {
            Source::Told(told) => told.iter().cloned().collect(),
            _ => VecDeque::new(),
        };
        let shared = Arc::new(Shared {
            source,
            queue: Mutex::new(queue),
            seen: Mutex::default(),
            most: Mutex::default(),
            changed: watch::Sender::new(()),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared))).abort_handle();
        Self {
            address,
            shared,
            server,
        }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Everything that was asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen().clone()
    }

    /// The most requests that were under way at once.
    pub(crate) fn most_at_once(&self) -> usize {
        *self.shared.most.lock().unwrap()
    }

    /// Waits until what was seen is so.
    pub(crate) async fn until(&self, holds: impl Fn(&[Seen]) -> bool) {
        let mut changes = self.shared.changed.subscribe();
        let waited = tokio::time::timeout(STUCK, async {
            while !holds(&self.shared.seen()) {
                changes.changed().await.unwrap();
            }
        });
        assert!(waited.await.is_ok(), "it never came to that: {:#?}", self.shared.seen());
    }

    /// Waits until no reply is under way, and gives every exchange.
    ///
    /// # Panics
    /// Where a request was not the recorded one, or a recorded one was not made.
    pub(crate) async fn finish(self) -> Vec<Exchange> {
        self.until(|seen| seen.iter().all(|seen| seen.state != State::UnderWay))
            .await;
        let seen = self.seen();
        let faults: Vec<_> = seen.iter().filter_map(|seen| seen.fault.clone()).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        if let Source::Record(exchanges) = &self.shared.source {
            let (asked, recorded) = (seen.len(), exchanges.len());
            assert_eq!(
                asked, recorded,
                "{asked} requests were made and {recorded} are recorded"
            );
        }
        seen.into_iter().map(Exchange::from).collect()
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap()
    }

    /// Notes a request, and says which one it is.
    fn note(&self, asked: Asked) -> usize {
        let mut seen = self.seen();
        seen.push(Seen {
            asked,
            told: Told::default(),
            pieces: 0,
            state: State::UnderWay,
            fault: None,
        });
        let busy = seen.iter().filter(|seen| seen.state == State::UnderWay).count();
        let mut most = self.most.lock().unwrap();
        *most = (*most).max(busy);
        self.changed.send_replace(());
        seen.len() - 1
    }

    fn change(&self, at: usize, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen()[at]);
        self.changed.send_replace(());
    }
}

impl From<Seen> for Exchange {
    fn from(seen: Seen) -> Self {
        Self {
            request: seen.asked,
            reply: seen.told,
        }
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| answer::answer(request, Arc::clone(&shared)));
        // A connection that breaks in the middle is what some of the cases are about.
        connections.spawn(async move {
            let _broken = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
