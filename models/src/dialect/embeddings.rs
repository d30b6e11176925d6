//! OpenAI's Embeddings, `POST /embeddings`: vectors of texts.

mod answer;
#[cfg(test)]
mod tests;

use gate::Failure;
use gate::call::model::{Ask, Embed};
use http::HeaderMap;
use serde::Serialize;
use serde_json::Value;

use super::openai::trouble;
use super::{Answer, Dialect, Framing, Gather, Model, Unfit, Wire, vectors};

/// The format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Embeddings;

/// How many texts one request takes.
const MOST_INPUTS: usize = 2048;

impl Dialect for Embeddings {
    fn name(&self) -> &'static str {
        "embeddings"
    }

    fn request(&self, ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
        let embed = vectors::texts(ask, to, MOST_INPUTS)?;
        Wire::new("/embeddings", &body(embed, to)?, Framing::Whole)
    }

    fn gather(&self) -> Box<dyn Gather> {
        Box::new(vectors::NoStream)
    }

    fn answer(&self, ask: &Ask, whole: &Value) -> Result<Answer, Failure> {
        answer::answer(ask, whole)
    }

    fn trouble(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
        trouble::of_status(status, headers, body)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: &'a [String],
    encoding_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
}

/// Labels stay here: the format has no place for them.
fn body<'a>(embed: &'a Embed, to: &'a Model) -> Result<Body<'a>, Unfit> {
    vectors::without_purpose(embed)?;
    Ok(Body {
        model: &to.name,
        input: &embed.inputs,
        encoding_format: "float",
        dimensions: embed.dimensions,
    })
}
