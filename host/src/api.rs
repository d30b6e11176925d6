//! What the host answers over HTTP: a router whose OpenAPI document is made from it.

pub mod access;
mod approvals;
mod body;
mod consents;
mod doorkeeper;
mod events;
mod files;
mod grants;
mod health;
mod inspections;
mod invoke;
mod pending;
mod policy;
mod problem;
mod publishers;
mod runs;
mod skills;
mod tenants;
#[cfg(test)]
mod tests;
mod tokens;
mod trials;
mod usage;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::Router;
use axum::middleware;
use registry::Reference;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::binding::Outside;
use crate::file::Files;
use crate::runs::Runs;
use crate::skills::Skills;
use crate::store::Store;
use crate::tenant::Tenants;
use crate::token::Tokens;
use crate::trust::Trust;
use crate::watch::Watch;

pub use doorkeeper::Door;
pub use problem::{Problem, ProblemBody};

/// What the handlers work with.
pub struct App {
    /// Where everything is kept.
    pub store: Store,
    /// Whose things are kept.
    pub tenants: Arc<Tenants>,
    /// Who may ask.
    pub tokens: Arc<Tokens>,
    /// What was uploaded and made.
    pub files: Files,
    /// What ran.
    pub runs: Arc<Runs>,
    /// What was decided.
    pub trust: Arc<Trust>,
    /// What can run.
    pub skills: Arc<Skills>,
    /// Where new versions are looked for.
    pub watch: Arc<Watch>,
    /// What skills reach outside.
    pub outside: Outside,
    /// The embedded registry as references spell it.
    pub home: String,
    /// Set when the host is about to end: it is then not ready.
    pub draining: AtomicBool,
}

impl App {
    /// Reads a reference; one without a host is of the embedded registry.
    fn reference(&self, text: &str) -> Result<Reference, registry::Error> {
        at_home(text, &self.home)
    }
}

/// Reads a reference; one without a host is of the embedded registry, which references spell like this.
pub(crate) fn at_home(text: &str, home: &str) -> Result<Reference, registry::Error> {
    let first = text.split('/').next().unwrap_or_default();
    let is_host = text.matches('/').count() > 1 || first.contains(['.', ':']) || first == "localhost";
    if is_host {
        text.parse()
    } else {
        format!("{home}/{text}").parse()
    }
}

/// The router of the API. What is not in the table of [`access`] is refused.
pub fn router(app: Arc<App>) -> Router {
    // A layer clones and boxes every handler under it for each request, so only that one is here which must know the
    // route: what is around all of them lies around the router.
    routes()
        .split_for_parts()
        .0
        .method_not_allowed_fallback(async || access::wrong_method())
        .fallback(async || Problem::unknown("path"))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&app), access::enforce))
        .with_state(app)
}

/// The OpenAPI document of the API.
pub fn document() -> utoipa::openapi::OpenApi {
    routes().split_for_parts().1
}

fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(health::health))
        .routes(routes!(health::ready))
        .routes(routes!(health::openapi))
        .routes(routes!(skills::list))
        .routes(routes!(skills::show))
        .routes(routes!(invoke::invoke))
        .routes(routes!(runs::list))
        .routes(routes!(runs::show))
        .routes(routes!(runs::cancel))
        .routes(routes!(runs::file))
        .routes(routes!(runs::logs))
        .routes(routes!(events::follow))
        .routes(routes!(consents::journal))
        .routes(routes!(consents::resolve))
        .routes(routes!(consents::list))
        .routes(routes!(consents::answer))
        .routes(routes!(files::upload))
        .routes(routes!(files::download))
        .routes(routes!(publishers::list, publishers::add))
        .routes(routes!(publishers::show))
        .routes(routes!(publishers::add_key))
        .routes(routes!(publishers::revoke_key))
        .routes(routes!(publishers::revoke))
        .routes(routes!(publishers::revoke_digest))
        .routes(routes!(policy::show))
        .routes(routes!(inspections::inspect))
        .routes(routes!(pending::list, pending::look))
        .routes(routes!(trials::try_out))
        .routes(routes!(approvals::list, approvals::approve))
        .routes(routes!(approvals::revoke))
        .routes(routes!(approvals::roll_back))
        .routes(routes!(tokens::list, tokens::issue))
        .routes(routes!(tokens::own))
        .routes(routes!(tokens::revoke))
        .routes(routes!(tenants::list, tenants::add))
        .routes(routes!(usage::own))
        .routes(routes!(usage::all))
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Skillhost",
        description = "Runs signed, approved agent skills in a sandbox. Every refusal is problem+json with a stable \
                       `code` and a sentence that says what to change.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(ProblemBody, events::ProvisionalView, consents::EntryView)),
    security(("token" = [])),
    modifiers(&Bearer),
)]
struct Document;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token that `skillhost init` or POST /v1/tokens showed once."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}
