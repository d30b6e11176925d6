//! Thin program.
fn main() {}
