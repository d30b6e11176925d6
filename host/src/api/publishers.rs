//! Publishers, their keys, and what is not trusted any more.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use registry::ledger::{self, Entry, Scope};
use registry::signature::PublicKey;
use registry::{Digest, Namespace, PublisherName};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Json;
use super::problem::{Answer, Problem, ProblemBody};
use crate::token::Caller;

/// A publisher to be added, or given more namespaces.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPublisher {
    /// Its name: 1 to 64 of a-z, 0-9 and single hyphens inside.
    #[schema(value_type = String)]
    name: PublisherName,
    /// The first parts of the names of its skills.
    #[schema(value_type = Vec<String>)]
    namespaces: Vec<Namespace>,
}

/// A key to be trusted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    /// An Ed25519 or ECDSA P-256 public key: SPKI in PEM, as openssl and cosign write it.
    public_key: String,
}

/// Why something is revoked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// For whoever reads the ledger: 1 to 512 characters on one line.
    pub(super) reason: String,
}

/// That something holds no more.
#[derive(Serialize, ToSchema)]
pub(super) struct Revocation {
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who decided it.
    by: String,
    /// Why.
    reason: String,
}

/// Who signs.
#[derive(Serialize, ToSchema)]
pub(super) struct Publisher {
    /// Its name.
    name: String,
    /// The first parts of the names of its skills.
    namespaces: Vec<String>,
    /// Since when it is trusted.
    #[schema(value_type = String, format = DateTime)]
    added: Timestamp,
    /// Its keys.
    keys: Vec<Key>,
    /// Set when nothing of it is trusted any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<Revocation>,
}

/// A key of a publisher.
#[derive(Serialize, ToSchema)]
pub(super) struct Key {
    /// Its fingerprint: the SHA-256 of its SPKI in DER.
    key: String,
    /// Since when it is trusted.
    #[schema(value_type = String, format = DateTime)]
    added: Timestamp,
    /// Set when it signs for nobody any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<Revocation>,
}

/// The publishers that the host knows.
#[derive(Serialize, ToSchema)]
pub(super) struct PublisherList {
    /// In the order of their names.
    publishers: Vec<Publisher>,
}

/// A revoked artifact.
#[derive(Serialize, ToSchema)]
pub(super) struct RevokedArtifact {
    /// The digest of its manifest.
    digest: String,
    /// Since when, by whom and why.
    revoked: Revocation,
}

impl From<&ledger::Revocation> for Revocation {
    fn from(revocation: &ledger::Revocation) -> Self {
        Self {
            at: revocation.at,
            by: revocation.by.clone(),
            reason: revocation.reason.clone(),
        }
    }
}

impl Publisher {
    fn of(state: &ledger::State, publisher: &ledger::Publisher) -> Self {
        let keys = state
            .keys()
            .filter(|key| key.publisher == publisher.name)
            .map(|key| Key {
                key: key.id.to_string(),
                added: key.added,
                revoked: key.revoked.as_ref().map(Revocation::from),
            });
        Self {
            name: publisher.name.to_string(),
            namespaces: publisher.namespaces.iter().map(ToString::to_string).collect(),
            added: publisher.added,
            keys: keys.collect(),
            revoked: publisher.revoked.as_ref().map(Revocation::from),
        }
    }
}

/// The publishers that the host knows.
#[utoipa::path(get, path = "/v1/publishers", tag = "publishers", operation_id = "list-publishers", responses(
    (status = 200, description = "All of them", body = PublisherList),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(State(app): State<Arc<App>>) -> axum::Json<PublisherList> {
    let state = app.trust.state();
    let publishers = state
        .publishers()
        .map(|publisher| Publisher::of(&state, publisher))
        .collect();
    axum::Json(PublisherList { publishers })
}

