//! Amazon Bedrock: Converse for every model of the runtime, and the endpoint `mantle` for those that speak other formats.

use serde::Deserialize;

use super::{Format, ProviderError, dialect, label};
use crate::abilities::Entry;
use crate::backend::Place;
use crate::backend::place::{Aws, Login};
use crate::dialect::invoke::Invoke;
use crate::residency::Stands;

/// The region, and which of its endpoints.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Bedrock {
    /// Such as `eu-central-1`.
    pub region: String,
    /// Whether the model is asked for at `bedrock-mantle`, which answers in that region alone.
    #[serde(default)]
    pub mantle: bool,
    /// The project there.
    #[serde(default)]
    pub project: Option<String>,
    /// Another address, such as that of a private endpoint.
    #[serde(default)]
    pub url: Option<String>,
}

impl Bedrock {
    pub(super) const fn kind(&self) -> &'static str {
        if self.mantle { "bedrock-mantle" } else { "bedrock" }
    }

    pub(super) fn place(&self, model: &str, entry: &Entry, format: Option<Format>) -> Result<Place, ProviderError> {
        label("region", &self.region)?;
        if self.mantle {
            return self.mantle(entry, format);
        }
        let spoken = [Format::Converse, Format::Responses, Format::Chat];
        let (format, dialect) = dialect("Bedrock's runtime", format, &spoken)?;
        let below = if format == Format::Converse { "" } else { "/openai/v1" };
        let base = format!("https://bedrock-runtime.{}.amazonaws.com", self.region);
        let base = self.url.clone().unwrap_or(base);
        let place = Place::new(self.kind(), base, dialect, self.stands(model), self.login("bedrock"));
        Ok(place.completing(below).embedding("", Invoke))
    }

    fn mantle(&self, entry: &Entry, format: Option<Format>) -> Result<Place, ProviderError> {
        let spoken = [Format::Responses, Format::Chat, Format::Messages];
        let (format, dialect) = dialect("Bedrock's mantle", format, &spoken)?;
        let path = match format {
            Format::Messages => "/anthropic",
            _ => entry.base_path.as_deref().unwrap_or("/v1"),
        };
        let base = format!("https://bedrock-mantle.{}.api.aws{path}", self.region);
        let base = self.url.clone().unwrap_or(base);
        let stands = Stands::in_region(&self.region);
        let place = Place::new(self.kind(), base, dialect, stands, self.login("bedrock-mantle"));
        Ok(place.header("openai-project", self.project.as_deref()))
    }

    fn login(&self, service: &'static str) -> Login {
        Login {
            aws: Some(Aws {
                service,
                region: self.region.clone(),
            }),
            ..Login::BEARER
        }
    }

    /// A profile's prefix says where it may answer; a model's own name answers in the region.
    fn stands(&self, model: &str) -> Stands {
        const PROFILES: [&str; 7] = ["us", "eu", "au", "jp", "apac", "us-gov", "ca"];
        match model.split_once('.') {
            Some(("global", _)) => Stands::anywhere(),
            Some((geo, _)) if PROFILES.contains(&geo) => Stands::in_geo(geo),
            // An application's profile names no place, and may lead anywhere.
            _ if model.starts_with("arn:") && model.contains(":application-inference-profile/") => Stands::anywhere(),
            _ => Stands::in_region(&self.region),
        }
    }
}
