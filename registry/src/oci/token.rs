//! Logging in to a registry: basic authentication (RFC 7617) or a token (distribution-spec, Token Authentication).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, Method, StatusCode};
use http_auth::ChallengeRef;
use serde::Deserialize;
use url::Url;

use super::answer::{Answer, misbehaved};
use super::session::{Ask, Session};
use super::{Login, TokenHost};
use crate::error::{Code, Error};

/// Token servers that are known to belong to a registry of another name.
const KNOWN: [(&str, &str); 2] = [("docker.io", "auth.docker.io"), ("registry.gitlab.com", "gitlab.com")];

/// Most bytes of a token server's answer.
const TOKEN_MOST: u64 = 64 << 10;

/// Finds what the registry wants to see in `Authorization`.
///
/// Credentials go to the registry itself or to a token server that is known or named by the operator; where the registry
/// names another one, nothing is sent there, not even a question.
///
/// # Errors
/// `registry-refused` without a login that fits, `token-host-not-allowed`, and whatever the token server makes go wrong.
pub(super) async fn negotiate(session: &Session<'_>, challenged: &Answer) -> Result<HeaderValue, Error> {
    let login = session.client.login(session.host()).await?;
    let login = login.as_ref();
    for header in challenged.headers().get_all(WWW_AUTHENTICATE) {
        let text = header.to_str().unwrap_or_default();
        let challenges = http_auth::parse_challenges(text).map_err(|cause| {
            misbehaved(session.host(), "sends a challenge that cannot be read").keep(cause.to_string())
        })?;
        for challenge in challenges {
            if challenge.scheme.eq_ignore_ascii_case("bearer") {
                return bearer(session, &challenge, login).await;
            }
            if let (true, Some(login)) = (challenge.scheme.eq_ignore_ascii_case("basic"), login) {
                return Ok(basic(login));
            }
        }
    }
    Err(challenged.refusal())
}

async fn bearer(
    session: &Session<'_>,
    challenge: &ChallengeRef<'_>,
    login: Option<&Login>,
) -> Result<HeaderValue, Error> {
    let realm = realm(session, &parameter(challenge, "realm").unwrap_or_default())?;
    let scope = format!("repository:{}:{}", session.reference.repository(), session.actions);
    let mut about = vec![("scope", scope)];
    about.extend(parameter(challenge, "service").map(|service| ("service", service)));
    let peer = session.peer(&realm);
    let (ask, authorization) = match login {
        Some(login) if login.user == Login::IDENTITY => (exchange(realm, about, login), None),
        login => (question(realm, &about), login.map(basic)),
    };
    let answer = session.transmit(&ask, peer, authorization.as_ref()).await?;
    let body = answer.expect(&[StatusCode::OK])?.body(TOKEN_MOST).await?;
    read(session, &body)
}

fn question(mut realm: Url, about: &[(&str, String)]) -> Ask {
    realm.query_pairs_mut().extend_pairs(about);
    Ask::new(Method::GET, realm)
}

/// Gives an identity token for another (distribution, docs/spec/auth/oauth.md).
fn exchange(realm: Url, mut about: Vec<(&str, String)>, login: &Login) -> Ask {
    about.push(("grant_type", "refresh_token".to_owned()));
    about.push(("client_id", "skillhost".to_owned()));
    about.push(("refresh_token", login.secret.clone()));
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(about)
        .finish();
    Ask::new(Method::POST, realm).content("application/x-www-form-urlencoded", form.into())
}

fn read(session: &Session<'_>, body: &[u8]) -> Result<HeaderValue, Error> {
    #[derive(Deserialize)]
    struct Issued {
        token: Option<String>,
        access_token: Option<String>,
    }
    let malformed = || misbehaved(session.host(), "has a token server whose answer cannot be read");
    let issued: Issued = serde_json::from_slice(body).map_err(|_| malformed())?;
    let token = issued.token.or(issued.access_token).ok_or_else(malformed)?;
    sensitive(&format!("Bearer {token}")).ok_or_else(malformed)
}

/// The token server, where credentials may go there.
fn realm(session: &Session<'_>, text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|cause| misbehaved(session.host(), "names no token server").keep(cause))?;
    let secure = url.scheme() == "https" || (url.scheme() == "http" && session.both_loopback(&url));
    let bare = url.username().is_empty() && url.password().is_none();
    if bare && (session.is_own(&url) || (secure && is_named(session, &url))) {
        return Ok(url);
    }
    let host = authority(&url);
    Err(Error::new(
        Code::TokenHostNotAllowed,
        format!(
            "The registry `{}` wants a token from `{host}`: if that is right, name it as a token host of this registry.",
            session.host()
        ),
    ))
}

fn is_named(session: &Session<'_>, url: &Url) -> bool {
    let wanted = TokenHost {
        registry: session.host().to_owned(),
        host: authority(url),
    };
    let known = KNOWN
        .iter()
        .any(|(registry, host)| *registry == wanted.registry && *host == wanted.host);
    known || session.client.settings.token_hosts.contains(&wanted)
}

/// The host, with its port where that is not the usual one.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn parameter(challenge: &ChallengeRef<'_>, name: &str) -> Option<String> {
    let found = challenge.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.to_unescaped())
}

fn basic(login: &Login) -> HeaderValue {
    let pair = STANDARD.encode(format!("{}:{}", login.user, login.secret));
    sensitive(&format!("Basic {pair}")).expect("Base64 is always a header's text")
}

fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
