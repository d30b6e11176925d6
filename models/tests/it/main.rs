//! The suite of conformance: every backend as an operator configures it, through a whole gate and by the house's own way
//! out, against exchanges that were recorded from an independent double of its provider.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that panics has failed"
)]

mod aimock;
mod answers;
mod backends;
mod cases;
mod conformance;
mod endings;
mod entra;
mod errors;
mod expected;
mod front;
mod logins;
mod moto;
mod placed;
mod render;
mod report;
mod table;
mod talk;
mod tape;
mod world;
