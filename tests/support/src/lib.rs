//! Simulators of the services that skills talk to, for tests.

pub mod jira;
pub mod salesforce;
pub mod server;
pub mod traffic;
