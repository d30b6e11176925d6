//! Simulators of the services that skills talk to, and a registry that means harm, for tests.

pub mod evil;
pub mod jira;
pub mod oidc;
pub mod program;
pub mod salesforce;
pub mod server;
pub mod traffic;
