//! Where and how a provider is spoken to.

use std::sync::Arc;

use http::HeaderName;

use crate::dialect::Dialect;
use crate::residency::Stands;

/// What a provider's file makes of an operator's settings. A credential is no part of it.
#[derive(Clone)]
pub struct Place {
    /// The kind of the backend, as the price list and the catalog name it.
    pub kind: &'static str,
    /// What every request goes below.
    pub base: String,
    /// What stands in every request.
    pub headers: Vec<(HeaderName, String)>,
    /// How completions are asked.
    pub complete: Spoken,
    /// How vectors are asked, if they can be.
    pub embed: Option<Spoken>,
    /// Where it answers.
    pub stands: Stands,
    /// How it is logged in.
    pub login: Login,
}

/// A wire format where a provider speaks it.
#[derive(Clone)]
pub struct Spoken {
    /// The format.
    pub dialect: Arc<dyn Dialect>,
    /// The path below the base at which it is spoken.
    pub below: &'static str,
}

/// How a provider takes credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The headers that an API key is sent in; nothing for `authorization: Bearer`.
    pub key: &'static [&'static str],
    /// What requests are signed for with Amazon's signature.
    pub aws: Option<Aws>,
    /// The scope of a token of Entra ID's.
    pub entra: Option<&'static str>,
    /// Whether a token of Google's is taken.
    pub google: bool,
    /// Whether Oracle's signature is.
    pub oracle: bool,
}

/// What Amazon's signature is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aws {
    /// The service, such as `bedrock`.
    pub service: &'static str,
    /// The region.
    pub region: String,
}

impl Login {
    /// A key as a bearer token, and nothing else.
    pub const BEARER: Self = Self {
        key: &[],
        aws: None,
        entra: None,
        google: false,
        oracle: false,
    };
}

impl Place {
    /// A place with nothing but these.
    pub fn new(kind: &'static str, base: String, complete: Arc<dyn Dialect>, stands: Stands, login: Login) -> Self {
        Self {
            kind,
            base,
            headers: Vec::new(),
            complete: Spoken {
                dialect: complete,
                below: "",
            },
            embed: None,
            stands,
            login,
        }
    }

    /// The same, where completions are asked at a path of their own.
    #[must_use]
    pub const fn completing(mut self, below: &'static str) -> Self {
        self.complete.below = below;
        self
    }

    /// The same, which makes vectors too, at a path below the base.
    #[must_use]
    pub fn embedding(mut self, below: &'static str, dialect: impl Dialect + 'static) -> Self {
        self.embed = Some(Spoken {
            dialect: Arc::new(dialect),
            below,
        });
        self
    }

    /// The same, with a header in every request where there is a value for it.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: Option<&str>) -> Self {
        let header = value.map(|value| (HeaderName::from_static(name), value.to_owned()));
        self.headers.extend(header);
        self
    }
}
