//! Gemini's generateContent, as Vertex AI speaks it (discovery document `aiplatform` v1, revision 20261106).

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

/// Gemini's generateContent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gemini;

const NAME: &str = "gemini";

impl Dialect for Gemini {
    fn name(&self) -> &'static str {
        NAME
    }

    fn request(&self, ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
        request::write(native::prompt(ask, to)?, to)
    }

    fn gather(&self) -> Box<dyn Gather> {
        Box::<gather::Gathered>::default()
    }

    fn answer(&self, ask: &Ask, whole: &Value) -> Result<Answer, Failure> {
        answer::read(ask, whole)
    }

    fn trouble(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
        trouble::refused(status, headers, body)
    }
}
