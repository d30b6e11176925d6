//! What a binding logs in with. It is added to a request last, and shown nowhere.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, Method};
use zeroize::Zeroizing;

use crate::error::{Code, Error};
use crate::request::is_connections;
use crate::target::Target;

pub mod oauth;
mod sign;
mod tokens;

pub use sign::{Sign, Signed, Unsigned};
use sign::{Signer, sensitive};
pub use tokens::{Token, TokenSource, Tokens, Watch};

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
    Signed(Signer),
}

/// Which of the tokens that one source fetched. Signers tell what they sign with apart by themselves: theirs are all 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(pub(crate) u64);

/// A credential as headers.
#[derive(Clone)]
pub(crate) struct Applied {
    headers: HeaderMap,
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
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl Credential {
    /// A header of its own: `x-api-key`.
    ///
    /// # Errors
    /// `credential-invalid` for a name that is none or belongs to the connection, and a value that no header can hold.
    pub fn header(name: &str, value: Secret) -> Result<Self, Error> {
        Self::headers([(name, value)])
    }

    /// Several headers at once, for services that look at one or the other.
    ///
    /// # Errors
    /// As [`Credential::header`].
    pub fn headers<'a>(headers: impl IntoIterator<Item = (&'a str, Secret)>) -> Result<Self, Error> {
        let headers = headers.into_iter().map(|(name, value)| Ok((own(name)?, value)));
        let headers = headers.collect::<Result<Vec<_>, Error>>()?;
        let secrets = headers.iter().map(|(_, value)| value.clone()).collect();
        Applied::new(headers, secrets, None).map(|applied| Self(Kind::Fixed(applied)))
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
        let sent = Secret::new(format!("Basic {}", encoded.reveal()));
        // Some services take a key for the user, and no password.
        let secret = match password.reveal() {
            "" => Secret::new(user),
            _ => password,
        };
        let applied = Applied::new(vec![(AUTHORIZATION, sent)], vec![encoded, secret], None);
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

    /// A signature for each request.
    pub fn signed(signer: impl Sign + 'static) -> Self {
        Self(Kind::Signed(Signer(Arc::new(signer))))
    }

    /// The headers that it is sent in.
    pub(crate) fn header_names(&self) -> Vec<&HeaderName> {
        match &self.0 {
            Kind::Fixed(applied) => applied.headers.keys().collect(),
            Kind::Fetched(_) => vec![&AUTHORIZATION],
            Kind::Signed(signer) => signer.0.headers().iter().collect(),
        }
    }

    /// The headers for a request that is otherwise as it goes out.
    ///
    /// # Errors
    /// `token-refused`, `token-unavailable`, `token-malformed`, and the codes of reaching the token endpoint.
    pub(crate) async fn applied(
        &self,
        method: &Method,
        target: &Target,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Applied, Error> {
        match &self.0 {
            Kind::Fixed(applied) => Ok(applied.clone()),
            Kind::Fetched(source) => source.applied().await,
            Kind::Signed(signer) => signer.applied(method, target, headers, body).await,
        }
    }

    /// Forgets what a request was logged in with, and says whether anything else can be fetched.
    pub(crate) fn invalidate(&self, stamp: Stamp) -> bool {
        match &self.0 {
            Kind::Fixed(_) => false,
            Kind::Fetched(source) => {
                source.invalidate(stamp);
                true
            }
            Kind::Signed(signer) => signer.0.forget(),
        }
    }
}

impl Applied {
    pub(crate) fn bearer(token: Secret, stamp: Option<Stamp>) -> Result<Self, Error> {
        let sent = Secret::new(format!("Bearer {}", token.reveal()));
        Self::new(vec![(AUTHORIZATION, sent)], vec![token], stamp)
    }

    fn new(headers: Vec<(HeaderName, Secret)>, mut secrets: Vec<Secret>, stamp: Option<Stamp>) -> Result<Self, Error> {
        if secrets.iter().any(|secret| secret.reveal().is_empty()) {
            return Err(invalid("The credential is empty."));
        }
        let values = headers
            .into_iter()
            .map(|(name, value)| Ok((name, sensitive(value.reveal())?)));
        let headers = values.collect::<Result<HeaderMap, Error>>()?;
        secrets.retain(|secret| secret.reveal().len() >= HIDDEN_FROM);
        Ok(Self {
            headers,
            secrets,
            stamp,
        })
    }

    pub(crate) const fn headers(&self) -> &HeaderMap {
        &self.headers
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
        write!(f, "Applied({:?})", self.headers.keys().collect::<Vec<_>>())
    }
}

/// The name of a header that a credential may have.
fn own(name: &str) -> Result<HeaderName, Error> {
    let read: HeaderName = name
        .parse()
        .map_err(|_| invalid("The credential's header has no valid name."))?;
    if is_connections(&read) {
        return Err(invalid("The credential's header is one of the connection's."));
    }
    Ok(read)
}

pub(crate) fn invalid(told: &str) -> Error {
    Error::new(Code::CredentialInvalid, told)
}
