//! What a host is started with.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use models::price::Prices;
use registry::server::RegistryLimits;
use registry::{ClientSettings, Tenant};

use crate::binding::TenantSettings;
use crate::engine;
use crate::run::limits::RunLimits;

/// What a host is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of everything that the host keeps.
    pub data: PathBuf,
    /// The folder of its keys, outside the data.
    pub keys: PathBuf,
    /// Where to listen; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Other names of the embedded registry, as references spell them: `host` or `host:port`.
    pub names: Vec<String>,
    /// What the operator says of registries.
    pub client: ClientSettings,
    /// What the skills of each tenant reach, and under which policies.
    pub tenants: BTreeMap<Tenant, TenantSettings>,
    /// The operator's own price list.
    pub prices: Option<Arc<Prices>>,
    /// The file of the trust policy.
    pub trust_policy: Option<PathBuf>,
    /// How much the embedded registry takes.
    pub registry: RegistryLimits,
    /// Runs that may be under way at a time.
    pub runs: u32,
    /// Limits of runs whose approval says nothing.
    pub limits: RunLimits,
    /// The most that an approval may ask for.
    pub ceiling: RunLimits,
    /// The program that compiles: this one, unless a test says another.
    pub program: PathBuf,
    /// Connections that may be open at a time.
    pub connections: u32,
    /// For the head of a request to arrive, from the moment the connection stands or the last response was sent. A
    /// client that sends nothing, or a byte now and then, is gone after that.
    pub head: Duration,
    /// For what is under way to finish when the host ends.
    pub grace: Duration,
}

impl Settings {
    /// The defaults, for these folders.
    pub fn new(data: PathBuf, keys: PathBuf) -> Self {
        Self {
            data,
            keys,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7420)),
            names: Vec::new(),
            client: ClientSettings::default(),
            tenants: BTreeMap::new(),
            prices: None,
            trust_policy: None,
            registry: RegistryLimits::default(),
            runs: 256,
            limits: RunLimits::default(),
            ceiling: RunLimits::ceiling(),
            program: PathBuf::from("/proc/self/exe"),
            connections: 4096,
            head: Duration::from_secs(10),
            grace: Duration::from_secs(30),
        }
    }

    /// What the engine is started with.
    pub(super) fn engine(&self, cache_key: [u8; 32]) -> engine::Settings {
        engine::Settings {
            program: self.program.clone(),
            runs: self.runs,
            limits: self.limits,
            ceiling: self.ceiling,
            ..engine::Settings::new(self.data.join("code"), cache_key)
        }
    }
}
