//! Tokens of a tenant: issued, listed, revoked.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use registry::PublisherName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::App;
use super::body::Json;
use super::problem::{Answer, Problem, ProblemBody};
use crate::store::TokenRow;
use crate::token::{Caller, Issued, Role, Wanted};

/// A token to be issued.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// What people call it: 1 to 64 characters.
    name: String,
    /// What its bearer may do.
    roles: BTreeSet<Role>,
    /// As whom it publishes; needed by the role publisher and by no other.
    #[schema(value_type = Option<String>)]
    publisher: Option<PublisherName>,
    /// For how many days it holds: 1 to 366, 90 where nothing is said.
    days: Option<u16>,
}

/// A token as the host keeps it.
#[derive(Serialize, ToSchema)]
pub(super) struct Token {
    /// What it is called by, which is no secret.
    #[schema(value_type = String)]
    id: Uuid,
    /// Whose it is.
    tenant: String,
    /// What people call it.
    name: String,
    /// What its bearer may do.
    roles: BTreeSet<Role>,
    /// As whom it publishes.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked: Option<Timestamp>,
    /// When it was last seen, to the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<Timestamp>,
}

/// A new token. Its secret is shown here and never again.
#[derive(Serialize, ToSchema)]
pub(super) struct IssuedToken {
    /// The secret, for `Authorization: Bearer`.
    token: String,
    /// As the host keeps it.
    issued: Token,
}

/// The tokens of the tenant.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenList {
    /// In the order in which they were issued.
    tokens: Vec<Token>,
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            tenant: row.tenant.to_string(),
            name: row.name,
            roles: row.roles,
            publisher: row.publisher.map(String::from),
            created: row.created_at,
            expires: row.expires_at,
            revoked: row.revoked_at,
            last_used: row.last_used_at,
        }
    }
}

impl From<Issued> for IssuedToken {
    fn from(issued: Issued) -> Self {
        Self {
            token: issued.secret.reveal().to_owned(),
            issued: issued.row.into(),
        }
    }
}

/// The tokens of the tenant.
#[utoipa::path(get, path = "/v1/tokens", tag = "tokens", operation_id = "list-tokens", responses(
    (status = 200, description = "All of them", body = TokenList),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
) -> axum::Json<TokenList> {
    let tokens = app.tokens.list(caller.tenant()).into_iter().map(Token::from).collect();
    axum::Json(TokenList { tokens })
}

/// The token that asks.
#[utoipa::path(get, path = "/v1/tokens/self", tag = "tokens", operation_id = "show-own-token", responses(
    (status = 200, description = "It", body = Token),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn own(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Answer<axum::Json<Token>> {
    let rows = app.tokens.list(caller.tenant());
    let own = rows.into_iter().find(|row| row.id == caller.token());
    Ok(axum::Json(own.ok_or_else(|| Problem::unknown("token"))?.into()))
}

/// Issues a token for the tenant.
#[utoipa::path(post, path = "/v1/tokens", tag = "tokens", operation_id = "issue-token", request_body = NewToken,
    responses(
    (status = 201, description = "It holds", body = IssuedToken),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn issue(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Json(new): Json<NewToken>,
) -> Answer<(StatusCode, axum::Json<IssuedToken>)> {
    let days = i64::from(new.days.unwrap_or(90));
    let lasts = SignedDuration::from_hours(24 * days);
    let wanted = Wanted {
        name: new.name,
        roles: new.roles,
        publisher: new.publisher,
        lasts,
    };
    let issued = app.tokens.issue(caller.tenant(), wanted).await?;
    Ok((StatusCode::CREATED, axum::Json(issued.into())))
}

/// Revokes a token: it is refused from now on.
#[utoipa::path(post, path = "/v1/tokens/{id}/revoke", tag = "tokens", operation_id = "revoke-token",
    params(("id" = String, Path, description = "The token's id")), responses(
    (status = 200, description = "It is refused", body = Token),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(id): Path<String>,
) -> Answer<axum::Json<Token>> {
    let id: Uuid = id.parse().map_err(|_| Problem::unknown("token"))?;
    let row = app.tokens.revoke(caller.tenant(), id).await?;
    Ok(axum::Json(row.ok_or_else(|| Problem::unknown("token"))?.into()))
}
