//! The tools, run without a host: `cargo test`.

use super::{Greeting, Guest, Skill};

#[test]
fn somebody_is_greeted() {
    let message = "Hello, Ada!".to_owned();
    assert_eq!(Skill::greet("Ada".to_owned()), Ok(Greeting { message }));
}

#[test]
fn nobody_is_refused() {
    let error = Skill::greet(String::new()).unwrap_err();
    assert_eq!(error.code, "invalid-argument");
}
