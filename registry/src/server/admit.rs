//! Who comes in: no handler sees a repository before the doorkeeper has admitted the client to it.

use axum::RequestPartsExt as _;
use axum::extract::{FromRequestParts, RawPathParams};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::refusal::Refusal;
use super::{Access, Action, Credentials, Denial, Server};
use crate::name::SkillName;

/// A repository that the client may read, and the rest of the path.
pub(super) struct Reading {
    pub(super) repository: SkillName,
    pub(super) rest: String,
}

/// A repository that the client may change, and the rest of the path.
pub(super) struct Writing {
    pub(super) repository: SkillName,
    pub(super) rest: String,
    /// What was shown, for a second repository that the request may name.
    pub(super) credentials: Option<Credentials>,
}

/// Somebody who is known, whatever they may do.
pub(super) struct Known;

/// `GET /v2/` (end-1): how a client logs in.
pub(super) async fn version(_: Known) -> &'static str {
    "{}"
}

/// A path that no registry has, or a repository that is not `namespace/name`.
pub(super) async fn nowhere(_: Known) -> Refusal {
    let told = "There is nothing here: repositories are `/v2/{namespace}/{name}/`, two names of a-z, 0-9 and hyphens.";
    Refusal::unknown("NAME_UNKNOWN", told)
}

/// A method that a path does not have.
pub(super) async fn unsupported(_: Known) -> Refusal {
    let told = "This path does not have this method.";
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", told)
}

impl Server {
    pub(super) async fn admit(
        &self,
        credentials: Option<Credentials>,
        repository: Option<SkillName>,
        access: Access,
    ) -> Result<(), Denial> {
        let shown = repository.as_ref().map(SkillName::to_string);
        let who = self
            .doorkeeper
            .admit(credentials, Action { repository, access })
            .await?;
        tracing::debug!(who = who.0, repository = shown, ?access, "admitted to the registry");
        Ok(())
    }

    async fn enter(&self, parts: &mut Parts, access: Access) -> Result<Writing, Refusal> {
        let credentials = credentials(&parts.headers);
        let (name, rest) = path(parts).await;
        // Whoever is not known learns nothing, not even that a name is wrong.
        let repository = name.parse::<SkillName>();
        let asked = repository.as_ref().ok().cloned();
        self.admit(credentials.clone(), asked, access).await?;
        let repository = repository.map_err(|cause| Refusal::unknown("NAME_INVALID", cause.told()))?;
        Ok(Writing {
            repository,
            rest,
            credentials,
        })
    }
}

impl FromRequestParts<Server> for Reading {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Refusal> {
        let entered = server.enter(parts, Access::Read).await?;
        Ok(Self {
            repository: entered.repository,
            rest: entered.rest,
        })
    }
}

impl FromRequestParts<Server> for Writing {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Refusal> {
        server.enter(parts, Access::Write).await
    }
}

impl FromRequestParts<Server> for Known {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Refusal> {
        server.admit(credentials(&parts.headers), None, Access::Read).await?;
        Ok(Self)
    }
}

/// `namespace/name`, and what comes after the kind of thing that is asked for.
async fn path(parts: &mut Parts) -> (String, String) {
    let (mut namespace, mut name, mut rest) = (String::new(), String::new(), String::new());
    if let Ok(found) = parts.extract::<RawPathParams>().await {
        for (key, value) in &found {
            match key {
                "namespace" => namespace = value.to_owned(),
                "name" => name = value.to_owned(),
                _ => rest = value.to_owned(),
            }
        }
    }
    (format!("{namespace}/{name}"), rest)
}

fn credentials(headers: &HeaderMap) -> Option<Credentials> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Credentials::new(rest.to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
    let (_, password) = pair.split_once(':')?;
    Some(Credentials::new(password.to_owned()))
}
