//! A proxy (RFC 9110, CONNECT) that takes every name for one and the same address, and writes down what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// Longer heads end the connection.
const HEAD_MOST: usize = 8 << 10;

/// A proxy that listens, until the runtime ends.
#[derive(Clone)]
pub struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Listens on a free port of loopback, and leads every tunnel to this address.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn listen(to: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Self {
            address: listener.local_addr()?,
            asked: Arc::default(),
        };
        let asked = Arc::clone(&proxy.asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(tunnel(stream, to, Arc::clone(&asked)));
            }
        });
        Ok(proxy)
    }

    /// Where it listens, as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked, in order: the first line of each request, and who asked.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn tunnel(mut stream: TcpStream, to: SocketAddr, asked: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_MOST {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let first = head.lines().next().unwrap_or_default();
    let is_login = |line: &&str| line.to_ascii_lowercase().starts_with("proxy-authorization:");
    let login = head.lines().find(is_login).and_then(|line| line.split_once(": "));
    let line = format!("{first} as {}", login.map_or("nobody", |(_, login)| login));
    asked.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    let mut server = TcpStream::connect(to).await?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}
