//! The request for a token.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::TokenSettings;
use super::answer;
use super::jwt::{Assertion, SigningKey};
use crate::client::Client;
use crate::credential::{Secret, Token, invalid};
use crate::error::{Code, Error};
use crate::request::Request;

/// How a client says who it is to the token endpoint.
#[derive(Clone, Debug)]
pub enum ClientAuth {
    /// Not at all: the grant says it (JWT bearer at Salesforce).
    None,
    /// `client_secret_basic` (RFC 6749, 2.3.1).
    Basic {
        /// The client's name.
        id: String,
        /// Its secret.
        secret: Secret,
    },
    /// `client_secret_post` (RFC 6749, 2.3.1).
    Post {
        /// The client's name.
        id: String,
        /// Its secret.
        secret: Secret,
    },
    /// `private_key_jwt` (RFC 7523, 2.2).
    PrivateKey {
        /// The client's name.
        id: String,
        /// The key that signs.
        key: SigningKey,
        /// What the endpoint calls itself: its URL, or its issuer's.
        audience: String,
    },
}

/// What a token is asked by.
#[derive(Clone, Debug)]
pub enum Grant {
    /// For the client itself (RFC 6749, 4.4).
    ClientCredentials,
    /// For the subject of a signed statement (RFC 7523, 2.1).
    JwtBearer(Assertion),
}

/// Asks the endpoint.
///
/// # Errors
/// `token-refused`, `token-unavailable`, `token-malformed`, and codes of a way that cannot lead to the endpoint.
pub(super) async fn ask(client: &Client, settings: &TokenSettings) -> Result<Token, Error> {
    let request = request(settings)?;
    let reply = client
        .send(request)
        .await
        .map_err(|error| unreachable(settings, error))?;
    answer::read(settings.endpoint.name(), &reply)
}

fn request(settings: &TokenSettings) -> Result<Request, Error> {
    let mut request = Request::new(Method::POST, settings.endpoint.below("")?);
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.added.insert(CONTENT_TYPE, form);
    request
        .added
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let ClientAuth::Basic { id, secret } = &settings.client {
        request.added.insert(AUTHORIZATION, basic(id, secret)?);
    }
    request.body = Bytes::from(body(settings)?);
    Ok(request)
}

fn body(settings: &TokenSettings) -> Result<String, Error> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    match &settings.grant {
        Grant::ClientCredentials => {
            form.append_pair("grant_type", "client_credentials");
        }
        Grant::JwtBearer(assertion) => {
            form.append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
            form.append_pair("assertion", assertion.signed()?.reveal());
        }
    }
    match &settings.client {
        ClientAuth::None | ClientAuth::Basic { .. } => {}
        ClientAuth::Post { id, secret } => {
            form.append_pair("client_id", id);
            form.append_pair("client_secret", secret.reveal());
        }
        ClientAuth::PrivateKey { id, key, audience } => {
            let assertion = Assertion::new(key.clone(), id, id, audience);
            form.append_pair("client_id", id);
            form.append_pair(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            );
            form.append_pair("client_assertion", assertion.signed()?.reveal());
        }
    }
    if let Some(scope) = &settings.scope {
        form.append_pair("scope", scope);
    }
    form.extend_pairs(&settings.parameters);
    Ok(form.finish())
}

/// RFC 6749, 2.3.1: name and secret are form-encoded before they are joined.
fn basic(id: &str, secret: &Secret) -> Result<HeaderValue, Error> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let secret = Zeroizing::new(encoded(secret.reveal()));
    let pair = Zeroizing::new(format!("{}:{}", encoded(id), *secret));
    let header = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let value = HeaderValue::from_str(&header);
    let mut value = value.map_err(|_| invalid("The client's secret cannot stand in a header."))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What kept the endpoint from answering is not about the request that waits for the token, of which nothing was sent.
fn unreachable(settings: &TokenSettings, error: Error) -> Error {
    let name = settings.endpoint.name();
    let code = match error.code() {
        code @ (Code::AddressForbidden | Code::TlsFailed) => code,
        code if code.retryable() => Code::TokenUnavailable,
        _ => Code::TokenMalformed,
    };
    let told = format!("No token from `{name}`: {}", error.told());
    Error::new(code, told).keep(error)
}
