//! What it is compared with: the tool `greet` as a handler of plain axum, without sandbox, token or record.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::post;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The arguments of `greet`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    name: String,
}

#[derive(Serialize)]
struct Answer {
    ok: bool,
    value: Greeting,
    files: [(); 0],
    run: Uuid,
}

#[derive(Serialize)]
struct Greeting {
    message: String,
    characters: usize,
}

/// A server with the one route.
pub(crate) fn router() -> axum::Router {
    axum::Router::new().route("/v1/skills/{namespace}/{name}/tools/{tool}", post(greet))
}

async fn greet(
    Path((_, _, tool)): Path<(String, String, String)>,
    Json(arguments): Json<Arguments>,
) -> Result<Json<Answer>, StatusCode> {
    let characters = arguments.name.chars().count();
    if tool != "greet" || characters == 0 {
        return Err(StatusCode::BAD_REQUEST);
    }
    let message = format!("Hello, {}!", arguments.name);
    let value = Greeting { message, characters };
    Ok(Json(Answer {
        ok: true,
        value,
        files: [],
        run: Uuid::now_v7(),
    }))
}
