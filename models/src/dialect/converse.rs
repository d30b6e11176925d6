//! Bedrock's Converse and ConverseStream (service model `bedrock-runtime` 2023-09-30).

mod answer;
mod content;
mod document;
mod gather;
mod request;
mod trouble;

#[cfg(test)]
mod tests;

use gate::Failure;
use gate::call::model::Ask;
use http::HeaderMap;
use serde_json::Value;

pub(super) use trouble::refused;

use super::{Answer, Dialect, Gather, Model, Unfit, Wire, native};

/// Bedrock's Converse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Converse;

const NAME: &str = "converse";

impl Dialect for Converse {
    fn name(&self) -> &'static str {
        NAME
    }

    fn request(&self, ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
        request::write(native::prompt(ask, to)?, to)
    }

    fn gather(&self) -> Box<dyn Gather> {
        Box::<gather::Gathered>::default()
    }

    fn answer(&self, _: &Ask, whole: &Value) -> Result<Answer, Failure> {
        answer::read(whole)
    }

    fn names_models(&self) -> bool {
        false
    }

    fn trouble(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
        refused(status, headers, body)
    }
}
