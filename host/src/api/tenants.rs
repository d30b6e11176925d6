//! Tenants of the host, for its operator.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use registry::Tenant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::body::Json;
use super::problem::{Answer, ProblemBody};
use crate::store::TenantRow;
use crate::token::Wanted;

/// A tenant to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTenant {
    /// Its name: 1 to 64 of a-z, 0-9 and single hyphens inside.
    #[schema(value_type = String)]
    name: Tenant,
}

/// Whose approvals, runs, files and tokens something is among.
#[derive(Serialize, ToSchema)]
#[schema(as = Tenant)]
pub(super) struct TenantView {
    /// Its name.
    name: String,
    /// Since when it is there.
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
}

/// A new tenant with a token for its first administrator.
#[derive(Serialize, ToSchema)]
pub(super) struct AddedTenant {
    /// The tenant.
    tenant: TenantView,
    /// The secret of its first administrator's token. It is shown here and never again.
    token: String,
}

/// The tenants of the host.
#[derive(Serialize, ToSchema)]
pub(super) struct TenantList {
    /// In the order of their names.
    tenants: Vec<TenantView>,
}

impl From<TenantRow> for TenantView {
    fn from(row: TenantRow) -> Self {
        Self {
            name: row.tenant.to_string(),
            created: row.created_at,
        }
    }
}

/// The tenants of the host.
#[utoipa::path(get, path = "/v1/tenants", tag = "tenants", operation_id = "list-tenants", responses(
    (status = 200, description = "All of them", body = TenantList),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn list(State(app): State<Arc<App>>) -> Answer<axum::Json<TenantList>> {
    let tenants = app.store.tenants().await?.into_iter().map(TenantView::from).collect();
    Ok(axum::Json(TenantList { tenants }))
}

/// Adds a tenant, with a token for its first administrator.
#[utoipa::path(post, path = "/v1/tenants", tag = "tenants", operation_id = "add-tenant", request_body = NewTenant,
    responses(
    (status = 201, description = "It is there", body = AddedTenant),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    Json(new): Json<NewTenant>,
) -> Answer<(StatusCode, axum::Json<AddedTenant>)> {
    let tenant = app.tenants.add(&new.name).await?.into();
    let issued = app.tokens.issue(&new.name, Wanted::first_admin()).await?;
    let token = issued.secret.reveal().to_owned();
    Ok((StatusCode::CREATED, axum::Json(AddedTenant { tenant, token })))
}
