//! What an operator writes of a credential for models.

use std::path::PathBuf;

use serde::Deserialize;

use crate::config::Secret;

/// What logs in at a provider of models.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ModelCredentialSettings {
    /// The provider's own key, sent as the provider takes it.
    ApiKey(Secret),
    /// Amazon's credentials: requests are signed.
    Aws(AwsSettings),
    /// An identity of Microsoft's Entra ID.
    Entra(EntraSettings),
    /// An account of Google Cloud.
    Google(GoogleSettings),
    /// The key of a user of Oracle's cloud: requests are signed.
    Oracle(OracleSettings),
}

/// Amazon's credentials: written down, or from wherever Amazon's SDKs look.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct AwsSettings {
    /// The id of an access key; without one, the environment, profiles, single sign-on, web identity and the machine's
    /// role are looked at in Amazon's order.
    pub id: Option<String>,
    /// Its secret.
    pub secret: Option<Secret>,
    /// The token of a session, if the two are one's.
    pub session: Option<Secret>,
    /// The profile, where the key is not written down.
    pub profile: Option<String>,
    /// Whether a short-term API key is made of them and sent in place of signatures: for Bedrock.
    pub api_key: bool,
    /// Where tokens are fetched, beside the region's own services: `http://169.254.169.254`.
    pub token_hosts: Vec<String>,
}

/// An identity of Microsoft's Entra ID.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct EntraSettings {
    /// The directory, by id or domain; a pod's environment says it where it is not given.
    pub tenant: Option<String>,
    /// The application's client id.
    pub client: Option<String>,
    /// Its secret. Without one, the identity is a pod's.
    pub secret: Option<Secret>,
    /// The file that a pod's token is in.
    pub token_file: Option<PathBuf>,
    /// Whether the identity is the machine's.
    pub managed: bool,
    /// What tokens are for, where it is not what the provider is known to take.
    pub scope: Option<String>,
    /// Another authority than that of the public cloud.
    pub authority: Option<String>,
    /// Where tokens are fetched, beside the authority: `http://169.254.169.254`.
    pub token_hosts: Vec<String>,
}

/// An account of Google Cloud.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct GoogleSettings {
    /// The JSON of a credential: a service account's key, or the configuration of workload identity. Without one, Google's
    /// Application Default Credentials are looked for.
    pub key: Option<Secret>,
}

/// The key of a user of Oracle's cloud.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OracleSettings {
    /// The tenancy's identifier.
    pub tenancy: String,
    /// The user's.
    pub user: String,
    /// The fingerprint of the key.
    pub fingerprint: String,
    /// The RSA key, in PEM.
    pub key: Secret,
}
