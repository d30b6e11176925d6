//! Runs signed, approved agent skills in a sandbox, and serves the people and agents that use them.
#![deny(unsafe_code)]

pub mod api;
mod backend;
pub mod binding;
pub mod command;
pub mod config;
pub mod engine;
pub mod file;
mod import;
pub mod json;
mod outliving;
pub mod run;
pub mod runs;
pub mod seal;
pub mod serve;
pub mod skills;
pub mod store;
pub mod tenant;
pub mod token;
pub mod trust;
pub mod usage;
pub mod watch;