/// One publisher.
#[utoipa::path(get, path = "/v1/publishers/{publisher}", tag = "publishers", operation_id = "show-publisher",
    params(("publisher" = String, Path, description = "Its name")), responses(
    (status = 200, description = "It", body = Publisher),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn show(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer<axum::Json<Publisher>> {
    Ok(axum::Json(find(&app, &publisher_name(&name)?)?))
}

/// Adds a publisher, or gives it more namespaces.
#[utoipa::path(post, path = "/v1/publishers", tag = "publishers", operation_id = "add-publisher",
    request_body = NewPublisher, responses(
    (status = 201, description = "It owns these namespaces", body = Publisher),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Json(new): Json<NewPublisher>,
) -> Answer<(StatusCode, axum::Json<Publisher>)> {
    let entry = Entry::PublisherAdded {
        publisher: new.name.clone(),
        namespaces: new.namespaces,
    };
    app.trust.decide(Scope::Host, caller.name(), entry).await?;
    Ok((StatusCode::CREATED, axum::Json(find(&app, &new.name)?)))
}

/// Trusts a key of a publisher.
#[utoipa::path(post, path = "/v1/publishers/{publisher}/keys", tag = "publishers", operation_id = "add-key",
    params(("publisher" = String, Path, description = "Its name")), request_body = NewKey, responses(
    (status = 201, description = "It signs for the publisher", body = Publisher),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn add_key(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(name): Path<String>,
    Json(new): Json<NewKey>,
) -> Answer<(StatusCode, axum::Json<Publisher>)> {
    let publisher = publisher_name(&name)?;
    let key = PublicKey::from_pem(&new.public_key)?.id();
    let entry = Entry::KeyAdded {
        publisher: publisher.clone(),
        key,
        public_key: new.public_key,
    };
    app.trust.decide(Scope::Host, caller.name(), entry).await?;
    Ok((StatusCode::CREATED, axum::Json(find(&app, &publisher)?)))
}

/// Revokes a key: what it signed runs no more.
#[utoipa::path(post, path = "/v1/publishers/{publisher}/keys/{key}/revoke", tag = "publishers",
    operation_id = "revoke-key", request_body = Reason, params(
    ("publisher" = String, Path, description = "The publisher's name"),
    ("key" = String, Path, description = "The key's fingerprint"),
), responses(
    (status = 200, description = "It signs for nobody any more", body = Publisher),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn revoke_key(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path((name, key)): Path<(String, String)>,
    Json(Reason { reason }): Json<Reason>,
) -> Answer<axum::Json<Publisher>> {
    let publisher = publisher_name(&name)?;
    let key: Digest = key.parse().map_err(|_| Problem::unknown("key"))?;
    let state = app.trust.state();
    state
        .key(&key)
        .filter(|key| key.publisher == publisher)
        .ok_or_else(|| Problem::unknown("key"))?;
    app.trust
        .decide(Scope::Host, caller.name(), Entry::KeyRevoked { key, reason })
        .await?;
    Ok(axum::Json(find(&app, &publisher)?))
}

/// Revokes a publisher: nothing that it signed runs any more.
#[utoipa::path(post, path = "/v1/publishers/{publisher}/revoke", tag = "publishers",
    operation_id = "revoke-publisher", request_body = Reason,
    params(("publisher" = String, Path, description = "Its name")), responses(
    (status = 200, description = "Nothing of it is trusted any more", body = Publisher),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(name): Path<String>,
    Json(Reason { reason }): Json<Reason>,
) -> Answer<axum::Json<Publisher>> {
    let publisher = publisher_name(&name)?;
    let entry = Entry::PublisherRevoked {
        publisher: publisher.clone(),
        reason,
    };
    app.trust.decide(Scope::Host, caller.name(), entry).await?;
    Ok(axum::Json(find(&app, &publisher)?))
}

/// Revokes an artifact: it runs no more, for no tenant, whoever signed it.
#[utoipa::path(post, path = "/v1/digests/{digest}/revoke", tag = "publishers", operation_id = "revoke-digest",
    params(("digest" = String, Path, description = "The digest of its manifest")), request_body = Reason, responses(
    (status = 200, description = "It runs no more", body = RevokedArtifact),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn revoke_digest(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(digest): Path<String>,
    Json(Reason { reason }): Json<Reason>,
) -> Answer<axum::Json<RevokedArtifact>> {
    let digest: Digest = digest.parse()?;
    app.trust
        .decide(Scope::Host, caller.name(), Entry::DigestRevoked { digest, reason })
        .await?;
    app.skills.forget(digest);
    let state = app.trust.state();
    let revoked = state
        .revoked(&digest)
        .ok_or_else(|| Problem::unknown("artifact"))?
        .into();
    Ok(axum::Json(RevokedArtifact {
        digest: digest.to_string(),
        revoked,
    }))
}

fn publisher_name(name: &str) -> Answer<PublisherName> {
    name.parse().map_err(|_| Problem::unknown("publisher"))
}

fn find(app: &App, name: &PublisherName) -> Answer<Publisher> {
    let state = app.trust.state();
    let publisher = state.publisher(name).ok_or_else(|| Problem::unknown("publisher"))?;
    Ok(Publisher::of(&state, publisher))
}
