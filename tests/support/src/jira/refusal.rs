//! Why a request was refused, as Jira says it.

use serde_json::{Map, Value, json};

/// Messages about the whole request and about single fields, with the HTTP status that they are sent with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    messages: Vec<String>,
    errors: Map<String, Value>,
}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            messages: vec![message.into()],
            errors: Map::new(),
        }
    }

    /// 400 with a message about the whole.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// 400 with a message for each field.
    pub(super) fn fields(errors: Map<String, Value>) -> Self {
        Self {
            status: 400,
            messages: Vec::new(),
            errors,
        }
    }

    /// 400 with a message about one field.
    pub(super) fn field(field: &str, message: &str) -> Self {
        Self::fields(Map::from_iter([(field.to_owned(), message.into())]))
    }

    /// 404, for what is not there and for what is hidden alike.
    pub(super) fn no_issue() -> Self {
        Self::new(404, "Issue does not exist or you do not have permission to see it.")
    }

    /// 400, for a body that is not of this shape.
    pub(super) fn body_invalid() -> Self {
        Self::bad("Invalid request payload. Refer to the REST API documentation and try again.")
    }

    pub(super) fn body(&self) -> Value {
        json!({"errorMessages": self.messages, "errors": self.errors})
    }
}
