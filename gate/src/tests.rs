//! Tests of the gate as a whole: calls in, steps taken, outcomes.

mod crash;
mod order;
mod support;
mod waiting;
