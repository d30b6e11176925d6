//! OpenAI's own API.

use serde::Deserialize;

use super::{Format, ProviderError, dialect};
use crate::backend::Place;
use crate::backend::place::Login;
use crate::dialect::embeddings::Embeddings;
use crate::residency::Stands;

/// The account, and the part of the world in which it is served.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct OpenAi {
    /// `us`, `eu`, `ae`, `au`, `in` or `jp`: projects with data residency have a host of their own there.
    pub geo: Option<String>,
    /// The organization, where the key belongs to several.
    pub organization: Option<String>,
    /// The project, where the key belongs to several.
    pub project: Option<String>,
    /// Another address, such as that of a proxy.
    pub url: Option<String>,
}

/// The parts of the world that have a host of their own.
const GEOS: [&str; 6] = ["us", "eu", "ae", "au", "in", "jp"];

impl OpenAi {
    pub(super) fn place(&self, format: Option<Format>) -> Result<Place, ProviderError> {
        let (_, dialect) = dialect("OpenAI", format, &[Format::Responses, Format::Chat])?;
        let host = match self.geo.as_deref() {
            None => "api.openai.com".to_owned(),
            Some(geo) if GEOS.contains(&geo) => format!("{geo}.api.openai.com"),
            Some(_) => return Err(ProviderError::new("geo", format!("name one of {}", GEOS.join(", ")))),
        };
        let base = self.url.clone().unwrap_or_else(|| format!("https://{host}/v1"));
        let stands = self.geo.as_deref().map_or_else(Stands::anywhere, Stands::in_geo);
        let place = Place::new("openai", base, dialect, stands, Login::BEARER).embedding("", Embeddings);
        Ok(place
            .header("openai-organization", self.organization.as_deref())
            .header("openai-project", self.project.as_deref()))
    }
}
