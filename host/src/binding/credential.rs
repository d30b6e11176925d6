//! What logs in at a service: read from where it lies, and known to whoever keeps secrets from leaving.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use egress::credential::oauth::{Assertion, ClientAuth, Grant, SigningKey, TokenSettings, TokenSource, Watch};
use egress::{Credential, Resolve, Rule, RuleSettings, Secret};

use super::error::{BindingError, of_egress};
use super::settings::{ClientAuthSettings, CredentialSettings, HttpSettings, Oauth2Settings};
use crate::config;

/// A credential that was read.
pub(super) struct Read {
    pub(super) credential: Credential,
    /// What must not leave.
    pub(super) secrets: Vec<Vec<u8>>,
    /// What tells one account from another. It holds secrets where nothing else does.
    pub(super) account: Vec<String>,
}

/// How long a token is kept whose life the endpoint does not say: the shortest session of Salesforce.
const LIFETIME: Duration = Duration::from_secs(15 * 60);

/// The header that a credential is sent in, in lower case.
pub(super) fn header(credential: &CredentialSettings) -> String {
    match credential {
        CredentialSettings::Header { name, .. } => name.to_ascii_lowercase(),
        CredentialSettings::Basic { .. } | CredentialSettings::Bearer(_) | CredentialSettings::Oauth2(_) => {
            "authorization".to_owned()
        }
    }
}

impl Read {
    /// Reads what logs in at a binding.
    ///
    /// # Errors
    /// A secret is not where it is said to be, or cannot be sent.
    pub(super) fn new(
        binding: &str,
        settings: &HttpSettings,
        credential: &CredentialSettings,
        resolver: Arc<dyn Resolve>,
        watch: Arc<dyn Watch>,
    ) -> Result<Self, BindingError> {
        let unfit = of_egress("credential");
        match credential {
            CredentialSettings::Basic { user, password } => {
                let password = read("credential.basic.password", password)?;
                let mut secrets = known(&password);
                // What is sent logs in as well as what it was made of, and a service may show it encoded once more.
                secrets.push(STANDARD.encode(format!("{user}:{password}")).into_bytes());
                Ok(Self {
                    credential: Credential::basic(user, Secret::new(&*password)).map_err(unfit)?,
                    secrets,
                    account: texts(["basic", user]),
                })
            }
            CredentialSettings::Header { name, value } => {
                let value = read("credential.header.value", value)?;
                Ok(Self {
                    credential: Credential::header(name, Secret::new(&*value)).map_err(unfit)?,
                    secrets: known(&value),
                    account: texts(["header", name, &value]),
                })
            }
            CredentialSettings::Bearer(token) => {
                let token = read("credential.bearer", token)?;
                Ok(Self {
                    credential: Credential::bearer(Secret::new(&*token)).map_err(unfit)?,
                    secrets: known(&token),
                    account: texts(["bearer", &token]),
                })
            }
            CredentialSettings::Oauth2(oauth) => {
                let fetched = Fetched::new(binding, settings, oauth)?;
                let source = TokenSource::watched(fetched.tokens, resolver, watch);
                Ok(Self {
                    credential: Credential::oauth(source),
                    secrets: fetched.secrets,
                    account: fetched.account,
                })
            }
        }
    }
}

/// How tokens are fetched, read.
struct Fetched {
    tokens: TokenSettings,
    secrets: Vec<Vec<u8>>,
    account: Vec<String>,
}

impl Fetched {
    fn new(binding: &str, settings: &HttpSettings, oauth: &Oauth2Settings) -> Result<Self, BindingError> {
        match oauth {
            Oauth2Settings::ClientCredentials {
                token_url,
                client_id,
                client_secret,
                client_auth,
                scopes,
                parameters,
            } => {
                let text = read("credential.oauth2.client-secret", client_secret)?;
                let (id, secret) = (client_id.clone(), Secret::new(&*text));
                let client = match client_auth {
                    ClientAuthSettings::Basic => ClientAuth::Basic { id, secret },
                    ClientAuthSettings::Post => ClientAuth::Post { id, secret },
                };
                Ok(Self {
                    tokens: TokenSettings {
                        endpoint: endpoint(binding, settings, token_url)?,
                        client,
                        grant: Grant::ClientCredentials,
                        scope: scope(scopes),
                        parameters: parameters.clone().into_iter().collect(),
                        lifetime: LIFETIME,
                    },
                    secrets: known(&text),
                    account: texts(["client-credentials", token_url, client_id]),
                })
            }
            Oauth2Settings::JwtBearer {
                token_url,
                issuer,
                subject,
                audience,
                key,
                key_id,
                scopes,
                parameters,
            } => {
                let text = read("credential.oauth2.key", key)?;
                let signing = SigningKey::from_pem(&Secret::new(&*text)).map_err(of_egress("credential.oauth2.key"))?;
                let signing = match key_id {
                    Some(id) => signing.named(id),
                    None => signing,
                };
                Ok(Self {
                    tokens: TokenSettings {
                        endpoint: endpoint(binding, settings, token_url)?,
                        client: ClientAuth::None,
                        grant: Grant::JwtBearer(Assertion::new(signing, issuer, subject, audience)),
                        scope: scope(scopes),
                        parameters: parameters.clone().into_iter().collect(),
                        lifetime: LIFETIME,
                    },
                    secrets: vec![text.into_bytes()],
                    account: texts(["jwt-bearer", token_url, issuer, subject]),
                })
            }
        }
    }
}

/// The way to a token endpoint: on the terms of the binding, and to nowhere else.
fn endpoint(binding: &str, settings: &HttpSettings, url: &str) -> Result<Rule, BindingError> {
    let mut rule = RuleSettings::new(binding, url);
    rule.plain_http = settings.plain_http;
    rule.networks.clone_from(&settings.private_networks);
    rule.roots = super::maker::roots(settings.roots.as_ref())?;
    rule.times.total = rule.times.total.min(settings.timeout);
    Rule::new(rule).map_err(of_egress("credential.oauth2.token-url"))
}

fn scope(scopes: &[String]) -> Option<String> {
    (!scopes.is_empty()).then(|| scopes.join(" "))
}

pub(super) fn read(at: &str, secret: &config::Secret) -> Result<String, BindingError> {
    secret
        .read()
        .map_err(|error| BindingError::new(at, format!("{error:#}")))
}

/// A secret, and its last word too: `Token 3f…` is as much a leak without its first.
pub(super) fn known(secret: &str) -> Vec<Vec<u8>> {
    let last = secret.rsplit(' ').next().filter(|last| last.len() >= gate::SHORTEST);
    let mut known = vec![secret.as_bytes().to_vec()];
    known.extend(last.filter(|last| *last != secret).map(|last| last.as_bytes().to_vec()));
    known
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).into()
}
