//! One model call, every cloud: what a skill asks becomes what a provider understands, and what it answers one form.
//!
//! A [`dialect`] is a wire format and knows no provider; a backend is an address, a dialect and a way to log in. Nothing
//! here opens a socket: requests leave by `egress`, and only for what the gate cleared.
#![forbid(unsafe_code)]

pub mod abilities;
pub mod backend;
pub mod choice;
pub mod credential;
pub mod dialect;
pub mod frames;
pub mod price;
pub mod provider;
pub mod recorded;
pub mod residency;
pub mod trouble;
