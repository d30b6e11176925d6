//! Tests of the gate as a whole: calls in, steps taken, outcomes.

mod crash;
mod models;
mod order;
mod property;
mod resume;
mod secrets;
mod socket;
pub(crate) mod support;
mod waiting;
