//! Bedrock's short-term API keys: a request that is signed beforehand, as a bearer token.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use egress::credential::{Token, Tokens};
use egress::{Error, Secret};

use super::Aws;
use super::sign::{left, unsigned};

/// What the key allows, signed for whoever shows it.
const CALL: &str = "https://bedrock.amazonaws.com/?Action=CallWithBearerToken";
/// The longest that such a key lives.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

/// Makes short-term API keys of Bedrock out of credentials, on this machine. A key lives no longer than what it is made of.
#[derive(Debug)]
pub struct BedrockKey {
    aws: Aws,
    region: String,
    lifetime: Duration,
    pub(super) clock: fn() -> SystemTime,
}

impl BedrockKey {
    /// Keys for one region, each of them valid so long, at most twelve hours.
    pub fn new(aws: Aws, region: impl Into<String>, lifetime: Duration) -> Self {
        Self {
            aws,
            region: region.into(),
            lifetime: lifetime.min(LONGEST),
            clock: SystemTime::now,
        }
    }
}

#[async_trait]
impl Tokens for BedrockKey {
    async fn token(&self) -> Result<Token, Error> {
        let credentials = self.aws.credentials().await?;
        let now = (self.clock)();
        let lifetime = left(&credentials, now).map_or(self.lifetime, |left| left.min(self.lifetime));
        let identity = credentials.into();
        let mut settings = SigningSettings::default();
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(self.lifetime);
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("bedrock")
            .time(now)
            .settings(settings)
            .build();
        let params = params.map_err(unsigned)?.into();
        let call = SignableRequest::new("POST", CALL, std::iter::empty(), SignableBody::Bytes(&[]));
        let (instructions, _) = sign(call.map_err(unsigned)?, &params).map_err(unsigned)?.into_parts();
        let mut call = http::Request::post(CALL).body(()).map_err(unsigned)?;
        instructions.apply_to_request_http1x(&mut call);
        Ok(Token {
            token: key(&call.uri().to_string()),
            lifetime: Some(lifetime),
        })
    }

    fn forget(&self) {
        self.aws.forget();
    }
}

fn key(url: &str) -> Secret {
    let call = url.trim_start_matches("https://");
    let encoded = STANDARD.encode(format!("{call}&Version=1"));
    Secret::new(format!("bedrock-api-key-{encoded}"))
}
