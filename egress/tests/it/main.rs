//! The way out, against real sockets on this machine.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that panics has failed"
)]

mod hostile;
mod oauth;
mod oidc;
mod plain;
mod secure;
mod server;
mod sign;
mod ssrf;
mod stream;
