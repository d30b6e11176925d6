//! What an operator writes of a model binding.

use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact as friendly;
use models::backend::Otherwise;
use models::choice::Order;
use models::dialect::Abilities;
use models::price::OwnPrice;
use models::provider::{Format, Provider};
use registry::Label;
use serde::Deserialize;

use super::ModelCredentialSettings;
use crate::binding::TextFile;

/// Models behind one name, and who answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ModelSettings {
    /// Who is asked first of those that qualify.
    #[serde(default)]
    pub order: Order,
    /// The part of the world from which each call must be answered: `eu`.
    #[serde(default)]
    pub residency: Option<String>,
    /// Whether one region of it has to answer alone.
    #[serde(default)]
    pub in_region: bool,
    /// How long one sending may take.
    #[serde(default = "super::default_timeout", with = "friendly::required")]
    pub timeout: Duration,
    /// How often one backend is asked before the next one is.
    #[serde(default = "default_sendings")]
    pub sendings: u32,
    /// The longest pause before a backend is asked again; one that asks for more is left for the next.
    #[serde(default = "default_pause", with = "friendly::required")]
    pub longest_pause: Duration,
    /// Whether those who follow a run see an answer while it comes.
    #[serde(default = "default_provisional")]
    pub provisional: bool,
    /// Who can be asked.
    pub backends: Vec<BackendSettings>,
}

/// One model at one provider.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BackendSettings {
    /// Its name, which replies and bills show.
    pub name: Label,
    /// Who sells it, and where.
    pub provider: Provider,
    /// The model as the provider names it: a model, a deployment, an inference profile.
    #[serde(default)]
    pub model: String,
    /// The wire format, where it is not the one that is best for the model.
    #[serde(default)]
    pub format: Option<Format>,
    /// Whether answers are streamed to the host.
    #[serde(default = "default_stream")]
    pub stream: bool,
    /// The snapshot of the model that has to answer.
    #[serde(default)]
    pub snapshot: Option<SnapshotSettings>,
    /// How often it is chosen where the order is by weight.
    #[serde(default = "default_weight")]
    pub weight: u32,
    /// What the model can do, where the host does not know it.
    #[serde(default)]
    pub can: Option<Abilities>,
    /// What its calls cost, where no list knows it or the operator pays another price.
    #[serde(default)]
    pub price: Option<OwnPrice>,
    /// What logs in.
    #[serde(default)]
    pub credential: Option<ModelCredentialSettings>,
    /// Networks that are not public and that it may lie in.
    #[serde(default)]
    pub private_networks: Vec<String>,
    /// Whether it may be spoken to without TLS.
    #[serde(default)]
    pub plain_http: bool,
    /// PEM certificates of authorities that are trusted beside the machine's.
    #[serde(default)]
    pub roots: Option<TextFile>,
}

/// A snapshot that is pinned.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SnapshotSettings {
    /// Its name, as replies spell it.
    pub model: String,
    /// What is done where another one answers.
    #[serde(default)]
    pub otherwise: Otherwise,
}

const fn default_sendings() -> u32 {
    2
}

const fn default_pause() -> Duration {
    Duration::from_secs(20)
}

const fn default_provisional() -> bool {
    true
}

const fn default_stream() -> bool {
    true
}

const fn default_weight() -> u32 {
    1
}
