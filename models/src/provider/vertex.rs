//! Google's Vertex AI: Gemini, Claude and the models of OpenAI, in one project and one location.

use std::sync::Arc;

use serde::Deserialize;

use super::{Format, ProviderError, dialect, label};
use crate::backend::Place;
use crate::backend::place::Login;
use crate::dialect::Dialect;
use crate::dialect::chat::Chat;
use crate::dialect::embeddings::Embeddings;
use crate::dialect::messages::{self, Messages};
use crate::residency::Stands;

/// The path by which Google's own models are asked as OpenAI's are.
const OPENAI: &str = "/endpoints/openapi";

/// The project and the location.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Vertex {
    /// The project's name.
    pub project: String,
    /// `global`, a part of the world (`us`, `eu`), or a region such as `europe-west4`.
    pub location: String,
    /// Another address than Google's, for everything before the version.
    #[serde(default)]
    pub url: Option<String>,
}

impl Vertex {
    pub(super) fn place(&self, format: Option<Format>) -> Result<Place, ProviderError> {
        label("project", &self.project)?;
        label("location", &self.location)?;
        let spoken = [Format::Gemini, Format::Messages, Format::Responses, Format::Chat];
        let (format, dialect) = dialect("Vertex AI", format, &spoken)?;
        let dialect: Arc<dyn Dialect> = match format {
            Format::Messages => Arc::new(Messages {
                at: messages::Place::Vertex,
            }),
            Format::Chat => Arc::new(Chat { extra: true }),
            _ => dialect,
        };
        let below = match format {
            Format::Responses => "/publishers/openai/v1",
            Format::Chat => OPENAI,
            _ => "",
        };
        let (root, project, location) = (self.root(), &self.project, &self.location);
        let base = format!("{root}/v1/projects/{project}/locations/{location}");
        let login = Login {
            google: true,
            ..Login::BEARER
        };
        let place = Place::new("vertex", base, dialect, self.stands(), login);
        Ok(place.completing(below).embedding(OPENAI, Embeddings))
    }

    fn root(&self) -> String {
        let host = match self.location.as_str() {
            "global" => "aiplatform.googleapis.com".to_owned(),
            geo @ ("us" | "eu") => format!("aiplatform.{geo}.rep.googleapis.com"),
            region => format!("{region}-aiplatform.googleapis.com"),
        };
        self.url.clone().unwrap_or_else(|| format!("https://{host}"))
    }

    fn stands(&self) -> Stands {
        match self.location.as_str() {
            "global" => Stands::anywhere(),
            geo @ ("us" | "eu") => Stands::in_geo(geo),
            region => Stands::in_region(region),
        }
    }
}
