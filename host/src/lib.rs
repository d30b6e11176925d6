//! Runs signed, approved agent skills in a sandbox, and serves the people and agents that use them.
#![deny(unsafe_code)]

pub mod command;
pub mod config;
pub mod file;
pub mod json;
pub mod run;
pub mod seal;
pub mod store;
pub mod tenant;
pub mod token;
