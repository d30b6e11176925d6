//! Tokens of Google Cloud, by its own library: application default credentials, service accounts, workload identity.

use std::time::Duration;

use async_trait::async_trait;
use egress::credential::{Token, Tokens};
use egress::{Code, Error, Secret};
use google_cloud_auth::credentials::{
    AccessTokenCredentials, Builder, external_account, impersonated, service_account, user_account,
};
use google_cloud_auth::errors::CredentialsError;
use serde_json::Value;

#[cfg(test)]
mod tests;

/// All that the account may do; its roles say what that is.
pub const CLOUD_PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";

/// The library hands no token out that ends sooner, and does not say when it ends.
const LEFT: Duration = Duration::from_secs(240);

/// An account of Google Cloud. The library keeps its tokens and fetches others in time.
///
/// It reaches Google by an HTTP client of its own and not by [`egress`]: the library takes no other.
#[derive(Debug)]
pub struct Google(AccessTokenCredentials);

impl Google {
    /// The account that Google's libraries find by themselves: a file that the environment names, the user's, or the one of
    /// the machine. Made within a runtime, for the library fetches in the background.
    ///
    /// # Errors
    /// `credential-invalid` for a file that cannot be read.
    pub fn found(scope: &str) -> Result<Self, Error> {
        installed();
        let built = Builder::default().with_scopes([scope]).build_access_token_credentials();
        built.map(Self).map_err(unreadable)
    }

    /// The account of a credential file's JSON: a service account's key, an external account's configuration (workload
    /// identity), a user's refresh token, or a service account that another one stands in for.
    ///
    /// # Errors
    /// `credential-invalid` for any other text.
    pub fn of(file: &Secret, scope: &str) -> Result<Self, Error> {
        installed();
        let json: Value = serde_json::from_str(file.reveal()).map_err(|_| unknown())?;
        let kind = json.get("type").and_then(Value::as_str).map(str::to_owned);
        let built = match kind.as_deref() {
            Some("service_account") => {
                let scopes = service_account::AccessSpecifier::from_scopes([scope]);
                let builder = service_account::Builder::new(json).with_access_specifier(scopes);
                builder.build_access_token_credentials()
            }
            Some("external_account") => {
                let builder = external_account::Builder::new(json).with_scopes([scope]);
                builder.build_access_token_credentials()
            }
            Some("authorized_user") => {
                let builder = user_account::Builder::new(json).with_scopes([scope]);
                builder.build_access_token_credentials()
            }
            Some("impersonated_service_account") => {
                let builder = impersonated::Builder::new(json).with_scopes([scope]);
                builder.build_access_token_credentials()
            }
            _ => return Err(unknown()),
        };
        built.map(Self).map_err(unreadable)
    }
}

#[async_trait]
impl Tokens for Google {
    async fn token(&self) -> Result<Token, Error> {
        let token = self.0.access_token().await.map_err(refused)?;
        Ok(Token {
            token: Secret::new(token.token),
            lifetime: Some(LEFT),
        })
    }
}

/// The library takes the cryptography of the process, which is ring here. Whoever set one before keeps it.
fn installed() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

fn unknown() -> Error {
    Error::new(
        Code::CredentialInvalid,
        "The Google credential is no JSON of a service account, an external account, a user or an impersonation.",
    )
}

fn unreadable(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(
        Code::CredentialInvalid,
        "The Google credential cannot be read: correct the file.",
    )
    .keep(cause)
}

fn refused(cause: CredentialsError) -> Error {
    let error = match cause.is_transient() {
        true => Error::new(Code::TokenUnavailable, "Google gave no token; ask again."),
        false => Error::new(Code::TokenRefused, "Google does not accept the credential."),
    };
    error.keep(cause)
}
