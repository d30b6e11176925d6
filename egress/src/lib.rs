//! The only way out to a network.
//!
//! A [`Rule`] says where one binding of one tenant may go. It makes [`Target`]s, and a [`Client`] sends [`Request`]s there:
//! the name is resolved once, every address is judged, a judged one is connected to, TLS proves who is there, and the
//! [`Credential`] is added last, only where the rule lets it go. Nothing follows redirects and nothing asks a proxy.
//!
//! ```no_run
//! # async fn wired() -> Result<(), egress::Error> {
//! use std::sync::Arc;
//! use egress::{Client, Credential, Request, Rule, RuleSettings, Secret, Sent, SystemResolver};
//!
//! // Once for each binding of each tenant, when settings are read.
//! let mut settings = RuleSettings::new("jira", "https://example.atlassian.net/");
//! settings.caps.reply_body = 4 << 20;
//! settings.owned_headers = vec!["idempotency-key".to_owned()];
//! let credential = Credential::basic("bot@example.com", Secret::new("from a file"))?;
//! let client = Client::new(Rule::new(settings)?, Some(credential), Arc::new(SystemResolver));
//!
//! // Once for each call: `https://jira/rest/api/3/myself` names the binding, other hosts go through `Rule::at`.
//! let target = client.rule().below("/rest/api/3/myself")?;
//! let request = Request::new(http::Method::GET, target);
//! client.check(&request)?; // Before anything is recorded as sent.
//! match client.send(request).await {
//!     Ok(reply) if reply.status == 401 && client.invalidate(&reply) => {} // Worth one more try: there is a new token.
//!     Ok(_) => {}
//!     Err(error) if error.sent() == Sent::No => {} // It was not carried out.
//!     Err(_) => {} // Nobody knows.
//! }
//! # Ok(())
//! # }
//! ```
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
pub use reply::{Reply, Streamed};
pub use request::Request;
pub use resolve::{Resolve, SystemResolver};
pub use rule::{Caps, HostSettings, Rule, RuleSettings, Times};
pub use target::Target;
