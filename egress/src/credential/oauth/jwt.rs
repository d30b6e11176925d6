//! Signed statements about who asks (RFC 7523), with RS256 (RFC 7518, 3.3).

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;

use crate::credential::{Secret, invalid};
use crate::error::Error;

/// How long a statement is valid unless it is said otherwise. Salesforce takes three minutes.
const LIFETIME: Duration = Duration::from_secs(180);

/// An RSA key that signs. Shown nowhere.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<RsaKeyPair>,
    /// The key's name at the endpoint (`kid`), if it has one there.
    id: Option<String>,
}

/// What a signed statement says.
#[derive(Clone, Debug)]
pub struct Assertion {
    key: SigningKey,
    /// Who signs: the client's name.
    pub issuer: String,
    /// For whom a token is asked: a user, or the client itself.
    pub subject: String,
    /// Who is to believe it: the endpoint, by its own name.
    pub audience: String,
    /// How long it is valid.
    pub lifetime: Duration,
}

impl SigningKey {
    /// Reads an RSA key of 2,048 bits or more: PKCS#8 (`PRIVATE KEY`) or PKCS#1 (`RSA PRIVATE KEY`), as PEM.
    ///
    /// # Errors
    /// `credential-invalid` for anything else.
    pub fn from_pem(pem: &Secret) -> Result<Self, Error> {
        let told = "The signing key is no RSA key in PEM.";
        let read = PrivateKeyDer::from_pem_slice(pem.reveal().as_bytes()).map_err(|_| invalid(told))?;
        let pair = match &read {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(invalid(told)),
        };
        let weak = "The signing key is no RSA key that can be used: it needs 2,048 bits or more.";
        let pair = pair.map_err(|cause| invalid(weak).keep(cause.to_string()))?;
        Ok(Self {
            pair: Arc::new(pair),
            id: None,
        })
    }

    /// The same key with its name at the endpoint.
    #[must_use]
    pub fn named(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 8017, 8.2).
    ///
    /// # Errors
    /// `credential-invalid`, where the machine gives no random bytes.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let signed = self
            .pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map_err(|_| invalid("The signing key does not sign."))?;
        Ok(signature)
    }
}

impl Assertion {
    /// A statement that is valid for three minutes.
    pub fn new(
        key: SigningKey,
        issuer: impl Into<String>,
        subject: impl Into<String>,
        audience: impl Into<String>,
    ) -> Self {
        Self {
            key,
            issuer: issuer.into(),
            subject: subject.into(),
            audience: audience.into(),
            lifetime: LIFETIME,
        }
    }

    /// The statement, signed now, in compact form (RFC 7515, 7.1).
    pub(super) fn signed(&self) -> Result<Secret, Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let header = match &self.key.id {
            Some(id) => json!({"alg": "RS256", "typ": "JWT", "kid": id}),
            None => json!({"alg": "RS256", "typ": "JWT"}),
        };
        let claims = json!({
            "iss": self.issuer,
            "sub": self.subject,
            "aud": self.audience,
            "iat": now.as_secs(),
            "exp": (now + self.lifetime).as_secs(),
            "jti": unique()?,
        });
        let encoded = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encoded(header), encoded(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(message.as_bytes())?);
        Ok(Secret::new(format!("{message}.{signature}")))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

/// No endpoint takes the same statement twice (RFC 7523, 3).
fn unique() -> Result<String, Error> {
    let mut bytes = [0; 16];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| invalid("The machine gives no random bytes."))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
