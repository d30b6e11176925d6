//! OpenAI's Chat Completions, `POST /chat/completions`: the format that nearly everybody speaks.

mod answer;
mod gather;
mod request;
#[cfg(test)]
mod tests;

use gate::Failure;
use gate::call::model::Ask;
use http::HeaderMap;
use serde_json::Value;

use super::openai::trouble;
use super::{Answer, Dialect, Gather, Model, Unfit, Wire};

/// The format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chat {
    /// Whether calls of tools can carry `extra_content`, which has to come back with them: Google's models sign their
    /// thoughts there. Where OpenAI's own description holds, it would be refused.
    pub extra: bool,
}

const NAME: &str = "chat";

impl Dialect for Chat {
    fn name(&self) -> &'static str {
        NAME
    }

    fn request(&self, ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
        request::request(ask, to, self.extra)
    }

    fn gather(&self) -> Box<dyn Gather> {
        Box::new(gather::Gathered::default())
    }

    fn answer(&self, _ask: &Ask, whole: &Value) -> Result<Answer, Failure> {
        answer::answer(whole, self.extra)
    }

    fn trouble(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
        trouble::of_status(status, headers, body)
    }
}
