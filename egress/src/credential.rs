//! What a binding logs in with. It is added to a request last, and shown nowhere.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::request::is_connections;

pub mod oauth;

use oauth::TokenSource;

/// Shorter secrets are not looked for in replies: they would be found where they are not.
const HIDDEN_FROM: usize = 6;

/// A text that is shown nowhere and wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// What a binding logs in with.
#[derive(Clone, Debug)]
pub struct Credential(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Fixed(Applied),
    Fetched(TokenSource),
}

/// Which of the tokens that one source fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(pub(crate) u64);

/// A credential as a header.
#[derive(Clone)]
pub(crate) struct Applied {
    name: HeaderName,
    value: HeaderValue,
    /// What must not come back.
    secrets: Vec<Secret>,
    stamp: Option<Stamp>,
}

impl Secret {
    /// Takes a secret over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text, for whoever must send it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl Credential {
    /// A header of its own: `x-api-key`.
    ///
    /// # Errors
    /// `credential-invalid` for a name that is none or belongs to the connection, and a value that no header can hold.
    pub fn header(name: &str, value: Secret) -> Result<Self, Error> {
        let read: HeaderName = name
            .parse()
            .map_err(|_| invalid("The credential's header has no valid name."))?;
        if is_connections(&read) {
            return Err(invalid("The credential's header is one of the connection's."));
        }
        let sent = Zeroizing::new(value.reveal().to_owned());
        Applied::new(read, &sent, vec![value], None).map(|applied| Self(Kind::Fixed(applied)))
    }

    /// Basic authentication (RFC 7617).
    ///
    /// # Errors
    /// `credential-invalid` for a user with a colon.
    pub fn basic(user: &str, password: Secret) -> Result<Self, Error> {
        if user.contains(':') {
            return Err(invalid(
                "The credential's user has a colon, which basic authentication cannot send.",
            ));
        }
        let pair = Zeroizing::new(format!("{user}:{}", password.reveal()));
        let encoded = Secret::new(STANDARD.encode(pair.as_bytes()));
        let sent = Zeroizing::new(format!("Basic {}", encoded.reveal()));
        // Some services take a key for the user, and no password.
        let secret = match password.reveal() {
            "" => Secret::new(user),
            _ => password,
        };
        let applied = Applied::new(AUTHORIZATION, &sent, vec![encoded, secret], None);
        applied.map(|applied| Self(Kind::Fixed(applied)))
    }

    /// A bearer token (RFC 6750) that does not change.
    ///
    /// # Errors
    /// `credential-invalid` for what no header can hold.
    pub fn bearer(token: Secret) -> Result<Self, Error> {
        Applied::bearer(token, None).map(|applied| Self(Kind::Fixed(applied)))
    }

    /// Bearer tokens that are fetched. A source may serve several bindings of one tenant.
    pub const fn oauth(source: TokenSource) -> Self {
        Self(Kind::Fetched(source))
    }

    /// The header that it is sent in.
    pub(crate) fn header_name(&self) -> &HeaderName {
        match &self.0 {
            Kind::Fixed(applied) => applied.name(),
            Kind::Fetched(_) => &AUTHORIZATION,
        }
    }

    /// # Errors
    /// `token-refused`, `token-unavailable`, `token-malformed`, and the codes of reaching the token endpoint.
    pub(crate) async fn applied(&self) -> Result<Applied, Error> {
        match &self.0 {
            Kind::Fixed(applied) => Ok(applied.clone()),
            Kind::Fetched(source) => source.applied().await,
        }
    }

    /// Forgets a token, and says whether another can be fetched.
    pub(crate) fn invalidate(&self, stamp: Stamp) -> bool {
        match &self.0 {
            Kind::Fixed(_) => false,
            Kind::Fetched(source) => {
                source.invalidate(stamp);
                true
            }
        }
    }
}

impl Applied {
    pub(crate) fn bearer(token: Secret, stamp: Option<Stamp>) -> Result<Self, Error> {
        let sent = Zeroizing::new(format!("Bearer {}", token.reveal()));
        Self::new(AUTHORIZATION, &sent, vec![token], stamp)
    }

    fn new(name: HeaderName, sent: &str, mut secrets: Vec<Secret>, stamp: Option<Stamp>) -> Result<Self, Error> {
        let empty = secrets.iter().any(|secret| secret.reveal().is_empty());
        if empty || !sent.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err(invalid(
                "The credential is empty, or has characters that no header can hold.",
            ));
        }
        let value = HeaderValue::from_str(sent);
        let mut value = value.map_err(|_| invalid("The credential has characters that no header can hold."))?;
        value.set_sensitive(true);
        secrets.retain(|secret| secret.reveal().len() >= HIDDEN_FROM);
        Ok(Self {
            name,
            value,
            secrets,
            stamp,
        })
    }

    pub(crate) const fn name(&self) -> &HeaderName {
        &self.name
    }

    pub(crate) const fn value(&self) -> &HeaderValue {
        &self.value
    }

    pub(crate) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    pub(crate) const fn stamp(&self) -> Option<Stamp> {
        self.stamp
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl fmt::Debug for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Applied({})", self.name)
    }
}

pub(crate) fn invalid(told: &str) -> Error {
    Error::new(Code::CredentialInvalid, told)
}
