//! Integration tests: one binary, through the front door where it can.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod api;
mod approved;
mod bad_hosts;
mod calls;
mod canary;
mod carried;
mod compiled;
mod consents;
mod crash;
mod follow;
mod granted;
mod guests;
mod house;
mod http;
mod jira;
mod keys;
mod kill;
mod lifecycle;
mod limits;
mod matrix;
mod models;
mod others;
mod path;
mod prefer;
mod program;
mod published;
mod push;
mod resolve;
mod runs;
mod tidy;
mod tokens;
mod trial;
mod trusted;
mod usage;
