//! What logs in at a provider of models, by the cloud's own library where it is a cloud's.

mod settings;

use std::sync::Arc;
use std::time::Duration;

use egress::credential::{TokenSource, Tokens as Fetches};
use egress::{Client, Credential, HostSettings, Rule, RuleSettings, Secret};
use models::backend::Place;
use models::credential::Way;
use models::credential::aws::{Aws, BedrockKey, SigV4};
use models::credential::entra::{Entra, Identity};
use models::credential::google::Google;
use models::credential::oracle::Signer;

use super::settings::BackendSettings;
use crate::binding::credential::{Read, known, read};
use crate::binding::error::{BindingError, of_egress};
use crate::binding::maker::Maker;
use crate::config;

pub use settings::{AwsSettings, EntraSettings, GoogleSettings, ModelCredentialSettings, OracleSettings};

/// How long a token is kept that does not say how long it lives.
const LIFETIME: Duration = Duration::from_secs(5 * 60);
/// How long an API key lives that is made here.
const MINTED: Duration = Duration::from_secs(60 * 60);
const GOOGLE: &str = "https://www.googleapis.com/auth/cloud-platform";
const ENTRA: &str = "https://login.microsoftonline.com";

impl Maker<'_> {
    /// Reads what logs in, and lets its secrets be known.
    pub(super) fn model_login(&self, backend: &BackendSettings, place: &Place) -> Result<Option<Read>, BindingError> {
        let Some(credential) = &backend.credential else {
            return Ok(None);
        };
        let label = format!("{}/{}", self.label, backend.name);
        let login = match credential {
            ModelCredentialSettings::ApiKey(key) => api_key(key, place)?,
            ModelCredentialSettings::Aws(aws) => self.aws(&label, aws, place)?,
            ModelCredentialSettings::Entra(entra) => self.entra(&label, entra, place)?,
            ModelCredentialSettings::Google(google) => self.google(&label, google, place)?,
            ModelCredentialSettings::Oracle(oracle) => signed_for_oracle(oracle, place)?,
        };
        self.known(&label, login).map(Some)
    }

    fn aws(&self, label: &str, settings: &AwsSettings, place: &Place) -> Result<Read, BindingError> {
        let target = place.login.aws.as_ref().ok_or_else(|| unfit("aws"))?;
        let region = &target.region;
        let optional =
            |at: &str, secret: &Option<config::Secret>| secret.as_ref().map(|secret| read(at, secret)).transpose();
        let secret = optional("credential.aws.secret", &settings.secret)?;
        let session = optional("credential.aws.session", &settings.session)?;
        let (aws, account) = match (&settings.id, &secret) {
            (Some(id), Some(secret)) => {
                let session = session.as_ref().map(|session| Secret::new(&**session));
                (Aws::fixed(id, &Secret::new(&**secret), session.as_ref()), id.clone())
            }
            (None, None) => {
                let base = format!("https://sts.{region}.amazonaws.com");
                let more = [
                    format!("https://portal.sso.{region}.amazonaws.com"),
                    format!("https://oidc.{region}.amazonaws.com"),
                ];
                let way = self.way(&base, more.iter().chain(&settings.token_hosts))?;
                let aws = Aws::chain(way, region, settings.profile.clone(), Some(self.watch(label)));
                (aws, settings.profile.clone().unwrap_or_default())
            }
            _ => {
                let told = "give both `id` and `secret`, or neither: then Amazon's usual places are looked at";
                return Err(BindingError::new("credential.aws", told));
            }
        };
        let credential = match settings.api_key {
            true => Credential::oauth(self.source(label, BedrockKey::new(aws, region, MINTED))),
            false => Credential::signed(SigV4::new(aws, region, target.service)),
        };
        Ok(Read {
            credential,
            secrets: secret.iter().chain(&session).flat_map(|secret| known(secret)).collect(),
            account: vec!["aws".to_owned(), account],
        })
    }

    fn entra(&self, label: &str, settings: &EntraSettings, place: &Place) -> Result<Read, BindingError> {
        let scope = settings
            .scope
            .as_deref()
            .or(place.login.entra)
            .ok_or_else(|| unfit("entra"))?;
        let secret = settings
            .secret
            .as_ref()
            .map(|secret| read("credential.entra.secret", secret))
            .transpose()?;
        let client = settings.client.clone();
        let identity = match (&secret, &settings.tenant, &client) {
            (Some(secret), Some(tenant), Some(client)) => Identity::Secret {
                tenant: tenant.clone(),
                client: client.clone(),
                secret: Secret::new(&**secret),
            },
            (Some(_), _, _) => {
                let told = "an application with a secret needs `tenant` and `client` too";
                return Err(BindingError::new("credential.entra", told));
            }
            (None, _, _) if settings.managed => Identity::Managed { client },
            (None, tenant, _) => Identity::Workload {
                tenant: tenant.clone(),
                file: settings.token_file.clone(),
                client,
            },
        };
        let base = settings.authority.clone().unwrap_or_else(|| ENTRA.to_owned());
        let way = self.way(&base, settings.token_hosts.iter())?;
        let entra = Entra::new(identity, scope, way, settings.authority.clone());
        Ok(Read {
            credential: Credential::oauth(self.source(label, entra)),
            secrets: secret.iter().flat_map(|secret| known(secret)).collect(),
            account: vec!["entra".to_owned(), settings.client.clone().unwrap_or_default()],
        })
    }

    fn google(&self, label: &str, settings: &GoogleSettings, place: &Place) -> Result<Read, BindingError> {
        if !place.login.google {
            return Err(unfit("google"));
        }
        let key = settings
            .key
            .as_ref()
            .map(|key| read("credential.google.key", key))
            .transpose()?;
        let google = match &key {
            Some(key) => Google::of(&Secret::new(&**key), GOOGLE),
            None => Google::found(GOOGLE),
        };
        let google = google.map_err(of_egress("credential.google"))?;
        Ok(Read {
            credential: Credential::oauth(self.source(label, google)),
            account: vec!["google".to_owned(), key.clone().unwrap_or_default()],
            secrets: key.into_iter().map(String::into_bytes).collect(),
        })
    }

    /// Where a cloud's library may fetch tokens, and nowhere else.
    fn way<'a>(&self, base: &str, hosts: impl Iterator<Item = &'a String>) -> Result<Way, BindingError> {
        let mut rule = RuleSettings::new(format!("{} token", self.name), base);
        let hosts = hosts.map(|host| HostSettings {
            base: host.clone(),
            credential: false,
        });
        rule.hosts = hosts.collect();
        // A machine tells its own credentials without TLS, at an address that the operator names.
        let plain: Vec<&str> = rule
            .hosts
            .iter()
            .filter_map(|host| host.base.strip_prefix("http://"))
            .collect();
        rule.plain_http = !plain.is_empty();
        let addresses = plain.iter().filter_map(|host| host.split([':', '/']).next());
        rule.networks = addresses.map(|address| format!("{address}/32")).collect();
        let rule = Rule::new(rule).map_err(of_egress("credential"))?;
        Ok(Way::new(Client::new(rule, None, Arc::clone(&self.resolver))))
    }

    fn source(&self, label: &str, tokens: impl Fetches + 'static) -> TokenSource {
        TokenSource::of(label, tokens, LIFETIME, Some(self.watch(label)))
    }
}

