//! Anthropic's own API.

use std::sync::Arc;

use serde::Deserialize;

use super::{Format, ProviderError, dialect};
use crate::backend::Place;
use crate::backend::place::Login;
use crate::dialect::messages::{self, Messages};
use crate::residency::Stands;

/// Where the account's calls are answered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Anthropic {
    /// The part of the world in which models run, such as `us`; each request asks for it, and each reply says it.
    pub geo: Option<String>,
    /// Another address, such as that of a proxy.
    pub url: Option<String>,
}

impl Anthropic {
    pub(super) fn place(&self, format: Option<Format>) -> Result<Place, ProviderError> {
        dialect("Anthropic", format, &[Format::Messages])?;
        let dialect = Arc::new(Messages {
            at: messages::Place::Anthropic { geo: self.geo.clone() },
        });
        let base = self
            .url
            .clone()
            .unwrap_or_else(|| "https://api.anthropic.com".to_owned());
        let stands = self.geo.as_deref().map_or_else(Stands::anywhere, Stands::in_geo);
        let login = Login {
            key: &["x-api-key"],
            ..Login::BEARER
        };
        Ok(Place::new("anthropic", base, dialect, stands, login))
    }
}
