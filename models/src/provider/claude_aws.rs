//! Anthropic's platform on Amazon's cloud: Anthropic answers, and Amazon's credentials log in.

use serde::Deserialize;

use super::{Format, ProviderError, dialect, label};
use crate::backend::Place;
use crate::backend::place::{Aws, Login};
use crate::residency::Stands;

/// The region and the workspace.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClaudeAws {
    /// The region of the endpoint. It is no promise of where the model runs.
    pub region: String,
    /// The workspace there.
    pub workspace: String,
    /// Another address, such as that of a private endpoint.
    #[serde(default)]
    pub url: Option<String>,
}

impl ClaudeAws {
    pub(super) fn place(&self, format: Option<Format>) -> Result<Place, ProviderError> {
        label("region", &self.region)?;
        let (_, dialect) = dialect("Claude on Amazon's cloud", format, &[Format::Messages])?;
        let base = format!("https://aws-external-anthropic.{}.api.aws", self.region);
        let base = self.url.clone().unwrap_or(base);
        let login = Login {
            key: &["x-api-key"],
            aws: Some(Aws {
                service: "aws-external-anthropic",
                region: self.region.clone(),
            }),
            ..Login::BEARER
        };
        let place = Place::new("claude-aws", base, dialect, Stands::anywhere(), login);
        Ok(place.header("anthropic-workspace-id", Some(&self.workspace)))
    }
}
