//! Runs signed, approved agent skills in a sandbox, and serves the people and agents that use them.
#![deny(unsafe_code)]

pub mod run;
