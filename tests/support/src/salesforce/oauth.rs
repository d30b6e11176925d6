//! The token endpoint: JWT bearer, client credentials, and username with password. Its errors are those of OAuth 2.0
//! and no arrays; its answers have no `expires_in` and no refresh token.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

use super::exchange::Answer;
use super::{CLIENT_ID, CLIENT_KEY, CLIENT_SECRET, PASSWORD, USERNAME};

/// Hosts that log people in for all instances; they have no data and no client credentials.
pub(super) const LOGIN_HOSTS: [&str; 2] = ["login.salesforce.com", "test.salesforce.com"];

/// An assertion that lives longer is refused, in seconds.
const LIFE: f64 = 300.0;

/// A request for a token.
pub(super) struct Ask<'a> {
    /// Without its port.
    pub(super) host: &'a str,
    pub(super) authorization: Option<&'a str>,
    pub(super) form: &'a [(String, String)],
}

/// Why no token is given: the code and its sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Denied(pub(super) &'static str, pub(super) &'static str);

impl From<Denied> for Answer {
    fn from(Denied(error, description): Denied) -> Self {
        Self::json(400, json!({ "error": error, "error_description": description }))
    }
}

impl Ask<'_> {
    /// Whether the client may have a token.
    pub(super) fn judge(&self) -> Result<(), Denied> {
        match self.value("grant_type") {
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => self.assertion(),
            "client_credentials" if LOGIN_HOSTS.contains(&self.host) => {
                Err(Denied("invalid_grant", "request not supported on this domain"))
            }
            "client_credentials" => self.client(),
            "password" => {
                self.client()?;
                let known = self.value("username") == USERNAME && self.value("password") == PASSWORD;
                if known {
                    Ok(())
                } else {
                    Err(Denied("invalid_grant", "authentication failure"))
                }
            }
            _ => Err(Denied("unsupported_grant_type", "grant type not supported")),
        }
    }

    fn value(&self, name: &str) -> &str {
        self.form
            .iter()
            .find(|(own, _)| own == name)
            .map_or("", |(_, value)| value.as_str())
    }

    fn client(&self) -> Result<(), Denied> {
        let basic = self.authorization.and_then(|header| header.strip_prefix("Basic "));
        let basic = basic.and_then(|encoded| String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok());
        let (id, secret) = match basic.as_deref().and_then(|pair| pair.split_once(':')) {
            Some(pair) => pair,
            None => (self.value("client_id"), self.value("client_secret")),
        };
        if id != CLIENT_ID {
            return Err(Denied("invalid_client_id", "client identifier invalid"));
        }
        if secret == CLIENT_SECRET {
            Ok(())
        } else {
            Err(Denied("invalid_client", "invalid client credentials"))
        }
    }

    /// Signature before claims: what is not signed says nothing.
    fn assertion(&self) -> Result<(), Denied> {
        let invalid = Denied("invalid_grant", "invalid assertion");
        let Some((signed, signature)) = self.value("assertion").rsplit_once('.') else {
            return Err(invalid);
        };
        let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
        let json = |part: &str| decode(part).and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let parts = signed
            .split_once('.')
            .and_then(|(header, claims)| Some((json(header)?, json(claims)?)));
        let Some((header, claims)) = parts else {
            return Err(invalid);
        };
        let valid = decode(signature).is_some_and(|signature| is_signed(signed, &signature));
        if header.get("alg").and_then(Value::as_str) != Some("RS256") || !valid {
            return Err(invalid);
        }
        self.claims(&claims)
    }

    fn claims(&self, claims: &Value) -> Result<(), Denied> {
        let audience = claims["aud"]
            .as_str()
            .and_then(|text| text.strip_prefix("https://"))
            .unwrap_or_default();
        if claims["iss"] != CLIENT_ID {
            return Err(Denied("invalid_client_id", "client identifier invalid"));
        }
        if !LOGIN_HOSTS.contains(&audience) && audience != self.host {
            return Err(Denied("invalid_grant", "audience is invalid"));
        }
        // A common client writes the seconds as text.
        let expires = claims["exp"]
            .as_f64()
            .or_else(|| claims["exp"].as_str()?.parse().ok())
            .unwrap_or_default();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0.0, |time| time.as_secs_f64());
        if expires <= now {
            return Err(Denied("invalid_grant", "expired authorization code"));
        }
        if expires > now + LIFE {
            return Err(Denied("invalid_grant", "invalid assertion"));
        }
        if claims["sub"] == USERNAME {
            return Ok(());
        }
        Err(Denied("invalid_grant", "user hasn't approved this consumer"))
    }
}

fn is_signed(text: &str, signature: &[u8]) -> bool {
    let key = PrivatePkcs8KeyDer::from_pem_slice(CLIENT_KEY.as_bytes()).ok();
    let pair = key.and_then(|key| RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()).ok());
    pair.is_some_and(|pair| {
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key());
        public.verify(text.as_bytes(), signature).is_ok()
    })
}
