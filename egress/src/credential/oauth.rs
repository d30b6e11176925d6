//! Tokens of an endpoint (OAuth 2.0, RFC 6749): client credentials and JWT bearer. It is reached through a [`Client`] of its
//! own, with a rule of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::tokens::{Token, Tokens};
use crate::client::Client;
use crate::error::Error;
use crate::resolve::Resolve;
use crate::rule::Rule;

mod answer;
mod ask;
mod jwt;

pub use super::tokens::{TokenSource, Watch};
pub use ask::{ClientAuth, Grant};
pub use jwt::{Assertion, SigningKey};

/// How tokens are fetched.
#[derive(Debug)]
pub struct TokenSettings {
    /// The token endpoint: its base is the endpoint's whole URL.
    pub endpoint: Rule,
    /// How the client logs in at the endpoint.
    pub client: ClientAuth,
    /// What the token is asked by.
    pub grant: Grant,
    /// The scope, if the endpoint wants one (RFC 6749, 3.3).
    pub scope: Option<String>,
    /// Further parameters of the request: `resource` (RFC 8707), `audience`.
    pub parameters: Vec<(String, String)>,
    /// How long a token lives whose life the endpoint does not say.
    pub lifetime: Duration,
}

/// A token endpoint.
struct Endpoint {
    client: Client,
    settings: TokenSettings,
}

impl TokenSource {
    /// A source that has fetched nothing yet.
    pub fn new(settings: TokenSettings, resolver: Arc<dyn Resolve>) -> Self {
        Self::at(settings, resolver, None)
    }

    /// The same, and somebody is told of each token.
    pub fn watched(settings: TokenSettings, resolver: Arc<dyn Resolve>, watch: Arc<dyn Watch>) -> Self {
        Self::at(settings, resolver, Some(watch))
    }

    fn at(settings: TokenSettings, resolver: Arc<dyn Resolve>, watch: Option<Arc<dyn Watch>>) -> Self {
        let (name, lifetime) = (settings.endpoint.name().to_owned(), settings.lifetime);
        let client = Client::new(settings.endpoint.clone(), None, resolver);
        Self::of(name, Endpoint { client, settings }, lifetime, watch)
    }
}

#[async_trait]
impl Tokens for Endpoint {
    async fn token(&self) -> Result<Token, Error> {
        ask::ask(&self.client, &self.settings).await
    }
}
