//! Vectors by Bedrock's InvokeModel, `POST /model/{model}/invoke` (service model `bedrock-runtime` 2023-09-30). What is
//! sent and what comes is each model's own.

mod answer;
mod request;
#[cfg(test)]
mod tests;

use gate::Failure;
use gate::call::model::{Ask, Usage};
use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::{Answer, Dialect, Gather, Model, Unfit, Wire, converse, vectors};

/// The format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Invoke;

/// Whose models are asked by the same body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// Cohere's Embed (Bedrock's guide, "Cohere Embed").
    Cohere,
    /// Amazon's Titan Text Embeddings (Bedrock's guide, "Amazon Titan Embeddings G1 - Text").
    Titan,
    /// Amazon's Nova Multimodal Embeddings (Nova's guide, "Complete embeddings request and response schema").
    Nova,
}

/// The tokens that were read, which not every model's body has.
const COUNT: &str = "x-amzn-bedrock-input-token-count";

impl Dialect for Invoke {
    fn name(&self) -> &'static str {
        "invoke"
    }

    fn request(&self, ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
        request::write(ask, to)
    }

    fn gather(&self) -> Box<dyn Gather> {
        Box::new(vectors::NoStream)
    }

    fn answer(&self, ask: &Ask, whole: &Value) -> Result<Answer, Failure> {
        answer::read(ask, whole)
    }

    fn counted(&self, headers: &HeaderMap) -> Option<Usage> {
        let input = headers.get(COUNT)?.to_str().ok()?.parse().ok()?;
        Some(vectors::tokens(input))
    }

    fn names_models(&self) -> bool {
        false
    }

    fn trouble(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
        converse::refused(status, headers, body)
    }
}
