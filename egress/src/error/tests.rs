//! What is kept from whoever asked.

use std::fmt;

use super::{Code, Error};

/// A cause, and what led to it.
#[derive(Debug)]
struct Cause(&'static str, Option<Box<Self>>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Cause {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

#[test]
fn every_cause_is_private() {
    let error = Error::new(Code::ConnectionLost, "the connection to api.example was lost");
    assert_eq!(error.private(), None);
    let first = Cause("reset by 10.0.0.1", None);
    let error = error.keep(Cause("the body ended", Some(Box::new(first))));
    assert_eq!(error.private().as_deref(), Some("the body ended: reset by 10.0.0.1"));
    assert_eq!(error.told(), "the connection to api.example was lost");
    assert_eq!(error.to_string(), error.told());
}
