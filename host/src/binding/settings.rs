//! What an operator writes of a tenant's bindings and policies.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use gate::call::http::Pattern;
use jiff::fmt::serde::unsigned_duration::friendly::compact as friendly;
use registry::Label;
use serde::Deserialize;

use super::ModelSettings;
use crate::config::Secret;
use crate::skills::ApprovalSettings;
use crate::watch::WatchSettings;

/// What the skills of one tenant reach, and under which policies.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TenantSettings {
    /// HTTP services, by the name that skills use.
    #[serde(default)]
    pub http: BTreeMap<Label, HttpSettings>,
    /// Models, by the name that skills use.
    #[serde(default)]
    pub model: BTreeMap<Label, ModelSettings>,
    /// What holds for every call of the tenant's skills, beside the grants.
    #[serde(default)]
    pub policy: PolicySettings,
    /// Where new versions of skills are looked for.
    #[serde(default)]
    pub watch: WatchSettings,
    /// What is asked of whoever approves.
    #[serde(default)]
    pub approval: ApprovalSettings,
}

/// What holds for every call of a tenant's skills, beside the grants.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PolicySettings {
    /// Policies in Cedar that forbid, or ask a person.
    #[serde(default)]
    pub cedar: Option<TextFile>,
}

/// A text that lies in a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "its place: { file = \"...\" }"
)]
pub struct TextFile {
    /// Where.
    pub file: PathBuf,
}

/// An HTTP service.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpSettings {
    /// Scheme, host, port and path below which every request goes, and the credential nowhere else.
    pub url: String,
    /// Real hosts that mean this binding where a skill names them, with a port where it is not 443.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Requests that change nothing, beside GET, HEAD and OPTIONS: `POST /rest/api/3/search/jql`.
    #[serde(default)]
    pub read: Vec<Pattern>,
    /// Requests that change nothing and cost each time: `POST /v1/search`.
    #[serde(default)]
    pub costly: Vec<Pattern>,
    /// How the service knows a repeated write again.
    #[serde(default)]
    pub idempotency: Option<IdempotencySettings>,
    /// Networks that are not public and that the service may lie in: `10.1.0.0/16`.
    #[serde(default)]
    pub private_networks: Vec<String>,
    /// Whether the service, and whoever gives its tokens, may be spoken to without TLS.
    #[serde(default)]
    pub plain_http: bool,
    /// Whether a path may hold `%2F`.
    #[serde(default)]
    pub encoded_slashes: bool,
    /// PEM certificates of authorities that are trusted beside the machine's.
    #[serde(default)]
    pub roots: Option<TextFile>,
    /// How long one sending may take.
    #[serde(default = "default_timeout", with = "friendly::required")]
    pub timeout: Duration,
    /// What logs in.
    #[serde(default)]
    pub credential: Option<CredentialSettings>,
}

/// A service's own way of knowing a repeated write again.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IdempotencySettings {
    /// The header that carries the key.
    pub header: String,
    /// How long the service remembers a key.
    #[serde(with = "friendly::required")]
    pub window: Duration,
    /// The methods for which it does.
    #[serde(default = "default_methods")]
    pub methods: Vec<String>,
}

/// What logs in at a service.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum CredentialSettings {
    /// A user and a password (RFC 7617).
    Basic {
        /// Who.
        user: String,
        /// And the password, or the token that takes its place.
        password: Secret,
    },
    /// A header of the service's own.
    Header {
        /// Its name.
        name: String,
        /// Its whole value.
        value: Secret,
    },
    /// A token that does not change (RFC 6750).
    Bearer(Secret),
    /// Tokens that are fetched (RFC 6749).
    Oauth2(Oauth2Settings),
}

/// How tokens are fetched.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    tag = "grant",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum Oauth2Settings {
    /// For the client itself (RFC 6749, 4.4).
    ClientCredentials {
        /// The token endpoint.
        token_url: String,
        /// The client's name there.
        client_id: String,
        /// And its secret.
        client_secret: Secret,
        /// How the two are sent.
        #[serde(default)]
        client_auth: ClientAuthSettings,
        /// What is asked for.
        #[serde(default)]
        scopes: Vec<String>,
        /// Further parameters, such as `audience`.
        #[serde(default)]
        parameters: BTreeMap<String, String>,
    },
    /// For the subject of a statement that the host signs (RFC 7523, 2.1).
    JwtBearer {
        /// The token endpoint.
        token_url: String,
        /// Who signs: the client's name there.
        issuer: String,
        /// For whom.
        subject: String,
        /// Who is to believe it.
        audience: String,
        /// The RSA key that signs, in PEM.
        key: Secret,
        /// The name of the key there.
        #[serde(default)]
        key_id: Option<String>,
        /// What is asked for.
        #[serde(default)]
        scopes: Vec<String>,
        /// Further parameters.
        #[serde(default)]
        parameters: BTreeMap<String, String>,
    },
}

/// How a client says who it is (RFC 6749, 2.3.1).
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientAuthSettings {
    /// In the header `authorization`.
    #[default]
    Basic,
    /// In the body.
    Post,
}

const fn default_timeout() -> Duration {
    Duration::from_secs(30)
}

fn default_methods() -> Vec<String> {
    vec!["POST".to_owned()]
}
