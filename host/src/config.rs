//! The configuration file: every setting in one tree, unknown keys refused, secrets by reference.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use models::price::Prices;
use registry::{Limits, Tenant};
use serde::Deserialize;

use crate::binding::{TenantSettings, TextFile};
use crate::run::limits::RunLimits;
use crate::serve::Settings;

mod registries;
#[cfg(test)]
mod tests;

pub use registries::{Docker, Embedded, Proxy, Registry};

/// What an operator may set. Each value has a default, so an empty file is a good file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// Where to listen; the flag `--listen` goes first.
    #[serde(default)]
    pub listen: Option<SocketAddr>,
    /// The most that an approval may grant to one run, where that is less than the host's own ceiling.
    #[serde(default)]
    pub ceiling: Limits,
    /// How much runs at once.
    #[serde(default)]
    pub runs: Runs,
    /// The host's own registry.
    #[serde(default)]
    pub registry: Embedded,
    /// The file that says whose signatures are trusted; without one, the ledger's publishers and keys decide.
    #[serde(default)]
    pub trust_policy: Option<PathBuf>,
    /// Registries outside, by host and port.
    #[serde(default)]
    pub registries: BTreeMap<String, Registry>,
    /// Where Docker keeps who the host is at registries that are not named above.
    #[serde(default)]
    pub docker: Option<Docker>,
    /// What stands between the host and registries outside; else what `HTTPS_PROXY` and `NO_PROXY` say.
    #[serde(default)]
    pub proxy: Option<Proxy>,
    /// The operator's own price list for models, which goes before the one that is built in.
    #[serde(default)]
    pub prices: Option<TextFile>,
    /// What the skills of each tenant reach, and under which policies.
    #[serde(default)]
    pub tenants: BTreeMap<Tenant, TenantSettings>,
}

/// How much runs at once.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Runs {
    /// Runs in memory at the same time; a further one is answered 503.
    #[serde(default)]
    pub concurrent: Option<u32>,
}

/// Where a secret lies. It is never written in the configuration itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a secret's place: { file = \"...\" } or { env = \"...\" }"
)]
pub struct Secret {
    /// A file that holds it, without its last line break.
    #[serde(default)]
    file: Option<PathBuf>,
    /// An environment variable that holds it.
    #[serde(default)]
    env: Option<String>,
}

impl Config {
    /// Reads the file, or gives the defaults where none is named.
    ///
    /// # Errors
    /// The file cannot be read, or holds an unknown key or a value of the wrong type.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let Some(file) = file else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        Self::parse(&text).with_context(|| format!("{} cannot be used", file.display()))
    }

    /// What a host in these folders is started with; `listen` goes before the file.
    ///
    /// # Errors
    /// A secret is not where it is said to be.
    pub fn settings(&self, data: &Path, keys: &Path, listen: Option<SocketAddr>) -> Result<Settings> {
        let mut settings = Settings::new(data.to_owned(), keys.to_owned());
        settings.client = self.registries()?;
        self.registry.limit(&mut settings.registry);
        settings.listen = listen.or(self.listen).unwrap_or(settings.listen);
        settings.runs = self.runs.concurrent.unwrap_or(settings.runs);
        settings.tenants.clone_from(&self.tenants);
        settings.prices = self.prices()?;
        settings.trust_policy.clone_from(&self.trust_policy);
        settings.ceiling = RunLimits::settle(&settings.ceiling, &self.ceiling, &settings.ceiling);
        Ok(settings)
    }

    /// The operator's own price list, read now.
    ///
    /// # Errors
    /// It is not where it is said to be, or cannot hold.
    pub fn prices(&self) -> Result<Option<Arc<Prices>>> {
        let Some(TextFile { file }) = &self.prices else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(file);
        let text = text.with_context(|| format!("prices.file: cannot read {}", file.display()))?;
        let prices = Prices::of_operator(&text);
        let prices = prices.with_context(|| format!("prices.file: {} cannot be used", file.display()))?;
        Ok(Some(Arc::new(prices)))
    }

    fn parse(text: &str) -> Result<Self> {
        let config: Self = toml::from_str(text)?;
        config.check_registries()?;
        Ok(config)
    }
}

impl Secret {
    /// The secret itself, read now.
    ///
    /// # Errors
    /// It is not where it is said to be, or the reference names no place or two.
    #[expect(clippy::disallowed_methods, reason = "the configuration names the variable")]
    pub fn read(&self) -> Result<String> {
        match (&self.file, &self.env) {
            (Some(file), None) => {
                let text = std::fs::read_to_string(file)
                    .with_context(|| format!("cannot read the secret in {}", file.display()))?;
                Ok(text.trim_end_matches(['\r', '\n']).to_owned())
            }
            (None, Some(name)) => {
                std::env::var(name).with_context(|| format!("the environment variable {name} is not set"))
            }
            _ => bail!("a secret is written as {{ file = \"...\" }} or as {{ env = \"...\" }}"),
        }
    }
}
