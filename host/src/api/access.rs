//! Who may do what: one table of every operation, and the check that enforces it. What is not in it is refused.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;

use super::App;
use super::problem::Problem;
use crate::token::{Caller, Role, Secret};

/// Who may use an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, without a token.
    Anybody,
    /// Tokens with one of these roles, each for its own tenant.
    Roles(&'static [Role]),
    /// Administrators of the first tenant: it concerns the whole host.
    Operator,
}

use Access::{Anybody, Operator, Roles};
use Role::{Admin, Agent, Approver, Auditor, Publisher};

const EVERY_ROLE: Access = Roles(&Role::ALL);
const RUNNING: Access = Roles(&[Agent, Admin]);
const RUNS: Access = Roles(&[Agent, Admin, Auditor]);
const APPROVING: Access = Roles(&[Approver, Admin]);
const APPROVALS: Access = Roles(&[Approver, Admin, Auditor]);
const PUBLISHERS: Access = Roles(&[Publisher, Approver, Admin, Auditor]);

/// Every operation: its method, the template of its path, and who may use it.
pub const TABLE: [(Method, &str, Access); 42] = [
    (Method::GET, "/healthz", Anybody),
    (Method::GET, "/readyz", Anybody),
    (Method::GET, "/openapi.json", Anybody),
    (Method::GET, "/v1/skills", EVERY_ROLE),
    (Method::GET, "/v1/skills/{namespace}/{name}", EVERY_ROLE),
    (Method::POST, "/v1/skills/{namespace}/{name}/tools/{tool}", RUNNING),
    (Method::POST, "/v1/skills/{namespace}/{name}/rollback", APPROVING),
    (Method::GET, "/v1/runs", RUNS),
    (Method::GET, "/v1/runs/{id}", RUNS),
    (Method::POST, "/v1/runs/{id}/cancel", RUNNING),
    (Method::GET, "/v1/runs/{id}/files/{name}", RUNS),
    // Logs are words for the operator, so agents do not see them.
    (Method::GET, "/v1/runs/{id}/logs", Roles(&[Admin, Auditor])),
    (Method::GET, "/v1/runs/{id}/journal", Roles(&[Admin, Auditor])),
    // It tells what the journal tells, earlier.
    (Method::GET, "/v1/runs/{id}/events", Roles(&[Admin, Auditor])),
    (Method::POST, "/v1/runs/{id}/resolve", APPROVING),
    (Method::GET, "/v1/consents", APPROVALS),
    (Method::POST, "/v1/consents/{id}", APPROVING),
    (Method::POST, "/v1/files", RUNNING),
    (Method::GET, "/v1/files/{sha256}", RUNS),
    (Method::GET, "/v1/publishers", PUBLISHERS),
    (Method::POST, "/v1/publishers", Operator),
    (Method::GET, "/v1/publishers/{publisher}", PUBLISHERS),
    (Method::POST, "/v1/publishers/{publisher}/keys", Operator),
    (Method::POST, "/v1/publishers/{publisher}/keys/{key}/revoke", Operator),
    (Method::POST, "/v1/publishers/{publisher}/revoke", Operator),
    (Method::POST, "/v1/digests/{digest}/revoke", Operator),
    (Method::GET, "/v1/trust-policy", Roles(&[Admin, Auditor])),
    (Method::POST, "/v1/inspections", APPROVING),
    (Method::GET, "/v1/pending", APPROVALS),
    (Method::POST, "/v1/pending", APPROVING),
    (Method::POST, "/v1/trials", APPROVING),
    (Method::GET, "/v1/approvals", APPROVALS),
    (Method::POST, "/v1/approvals", APPROVING),
    (Method::POST, "/v1/approvals/{digest}/revoke", APPROVING),
    (Method::GET, "/v1/tokens", Roles(&[Admin, Auditor])),
    (Method::POST, "/v1/tokens", Roles(&[Admin])),
    (Method::GET, "/v1/tokens/self", EVERY_ROLE),
    (Method::POST, "/v1/tokens/{id}/revoke", Roles(&[Admin])),
    (Method::GET, "/v1/tenants", Operator),
    (Method::POST, "/v1/tenants", Operator),
    (Method::GET, "/v1/usage", Roles(&[Admin, Auditor])),
    (Method::GET, "/v1/tenants/usage", Operator),
];

impl Access {
    /// Who may use this operation; nobody where the table does not have it.
    pub fn of(method: &Method, path: &str) -> Option<Self> {
        let is_it = |(known, template, _): &&(Method, &str, Self)| known == method && *template == path;
        TABLE.iter().find(is_it).map(|(_, _, access)| *access)
    }

    /// Whether this caller may use it.
    pub fn admits(self, caller: &Caller) -> bool {
        match self {
            Anybody => true,
            Roles(roles) => roles.iter().any(|role| caller.roles().contains(role)),
            Operator => caller.is_operator(),
        }
    }
}

/// Lets a request through to its handler, with its [`Caller`], where the table says so.
pub(super) async fn enforce(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    match admit(&app, &request) {
        Ok(caller) => {
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

fn admit(app: &App, request: &Request) -> Result<Option<Arc<Caller>>, Problem> {
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    let method = if request.method() == Method::HEAD {
        &Method::GET
    } else {
        request.method()
    };
    let Some(access) = Access::of(method, path) else {
        return Err(wrong_method());
    };
    if access == Anybody {
        return Ok(None);
    }
    let caller = caller(app, request.headers())?;
    if access.admits(&caller) {
        Ok(Some(caller))
    } else {
        Err(forbidden(access))
    }
}

/// Whom the request's token stands for.
fn caller(app: &App, headers: &HeaderMap) -> Result<Arc<Caller>, Problem> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(unauthorized("send one header `Authorization: Bearer skh_...`"));
    };
    let secret: Secret = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .ok_or_else(|| unauthorized("send one header `Authorization: Bearer skh_...`"))?
        .1
        .trim()
        .parse()
        .map_err(|_| unauthorized("a token starts with `skh_` and 72 digits follow: this one was cut or mistyped"))?;
    app.tokens
        .verify(&secret, Timestamp::now())
        .ok_or_else(|| unauthorized("this token is unknown, ended or revoked: ask an administrator for another"))
}

fn unauthorized(detail: &'static str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
}

fn forbidden(access: Access) -> Problem {
    let detail = match access {
        Roles(roles) => {
            let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
            format!(
                "this token may not do that: use one with the role {}",
                names.join(" or ")
            )
        }
        _ => format!(
            "only an administrator of the tenant `{}` may do that",
            Caller::FIRST_TENANT
        ),
    };
    Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
}

/// The path is one of the table and the method is not.
pub(super) fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "this path takes another method: GET /openapi.json lists them",
    )
}
