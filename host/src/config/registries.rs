//! What the configuration says of registries: the host's own, those outside, and the way to them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use registry::server::RegistryLimits;
use registry::{Authority, ClientSettings, DockerCredentials, Login, Mirror, Reference, TokenHost};
use serde::Deserialize;
use url::Url;

use super::{Config, Secret};

/// How much the host's own registry keeps.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Embedded {
    /// Mebibytes of one namespace, all versions and signatures together.
    #[serde(default)]
    pub namespace_mib: Option<u32>,
    /// Manifests of one namespace: a version is one, and each of its signatures.
    #[serde(default)]
    pub namespace_manifests: Option<u32>,
}

/// A registry outside.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Registry {
    /// The user name for basic authentication.
    #[serde(default)]
    pub username: Option<String>,
    /// The password or token that goes with it.
    #[serde(default)]
    pub password: Option<Secret>,
    /// Hosts that may be given the password in exchange for a token, beside the registry itself.
    #[serde(default)]
    pub token_hosts: Vec<String>,
    /// Speak HTTP without TLS although the registry is not on this machine.
    #[serde(default)]
    pub plain_http: bool,
    /// A file of certificates in PEM that vouch for it, beside those that the system knows.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Where else its artifacts are looked for, in this order: `host[:port][/path]`.
    #[serde(default)]
    pub mirrors: Vec<String>,
}

/// What stands between the host and registries outside.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Proxy {
    /// `http://host:port`.
    pub url: Url,
    /// The user name for basic authentication.
    #[serde(default)]
    pub username: Option<String>,
    /// The password that goes with it.
    #[serde(default)]
    pub password: Option<Secret>,
    /// Hosts and networks that are reached without it, as `NO_PROXY` spells them.
    #[serde(default)]
    pub direct: Vec<String>,
}

/// Docker's credentials.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Docker {
    /// The file, such as `~/.docker/config.json`.
    pub file: PathBuf,
    /// The folder of the programs `docker-credential-…`, where they are not in `PATH`.
    #[serde(default)]
    pub helpers: Option<PathBuf>,
}

impl Config {
    /// What the client of registries is told.
    ///
    /// # Errors
    /// A secret or a certificate is not where it is said to be, or makes no sense.
    pub fn registries(&self) -> Result<ClientSettings> {
        let mut settings = ClientSettings::default();
        for (host, registry) in &self.registries {
            let read = registry.add_to(host, &mut settings);
            read.with_context(|| format!("registries.\"{host}\" cannot be used"))?;
        }
        settings.docker = self.docker.as_ref().map(Docker::credentials).transpose()?;
        settings.proxy = self
            .proxy
            .as_ref()
            .map(Proxy::read)
            .transpose()
            .context("the proxy cannot be used")?;
        Ok(settings)
    }

    pub(super) fn check_registries(&self) -> Result<()> {
        for (host, registry) in &self.registries {
            if registry.password.is_some() && registry.username.is_none() {
                bail!("registries.\"{host}\" has a password and no username");
            }
        }
        Ok(())
    }
}

impl Embedded {
    pub(super) fn limit(&self, limits: &mut RegistryLimits) {
        if let Some(most) = self.namespace_mib {
            limits.namespace_bytes = u64::from(most) << 20;
        }
        if let Some(most) = self.namespace_manifests {
            limits.namespace_manifests = most as usize;
        }
    }
}

impl Registry {
    fn add_to(&self, host: &str, settings: &mut ClientSettings) -> Result<()> {
        settings.token_hosts.extend(self.token_hosts.iter().map(|at| TokenHost {
            registry: host.to_owned(),
            host: at.clone(),
        }));
        for place in &self.mirrors {
            let place = place.trim_end_matches('/').to_owned();
            // Whatever is kept there is asked for like this.
            format!("{place}/namespace/name")
                .parse::<Reference>()
                .context("a mirror is `host[:port][/path]`")?;
            settings.mirrors.push(Mirror {
                registry: host.to_owned(),
                place,
            });
        }
        if self.plain_http {
            settings.plain_http.push(host.to_owned());
        }
        if let Some(file) = &self.ca {
            let pem = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            settings.authorities.push(Authority::read(host, &pem)?);
        }
        if let (Some(user), Some(password)) = (&self.username, &self.password) {
            settings.logins.push(Login {
                registry: host.to_owned(),
                user: user.clone(),
                secret: password.read()?,
            });
        }
        Ok(())
    }
}

impl Proxy {
    fn read(&self) -> Result<registry::Proxy> {
        let password = self.password.as_ref().map(Secret::read).transpose()?;
        let login = self.username.as_deref().zip(password.as_deref());
        if login.is_none() && (self.username.is_some() || self.password.is_some()) {
            bail!("a username and a password come together");
        }
        Ok(registry::Proxy::new(&self.url, login, &self.direct)?)
    }
}

impl Docker {
    fn credentials(&self) -> Result<DockerCredentials> {
        Ok(DockerCredentials {
            file: at_home(&self.file)?,
            helpers: self.helpers.as_deref().map(at_home).transpose()?,
        })
    }
}

/// `~/…` is below the home folder of whoever runs the host.
fn at_home(path: &Path) -> Result<PathBuf> {
    match path.strip_prefix("~") {
        Ok(rest) => Ok(std::env::home_dir()
            .context("there is no home folder: write the whole path")?
            .join(rest)),
        Err(_) => Ok(path.to_owned()),
    }
}
