//! Tokens of Microsoft Entra ID, by its own library: a client's secret, workload identity, managed identity.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{AccessToken, TokenCredential};
use azure_core::http::{ClientOptions, RetryOptions, Transport};
use azure_identity::{
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use egress::credential::{Token, Tokens};
use egress::{Code, Error, Secret};

use super::Way;

mod http;
#[cfg(test)]
mod tests;

/// Where tokens for models of Azure OpenAI are for; Claude in Foundry wants `https://ai.azure.com/.default`.
pub const COGNITIVE_SERVICES: &str = "https://cognitiveservices.azure.com/.default";

/// Who asks.
#[derive(Clone, Debug)]
pub enum Identity {
    /// An application with a secret.
    Secret {
        /// The directory, by id or domain.
        tenant: String,
        /// The application's client id.
        client: String,
        /// Its secret.
        secret: Secret,
    },
    /// A Kubernetes service account that the application trusts. What is not given, the pod's environment says.
    Workload {
        /// The directory.
        tenant: Option<String>,
        /// The application's client id.
        client: Option<String>,
        /// The file that the account's token is in; it is read each time.
        file: Option<PathBuf>,
    },
    /// The machine's or the app's own identity, or the one of this client id.
    Managed {
        /// The client id of a user-assigned identity.
        client: Option<String>,
    },
}

/// An identity, and what its tokens are for. The library is made anew for each token: whoever asks keeps the last one.
#[derive(Debug)]
pub struct Entra {
    identity: Identity,
    scope: String,
    way: Way,
    authority: Option<String>,
}

impl Entra {
    /// Tokens for one scope. The authority is an HTTPS address and by default that of the public cloud; the way must lead
    /// there, or to the machine's metadata service for a managed identity.
    pub fn new(identity: Identity, scope: impl Into<String>, way: Way, authority: Option<String>) -> Self {
        Self {
            identity,
            scope: scope.into(),
            way,
            authority,
        }
    }

    fn credential(&self) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let client_options = self.options();
        Ok(match self.identity.clone() {
            Identity::Secret { tenant, client, secret } => {
                let options = ClientSecretCredentialOptions { client_options };
                let secret = secret.reveal().to_owned().into();
                ClientSecretCredential::new(&tenant, client, secret, Some(options))?
            }
            Identity::Workload { tenant, client, file } => {
                let credential_options = ClientAssertionCredentialOptions { client_options };
                let options = WorkloadIdentityCredentialOptions {
                    credential_options,
                    client_id: client,
                    tenant_id: tenant,
                    token_file_path: file,
                };
                WorkloadIdentityCredential::new(Some(options))?
            }
            Identity::Managed { client } => {
                let options = ManagedIdentityCredentialOptions {
                    user_assigned_id: client.map(UserAssignedId::ClientId),
                    client_options,
                };
                ManagedIdentityCredential::new(Some(options))?
            }
        })
    }

    fn options(&self) -> ClientOptions {
        let cloud = self.authority.clone().map(|authority| {
            let mut custom = CustomConfiguration::default();
            custom.authority_host = authority;
            Arc::new(CloudConfiguration::Custom(custom))
        });
        ClientOptions {
            transport: Some(Transport::new(Arc::new(self.way.clone()))),
            retry: RetryOptions::none(),
            cloud,
            ..ClientOptions::default()
        }
    }
}

#[async_trait]
impl Tokens for Entra {
    async fn token(&self) -> Result<Token, Error> {
        let credential = self.credential().map_err(|cause| {
            let told = "The Entra identity cannot be used: correct its tenant, client and secret or token file.";
            Error::new(Code::CredentialInvalid, told).keep(cause)
        })?;
        let token = credential.get_token(&[&self.scope], None).await.map_err(refused)?;
        Ok(Token {
            lifetime: Some(left(&token)),
            token: Secret::new(token.token.secret()),
        })
    }
}

fn left(token: &AccessToken) -> Duration {
    let end = u64::try_from(token.expires_on.unix_timestamp()).unwrap_or_default();
    let end = UNIX_EPOCH + Duration::from_secs(end);
    end.duration_since(SystemTime::now()).unwrap_or_default()
}

/// The library wraps whatever happened; what this house's way out said is further in.
fn refused(cause: azure_core::Error) -> Error {
    let error = match http::told(&cause) {
        Some(ours) if ours.retryable() => Error::new(Code::TokenUnavailable, ours.told()),
        Some(ours) => Error::new(ours.code(), ours.told()),
        None => Error::new(
            Code::TokenRefused,
            "Entra ID does not accept the identity for this scope.",
        ),
    };
    error.keep(cause)
}
