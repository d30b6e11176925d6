//! Why a request was refused, as Salesforce says it: an array of errors in JSON.

use serde_json::{Value, json};

use super::exchange::Answer;

/// One error with the HTTP status that it is sent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    fields: Vec<String>,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            fields: Vec::new(),
        }
    }

    /// 400 with this code.
    pub(super) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// 404, for what is neither a resource nor a record.
    pub(super) fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    /// 405 for a method that the resource does not have.
    pub(super) fn no_method(method: &str) -> Self {
        Self::new(
            405,
            "METHOD_NOT_ALLOWED",
            format!("HTTP Method '{method}' not allowed."),
        )
    }

    /// Names the fields at fault.
    pub(super) fn at(mut self, fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.fields = fields.into_iter().map(Into::into).collect();
        self
    }

    /// As an entry of `errors` in the result of a collection, where the code has another name.
    pub(super) fn in_result(&self) -> Value {
        json!({ "statusCode": self.code, "message": self.message, "fields": self.fields })
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let Refusal {
            status,
            code,
            message,
            fields,
        } = refusal;
        let error = match fields.is_empty() {
            true => json!({ "message": message, "errorCode": code }),
            false => json!({ "message": message, "errorCode": code, "fields": fields }),
        };
        Self::json(status, json!([error]))
    }
}
