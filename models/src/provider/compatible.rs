//! Any server that speaks as OpenAI does: vLLM, Ollama, llama.cpp, a gateway, a provider that this house does not know.

use std::sync::Arc;

use serde::Deserialize;

use super::{Format, ProviderError, dialect};
use crate::backend::Place;
use crate::backend::place::Login;
use crate::dialect::Dialect;
use crate::dialect::chat::Chat;
use crate::dialect::embeddings::Embeddings;
use crate::residency::Stands;

/// Its address, and what the operator knows of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Compatible {
    /// What stands before `/chat/completions`: `http://127.0.0.1:11434/v1`.
    pub url: String,
    /// The part of the world in which it stands, such as `eu`.
    #[serde(default)]
    pub geo: Option<String>,
    /// The region of it, where it answers from one alone.
    #[serde(default)]
    pub region: Option<String>,
}

impl Compatible {
    pub(super) fn place(&self, format: Option<Format>) -> Result<Place, ProviderError> {
        let spoken = [Format::Chat, Format::Responses, Format::Messages];
        let (format, dialect) = dialect("a compatible server", format, &spoken)?;
        let dialect: Arc<dyn Dialect> = match format {
            // It may be a gateway to Google's models.
            Format::Chat => Arc::new(Chat { extra: true }),
            _ => dialect,
        };
        let stands = Stands {
            geo: self.geo.as_ref().map(|geo| geo.to_ascii_lowercase()),
            region: self.region.clone(),
            in_region: self.region.is_some(),
        };
        let base = self.url.trim_end_matches('/').to_owned();
        let place = Place::new("compatible", base, dialect, stands, Login::BEARER);
        Ok(place.embedding("", Embeddings))
    }
}
