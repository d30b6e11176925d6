//! A proxy that counts answers, and stops everything after so many of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Stands before a host.
pub(crate) struct Proxy {
    /// `127.0.0.1:port`
    pub(crate) host: String,
    /// So many answers have come; the last of them is held back until the host is killed.
    due: CancellationToken,
    ended: CancellationToken,
}

impl Proxy {
    /// Listens, and forwards to `target` until `answers` have come.
    pub(crate) async fn start(target: String, answers: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (due, ended) = (CancellationToken::new(), CancellationToken::new());
        let count = Counter {
            left: Arc::new(AtomicUsize::new(answers)),
            due: due.clone(),
        };
        let accepting = accept(listener, target, count);
        tokio::spawn(ended.clone().run_until_cancelled_owned(accepting));
        Self { host, due, ended }
    }

    /// Waits until so many answers have come.
    pub(crate) async fn is_due(&self) {
        self.due.cancelled().await;
    }

    /// Takes no more connections.
    pub(crate) fn let_go(self) {
        self.ended.cancel();
    }
}

#[derive(Clone)]
struct Counter {
    left: Arc<AtomicUsize>,
    due: CancellationToken,
}

async fn accept(listener: TcpListener, target: String, count: Counter) {
    while let Ok((client, _)) = listener.accept().await {
        let Ok(host) = TcpStream::connect(&target).await else {
            continue;
        };
        let ((from_client, to_client), (from_host, to_host)) = (client.into_split(), host.into_split());
        tokio::spawn(up(from_client, to_host));
        tokio::spawn(down(from_host, to_client, count.clone()));
    }
}

async fn up(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let _ = tokio::io::copy(&mut from, &mut to).await;
}

async fn down(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, count: Counter) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(read) = from.read(&mut bytes).await
        && read > 0
    {
        let answers = bytes[..read].windows(9).filter(|window| window == b"HTTP/1.1 ").count();
        for _ in 0..answers {
            if count.left.fetch_sub(1, Ordering::SeqCst) == 1 {
                count.due.cancel();
                return;
            }
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}
