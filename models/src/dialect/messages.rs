//! Anthropic Messages (`POST /v1/messages`, version 2023-06-01), as Anthropic and those who resell its models speak it.

mod answer;
mod content;
mod gather;
mod request;
mod trouble;

#[cfg(test)]
mod tests;

use gate::Failure;
use gate::call::model::Ask;
use http::HeaderMap;
use serde_json::Value;

use super::{Answer, Dialect, Gather, Model, Unfit, Wire, native};

/// Anthropic Messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Messages {
    /// Where it is spoken to.
    pub at: Place,
}

/// Who takes the messages: the address of the model differs and little else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anthropic's own interface, wherever it is offered: `/v1/messages`, with the model in the body.
    Anthropic {
        /// The part of the world that has to answer, for whom Anthropic answers itself.
        geo: Option<String>,
    },
    /// Vertex AI: `:rawPredict` and `:streamRawPredict`, with the model in the path.
    Vertex,
}

const NAME: &str = "messages";

impl Dialect for Messages {
    fn name(&self) -> &'static str {
        NAME
    }

    fn request(&self, ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
        request::write(native::prompt(ask, to)?, to, &self.at)
    }

    fn gather(&self) -> Box<dyn Gather> {
        Box::<gather::Gathered>::default()
    }

    fn answer(&self, _: &Ask, whole: &Value) -> Result<Answer, Failure> {
        answer::read(whole)
    }

    fn trouble(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
        trouble::refused(status, headers, body)
    }
}
