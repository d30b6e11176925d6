//! How much and how long.

use std::time::Duration;

/// The most that one request may send and take, in bytes unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// The request's path, query and headers.
    pub request_head: usize,
    /// The request's body.
    pub request_body: usize,
    /// The reply's status line and headers, and its trailers.
    pub reply_head: usize,
    /// How many headers the reply may have.
    pub reply_headers: usize,
    /// The reply's body as it is sent.
    pub reply_body: usize,
    /// The reply's body once it is decompressed.
    pub decompressed: usize,
}

/// The longest that one request may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Until a connection stands: name, TCP and TLS.
    pub connect: Duration,
    /// From there until the head of the reply is whole.
    pub head: Duration,
    /// From the first step to the end of the reply, a token that must be fetched included.
    pub total: Duration,
    /// How long a connection that nobody uses is kept.
    pub idle: Duration,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            request_head: 16 << 10,
            request_body: 1 << 20,
            reply_head: 32 << 10,
            reply_headers: 128,
            reply_body: 8 << 20,
            decompressed: 8 << 20,
        }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            head: Duration::from_secs(30),
            total: Duration::from_secs(30),
            idle: Duration::from_secs(30),
        }
    }
}
