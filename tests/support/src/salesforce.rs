//! Salesforce, as far as its REST API is used: in memory, each instance with its own data.

use axum::Router;

use crate::server::Server;

/// An instance with its own data.
#[must_use]
pub fn server() -> Server {
    Server::new("salesforce", Router::new())
}
