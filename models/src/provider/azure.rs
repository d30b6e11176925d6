//! Azure OpenAI and Microsoft Foundry, by the API that has no version in its address. The model is the deployment's name.

use serde::Deserialize;

use super::{Format, ProviderError, dialect, label};
use crate::backend::Place;
use crate::backend::place::Login;
use crate::dialect::embeddings::Embeddings;
use crate::residency::Stands;

/// The resource, and what kind of deployment the model is.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Azure {
    /// The resource's name.
    pub resource: String,
    /// Whether it is a Foundry resource; Claude is served by those alone.
    #[serde(default)]
    pub foundry: bool,
    /// Where the deployment answers: it is a property of the deployment, and no reply says it.
    #[serde(default)]
    pub deployment: Deployment,
    /// The region of a `regional` deployment.
    #[serde(default)]
    pub region: Option<String>,
    /// The part of the world of a `regional` or a `data-zone` deployment: `us`, `eu`.
    #[serde(default)]
    pub geo: Option<String>,
    /// Another address, such as that of a gateway.
    #[serde(default)]
    pub url: Option<String>,
}

/// Where a deployment answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deployment {
    /// Anywhere.
    #[default]
    Global,
    /// Anywhere in one part of the world.
    DataZone,
    /// In one region.
    Regional,
}

impl Azure {
    pub(super) fn place(&self, format: Option<Format>) -> Result<Place, ProviderError> {
        label("resource", &self.resource)?;
        let (format, dialect) = dialect("Azure", format, &[Format::Responses, Format::Chat, Format::Messages])?;
        if format == Format::Messages && !self.foundry {
            let told = "Claude is served by Foundry resources alone; set `foundry = true`";
            return Err(ProviderError::new("foundry", told));
        }
        let host = if self.foundry {
            "services.ai.azure.com"
        } else {
            "openai.azure.com"
        };
        let path = if format == Format::Messages {
            "anthropic"
        } else {
            "openai/v1"
        };
        let base = format!("https://{}.{host}/{path}", self.resource);
        let base = self.url.clone().unwrap_or(base);
        let login = Login {
            key: if format == Format::Messages {
                &["x-api-key", "api-key"]
            } else {
                &["api-key"]
            },
            entra: Some(match self.foundry {
                true => "https://ai.azure.com/.default",
                false => "https://cognitiveservices.azure.com/.default",
            }),
            ..Login::BEARER
        };
        let place = Place::new("azure", base, dialect, self.stands()?, login);
        Ok(match format {
            Format::Messages => place,
            _ => place.embedding("", Embeddings),
        })
    }

    fn stands(&self) -> Result<Stands, ProviderError> {
        let geo = || {
            let told = "say in which part of the world the deployment answers, such as `eu`";
            self.geo.clone().ok_or_else(|| ProviderError::new("geo", told))
        };
        Ok(match self.deployment {
            Deployment::Global => Stands::anywhere(),
            Deployment::DataZone => Stands::in_geo(&geo()?),
            Deployment::Regional => Stands {
                geo: Some(geo()?.to_ascii_lowercase()),
                region: self.region.clone(),
                in_region: true,
            },
        })
    }
}
