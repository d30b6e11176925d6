//! Credentials that sign each request.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::{Applied, Secret, Stamp};
use crate::error::{Code, Error};
use crate::target::Target;

/// Signs requests. It is asked once for each, after everything else of it is settled, and only where the rule lets the
/// credential go.
#[async_trait]
pub trait Sign: Send + Sync {
    /// Every header that it may set: they are the binding's, and no caller's.
    fn headers(&self) -> &[HeaderName];

    /// The headers that are added to this request.
    ///
    /// # Errors
    /// [`Error::new`] with `token-refused`, `token-unavailable` or `token-malformed`, where what it signs with must be fetched,
    /// and `credential-invalid`.
    async fn sign(&self, request: &Unsigned<'_>) -> Result<Signed, Error>;

    /// Forgets what it signs with, after a reply 401, and says whether it can fetch anything else.
    fn forget(&self) -> bool {
        false
    }
}

/// A request as it will go out, but for its signature.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// The method.
    pub method: &'a Method,
    /// `http` or `https`.
    pub scheme: &'static str,
    /// The header `host`: with the port unless it is the scheme's own.
    pub authority: &'a str,
    /// The path, as the request line spells it.
    pub path: &'a str,
    /// The query, as the request line spells it, without the question mark.
    pub query: Option<&'a str>,
    /// Every header, `host` and `content-length` among them.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a Bytes,
}

/// What makes a request a signed one.
#[derive(Clone, Debug, Default)]
pub struct Signed {
    /// Headers that replace those of the same name. What is not among [`Sign::headers`] is refused.
    pub headers: Vec<(HeaderName, Secret)>,
    /// What must not come back in a reply.
    pub secrets: Vec<Secret>,
}

/// Signs, and is shown nowhere.
#[derive(Clone)]
pub(super) struct Signer(pub(super) Arc<dyn Sign>);

impl Signer {
    /// # Errors
    /// Those of [`Sign::sign`], and `credential-invalid` for a header that is not the signer's or that nobody can send.
    pub(super) async fn applied(
        &self,
        method: &Method,
        target: &Target,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Applied, Error> {
        let authority = headers.get(HOST).and_then(|host| host.to_str().ok());
        let unsigned = Unsigned {
            method,
            scheme: target.scheme(),
            authority: authority.unwrap_or_default(),
            path: target.path(),
            query: target.query(),
            headers,
            body,
        };
        let signed = self.0.sign(&unsigned).await?;
        let foreign = |(name, _): &&(HeaderName, Secret)| !self.0.headers().contains(name);
        if let Some((name, _)) = signed.headers.iter().find(foreign) {
            let told = format!("The signer sets the header `{name}`, which it does not own.");
            return Err(Error::new(Code::CredentialInvalid, told));
        }
        Applied::new(signed.headers, signed.secrets, Some(Stamp(0)))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({:?})", self.0.headers())
    }
}

/// The value of a header that no trace shows.
///
/// # Errors
/// `credential-invalid` for an empty one, and characters that no header can hold.
pub(super) fn sensitive(text: &str) -> Result<HeaderValue, Error> {
    let told = "The credential is empty, or has characters that no header can hold.";
    let invalid = || Error::new(Code::CredentialInvalid, told);
    if text.is_empty() || !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return Err(invalid());
    }
    let mut value = HeaderValue::from_str(text).map_err(|_| invalid())?;
    value.set_sensitive(true);
    Ok(value)
}
