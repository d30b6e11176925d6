//! Oracle's request signatures: RSA with SHA-256 over named headers (draft-cavage-http-signatures-08, as Oracle uses it).

use std::time::SystemTime;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use egress::credential::oauth::SigningKey;
use egress::credential::{Sign, Signed, Unsigned};
use egress::{Code, Error, Secret};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE};
use http::{HeaderName, Method};
use ring::digest::{SHA256, digest};

#[cfg(test)]
mod tests;

const BODY_HASH: HeaderName = HeaderName::from_static("x-content-sha256");

/// Signs with the key of one user.
pub struct Signer {
    /// `tenancy/user/fingerprint`.
    id: String,
    key: SigningKey,
    owned: [HeaderName; 3],
    clock: fn() -> SystemTime,
}

impl Signer {
    /// A signer for the user of a tenancy, both by their OCIDs, with the key that has this fingerprint there. The key is RSA
    /// of 2,048 bits or more in PEM, PKCS#8 or PKCS#1, without a passphrase.
    ///
    /// # Errors
    /// `credential-invalid` for another key, and for names that no signature can hold.
    pub fn new(tenancy: &str, user: &str, fingerprint: &str, pem: &Secret) -> Result<Self, Error> {
        let id = format!("{tenancy}/{user}/{fingerprint}");
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        if ![tenancy, user, fingerprint].into_iter().all(plain) {
            return Err(invalid(
                "The tenancy, the user or the fingerprint of Oracle's key is empty or no name.",
            ));
        }
        Ok(Self {
            id,
            key: SigningKey::from_pem(pem)?,
            owned: [AUTHORIZATION, DATE, BODY_HASH],
            clock: SystemTime::now,
        })
    }

    fn authorization(&self, signed: &[(String, String)]) -> Result<String, Error> {
        let line = |(name, value): &(String, String)| format!("{name}: {value}");
        let message = signed.iter().map(line).collect::<Vec<_>>().join("\n");
        let names = signed
            .iter()
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        let signature = STANDARD.encode(self.key.sign(message.as_bytes())?);
        Ok(format!(
            r#"Signature algorithm="rsa-sha256",headers="{names}",keyId="{}",signature="{signature}",version="1""#,
            self.id
        ))
    }
}

#[async_trait]
impl Sign for Signer {
    fn headers(&self) -> &[HeaderName] {
        &self.owned
    }

    async fn sign(&self, request: &Unsigned<'_>) -> Result<Signed, Error> {
        let date = httpdate::fmt_http_date((self.clock)());
        let mut headers = vec![(DATE, Secret::new(date.as_str()))];
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut signed = vec![
            pair("date", &date),
            pair("(request-target)", &target(request)),
            pair("host", request.authority),
        ];
        if matches!(*request.method, Method::POST | Method::PUT | Method::PATCH) {
            let hash = STANDARD.encode(digest(&SHA256, request.body));
            for name in [CONTENT_LENGTH, CONTENT_TYPE] {
                signed.push(pair(name.as_str(), present(request, &name)?));
            }
            signed.push(pair(BODY_HASH.as_str(), &hash));
            headers.push((BODY_HASH, Secret::new(hash)));
        }
        let authorization = Secret::new(self.authorization(&signed)?);
        headers.push((AUTHORIZATION, authorization));
        let secrets = Vec::new();
        Ok(Signed { headers, secrets })
    }
}

fn target(request: &Unsigned<'_>) -> String {
    let method = request.method.as_str().to_ascii_lowercase();
    let query = request.query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{method} {}{query}", request.path)
}

fn present<'a>(request: &Unsigned<'a>, name: &HeaderName) -> Result<&'a str, Error> {
    let value = request.headers.get(name).and_then(|value| value.to_str().ok());
    value.ok_or_else(|| invalid("A request with a body needs a content type to be signed for Oracle."))
}

fn invalid(told: &str) -> Error {
    Error::new(Code::CredentialInvalid, told)
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.id)
    }
}
