//! What an operator writes of the repositories that a tenant watches.

use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact as friendly;
use registry::{Reference, Tenant};
use serde::Deserialize;

use super::{Turn, Watched};

/// The repositories that a tenant watches.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WatchSettings {
    /// Each as `namespace/name` in this host's registry or as a full reference: with a tag, whatever the tag names; without
    /// one, the highest version.
    #[serde(default)]
    pub repositories: Vec<String>,
    /// How often each is looked at.
    #[serde(default = "default_every", with = "friendly::required")]
    pub every: Duration,
}

/// What is configured cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("tenants.{tenant}.watch.{key}: {told}")]
pub struct WatchError {
    tenant: Tenant,
    key: &'static str,
    told: String,
}

/// Registries count requests; who asks more often is sent away.
const OFTENEST: Duration = Duration::from_secs(10);

impl WatchSettings {
    /// # Errors
    /// A reference that cannot be read or names one artifact for ever, one that stands twice, or a time too short.
    pub(super) fn read(&self, tenant: &Tenant, home: &str) -> Result<Vec<Watched>, WatchError> {
        let refused = |key, told: String| WatchError {
            tenant: tenant.clone(),
            key,
            told,
        };
        if self.every < OFTENEST {
            return Err(refused("every", "say 10 seconds or more, such as \"15m\"".to_owned()));
        }
        let mut watched: Vec<Watched> = Vec::new();
        for text in &self.repositories {
            let reference: Reference =
                crate::api::at_home(text, home).map_err(|error| refused("repositories", error.told().to_owned()))?;
            if reference.digest().is_some() {
                let told = format!("`{text}` names one artifact, which never changes: leave the digest out");
                return Err(refused("repositories", told));
            }
            if watched.iter().any(|other| other.text == *text) {
                return Err(refused("repositories", format!("`{text}` stands here twice")));
            }
            watched.push(Watched {
                tenant: tenant.clone(),
                text: text.clone(),
                every: self.every,
                reference,
                turn: Turn::default(),
            });
        }
        Ok(watched)
    }
}

impl Default for WatchSettings {
    fn default() -> Self {
        Self {
            repositories: Vec::new(),
            every: default_every(),
        }
    }
}

const fn default_every() -> Duration {
    Duration::from_secs(15 * 60)
}
