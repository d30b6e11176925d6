//! The tools without a host: what they ask of Jira, and what they make of its answers.
//!
//! Every request is kept in `tests/requests`, from where `tests/jira/check` (in the root of the repository) sends it to
//! a program that knows Atlassian's own description.

mod create;
mod errors;
mod examples;
mod get;
mod remark;
mod search;
mod service;
mod simulated;
mod transition;
