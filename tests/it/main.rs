//! Integration tests: one binary, through the front door where it can.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod api;
mod approved;
mod calls;
mod compiled;
mod crash;
mod guests;
mod house;
mod http;
mod kill;
mod matrix;
mod others;
mod path;
mod program;
mod published;
mod push;
mod runs;
mod tidy;