fn api_key(key: &config::Secret, place: &Place) -> Result<Read, BindingError> {
    let key = read("credential.api-key", key)?;
    let credential = match place.login.key {
        [] => Credential::bearer(Secret::new(&*key)),
        names => Credential::headers(names.iter().map(|name| (*name, Secret::new(&*key)))),
    };
    Ok(Read {
        credential: credential.map_err(of_egress("credential.api-key"))?,
        secrets: known(&key),
        account: vec!["api-key".to_owned(), key],
    })
}

fn signed_for_oracle(settings: &OracleSettings, place: &Place) -> Result<Read, BindingError> {
    if !place.login.oracle {
        return Err(unfit("oracle"));
    }
    let key = read("credential.oracle.key", &settings.key)?;
    let OracleSettings {
        tenancy,
        user,
        fingerprint,
        ..
    } = settings;
    let signer = Signer::new(tenancy, user, fingerprint, &Secret::new(&*key));
    Ok(Read {
        credential: Credential::signed(signer.map_err(of_egress("credential.oracle"))?),
        secrets: vec![key.into_bytes()],
        account: vec!["oracle".to_owned(), user.clone(), fingerprint.clone()],
    })
}

fn unfit(kind: &str) -> BindingError {
    let told =
        format!("this provider takes no credential of the kind `{kind}`; give `api-key`, or one of its own cloud");
    BindingError::new("credential", told)
}
