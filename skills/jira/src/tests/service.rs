//! A Jira that answers what a test says, and remembers what it was asked.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};
use skillhost_sdk::ToolError;
use skillhost_sdk::http::{Request, Response, testing};

/// Answers, the next one first.
pub(super) type Answers = Vec<Result<Response<Vec<u8>>, ToolError>>;

/// What was asked so far, each request as JSON.
#[derive(Clone, Default)]
pub(super) struct Asked(Rc<RefCell<Vec<Value>>>);

impl Asked {
    /// All requests, in their order.
    pub(super) fn all(&self) -> Vec<Value> {
        self.0.borrow().clone()
    }

    /// The bodies alone.
    pub(super) fn bodies(&self) -> Vec<Value> {
        self.0.borrow().iter().map(|request| request["body"].clone()).collect()
    }
}

/// Lets these answers be given, each once.
pub(super) fn answer(answers: Answers) -> Asked {
    let asked = Asked::default();
    let kept = asked.clone();
    let mut answers = answers.into_iter();
    testing::answer(move |request| {
        kept.0.borrow_mut().push(told(&request));
        answers.next().expect("one request more than the test has answers for")
    });
    asked
}

/// An answer with a body of JSON.
pub(super) fn reply(status: u16, body: &Value) -> Result<Response<Vec<u8>>, ToolError> {
    raw(status, &[], body.to_string())
}

/// Any other answer.
pub(super) fn raw(
    status: u16,
    headers: &[(&'static str, &'static str)],
    body: impl Into<Vec<u8>>,
) -> Result<Response<Vec<u8>>, ToolError> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Ok(response.body(body.into()).unwrap())
}

/// Compares a request with the one that is kept under this name.
pub(super) fn assert_kept(name: &str, request: &Value) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("requests");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_json_snapshot!(name, request));
}

fn told(request: &Request<Vec<u8>>) -> Value {
    let headers = request.headers().iter();
    let headers: serde_json::Map<_, _> = headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
        .collect();
    json!({
        "method": request.method().as_str(),
        "url": request.uri().to_string(),
        "headers": headers,
        "body": serde_json::from_slice::<Value>(request.body()).unwrap_or_default(),
    })
}
