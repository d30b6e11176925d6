//! The only way out to a network.
//!
//! A [`Rule`] says where one binding of one tenant may go. It makes [`Target`]s, and a [`Client`] sends [`Request`]s there:
//! the name is resolved once, every address is judged, a judged one is connected to, TLS proves who is there, and the
//! [`Credential`] is added last, only where the rule lets it go. Nothing follows redirects and nothing asks a proxy.
#![forbid(unsafe_code)]

mod address;
mod client;
mod connect;
mod connection;
pub mod credential;
mod error;
mod reply;
mod request;
mod resolve;
mod rule;
mod target;
mod tls;

pub use client::Client;
pub use credential::{Credential, Secret};
pub use error::{Code, Error, Sent};
pub use reply::Reply;
pub use request::Request;
pub use resolve::{Resolve, SystemResolver};
pub use rule::{Caps, HostSettings, Rule, RuleSettings, Times};
pub use target::Target;
