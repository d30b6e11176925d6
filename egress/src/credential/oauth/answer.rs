//! The token endpoint's answer (RFC 6749, 5).

use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use crate::credential::{Secret, Token};
use crate::error::{Code, Error};
use crate::reply::Reply;

/// Most bytes of a token.
const TOKEN_MOST: usize = 16 << 10;

/// Reasons to refuse (RFC 6749, 5.2; RFC 8707, 2). Others are not repeated: an endpoint could put anything there.
const REASONS: &[&str] = &[
    "invalid_request",
    "invalid_client",
    "invalid_client_id",
    "invalid_grant",
    "invalid_scope",
    "invalid_target",
    "unauthorized_client",
    "unsupported_grant_type",
    "access_denied",
];

#[derive(Deserialize)]
struct Good {
    access_token: String,
    token_type: String,
    expires_in: Option<Seconds>,
}

/// Some endpoints write the number as a string.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seconds {
    Number(u64),
    Text(String),
}

#[derive(Deserialize)]
struct Bad {
    error: String,
}

/// # Errors
/// `token-refused`, `token-unavailable`, `token-malformed`.
pub(super) fn read(name: &str, reply: &Reply) -> Result<Token, Error> {
    match reply.status {
        StatusCode::OK => good(&reply.body).ok_or_else(|| {
            let told = format!("The token endpoint `{name}` did not answer with a bearer token.");
            Error::new(Code::TokenMalformed, told)
        }),
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            let told = format!(
                "The token endpoint `{name}` does not accept the credential: {}.",
                reason(&reply.body)
            );
            Err(Error::new(Code::TokenRefused, told))
        }
        status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            let told = format!(
                "The token endpoint `{name}` is busy or broken (status {}).",
                status.as_u16()
            );
            Err(Error::new(Code::TokenUnavailable, told))
        }
        status => {
            let told = format!("The token endpoint `{name}` answered with status {}.", status.as_u16());
            Err(Error::new(Code::TokenMalformed, told))
        }
    }
}

fn good(body: &[u8]) -> Option<Token> {
    let read: Good = serde_json::from_slice(body).ok()?;
    let token = Secret::new(read.access_token);
    let sendable = !token.reveal().is_empty() && token.reveal().bytes().all(|byte| byte.is_ascii_graphic());
    if !read.token_type.eq_ignore_ascii_case("bearer") || !sendable || token.reveal().len() > TOKEN_MOST {
        return None;
    }
    let seconds = match read.expires_in {
        None => None,
        Some(Seconds::Number(seconds)) => Some(seconds),
        Some(Seconds::Text(text)) => Some(text.parse().ok()?),
    };
    Some(Token {
        token,
        lifetime: seconds.map(Duration::from_secs),
    })
}

fn reason(body: &[u8]) -> &'static str {
    let said = serde_json::from_slice::<Bad>(body).map(|bad| bad.error);
    let known = said.ok().and_then(|said| REASONS.iter().find(|known| **known == said));
    known.copied().unwrap_or("no known reason")
}
