//! Code that talks to one service: takes only what the gate cleared.

mod http;

pub(crate) use http::HttpBackend;
