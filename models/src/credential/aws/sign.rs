//! Requests that are signed (AWS Signature Version 4).

use std::time::SystemTime;

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningParams, SigningSettings, sign};
use aws_sigv4::sign::v4;
use egress::credential::{Sign, Signed, Unsigned};
use egress::{Code, Error, Secret};
use http::HeaderName;
use http::header::AUTHORIZATION;

use super::Aws;

/// Headers that whoever stands between may change.
const UNSIGNED: &[&str] = &["accept-encoding", "content-length", "user-agent"];

/// Signs for one service in one region. The path is signed as Amazon's services but S3 read it: encoded once more than it is
/// sent.
#[derive(Debug)]
pub struct SigV4 {
    aws: Aws,
    region: String,
    service: String,
    owned: [HeaderName; 3],
    pub(super) clock: fn() -> SystemTime,
}

impl SigV4 {
    /// A signer for a service by the name that it has in signatures: `bedrock`, `bedrock-mantle`, `aws-external-anthropic`.
    pub fn new(aws: Aws, region: impl Into<String>, service: impl Into<String>) -> Self {
        Self {
            aws,
            region: region.into(),
            service: service.into(),
            owned: [
                AUTHORIZATION,
                HeaderName::from_static("x-amz-date"),
                HeaderName::from_static("x-amz-security-token"),
            ],
            clock: SystemTime::now,
        }
    }
}

#[async_trait]
impl Sign for SigV4 {
    fn headers(&self) -> &[HeaderName] {
        &self.owned
    }

    async fn sign(&self, request: &Unsigned<'_>) -> Result<Signed, Error> {
        let credentials = self.aws.credentials().await?;
        let session = credentials.session_token().map(Secret::new);
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(&self.service)
            .time((self.clock)())
            .settings(SigningSettings::default())
            .build();
        let params: SigningParams<'_> = params.map_err(unsigned)?.into();
        let (instructions, _) = sign(signable(request)?, &params).map_err(unsigned)?.into_parts();
        let header = |(name, value): (&str, &str)| Ok((name.parse().map_err(unsigned)?, Secret::new(value)));
        Ok(Signed {
            headers: instructions.headers().map(header).collect::<Result<_, Error>>()?,
            secrets: session.into_iter().collect(),
        })
    }

    fn forget(&self) -> bool {
        self.aws.forget()
    }
}

fn signable<'a>(request: &Unsigned<'a>) -> Result<SignableRequest<'a>, Error> {
    let query = request.query.map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("{}://{}{}{query}", request.scheme, request.authority, request.path);
    let mut headers = Vec::with_capacity(request.headers.len());
    for (name, value) in request.headers {
        if !UNSIGNED.contains(&name.as_str()) {
            headers.push((name.as_str(), value.to_str().map_err(unsigned)?));
        }
    }
    let body = SignableBody::Bytes(request.body);
    SignableRequest::new(request.method.as_str(), url, headers.into_iter(), body).map_err(unsigned)
}

/// What cannot be signed.
pub(super) fn unsigned(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(Code::CredentialInvalid, "The request cannot be signed for Amazon.").keep(cause)
}

/// When credentials end, as seconds from now.
pub(super) fn left(credentials: &Credentials, now: SystemTime) -> Option<std::time::Duration> {
    let end = credentials.expiry()?;
    Some(end.duration_since(now).unwrap_or_default())
}
