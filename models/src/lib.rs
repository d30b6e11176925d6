//! One model call, every cloud: what a skill asks becomes what a provider understands, and what it answers one form.
//!
//! A [`dialect`] is a wire format and knows no provider; a backend is an address, a dialect and a way to log in. Nothing
//! here opens a socket: requests leave by `egress`, and only for what the gate cleared.
#![forbid(unsafe_code)]

pub mod abilities;
pub mod dialect;
pub mod price;
pub mod trouble;
