//! Oracle's generative AI: its paths that speak as OpenAI does, and its own for vectors.

use serde::Deserialize;

use super::{Format, ProviderError, dialect, label};
use crate::backend::Place;
use crate::backend::place::Login;
use crate::dialect::embed_text::EmbedText;
use crate::residency::Stands;

/// The region and the compartment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Oracle {
    /// Such as `eu-frankfurt-1`.
    pub region: String,
    /// The compartment, which requests name that are signed; an API key has its own.
    #[serde(default)]
    pub compartment: Option<String>,
    /// Another address, such as that of a private endpoint.
    #[serde(default)]
    pub url: Option<String>,
}

impl Oracle {
    pub(super) fn place(&self, format: Option<Format>) -> Result<Place, ProviderError> {
        label("region", &self.region)?;
        let (_, dialect) = dialect("Oracle", format, &[Format::Chat, Format::Responses])?;
        let host = format!("inference.generativeai.{}.oci.oraclecloud.com", self.region);
        let base = format!("https://{host}/20231130/actions");
        let base = self.url.clone().unwrap_or(base);
        let login = Login {
            oracle: true,
            ..Login::BEARER
        };
        let place = Place::new("oci", base, dialect, Stands::in_region(&self.region), login);
        let compartment = self.compartment.clone();
        Ok(place
            .completing("/v1")
            .embedding("", EmbedText { compartment })
            .header("compartmentid", self.compartment.as_deref())
            .header("opc-compartment-id", self.compartment.as_deref()))
    }
}
