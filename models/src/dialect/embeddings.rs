//! OpenAI's Embeddings, `POST /embeddings`: vectors of texts.

mod answer;
#[cfg(test)]
mod tests;

use gate::Failure;
use gate::call::model::{Ask, Embed, options};
use http::HeaderMap;
use serde::Serialize;
use serde_json::Value;

use super::openai::trouble;
use super::{Answer, Delta, Dialect, Event, Framing, Gather, Model, Unfit, Wire};
use crate::trouble::{cut, malformed};

/// The format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Embeddings {
    /// The path of OpenAI's interface below the backend's base, where the base is not its own.
    pub below: &'static str,
}

/// How many texts one request takes.
const MOST_INPUTS: usize = 2048;

impl Dialect for Embeddings {
    fn name(&self) -> &'static str {
        "embeddings"
    }

    fn request(&self, ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
        let Ask::Embed(embed) = ask else {
            return Err(Unfit::new(
                "complete",
                "this backend makes vectors and completes nothing; ask one that does",
            ));
        };
        Wire::new(format!("{}/embeddings", self.below), &body(embed, to)?, Framing::Whole)
    }

    fn gather(&self) -> Box<dyn Gather> {
        Box::new(NoStream)
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
    if embed.inputs.len() > MOST_INPUTS {
        let told = format!("this format takes at most {MOST_INPUTS} texts at once; ask several times");
        return Err(Unfit::new("inputs", told));
    }
    if embed.option(options::INPUT_TYPE).is_some() {
        let told = "this format does not tell documents from queries; leave out `input-type`";
        return Err(Unfit::new(options::INPUT_TYPE, told));
    }
    if embed
        .option(options::SERVICE_TIER)
        .is_some_and(|tier| tier != "standard")
    {
        let told = "vectors come on standard terms only; leave out `service-tier`";
        return Err(Unfit::new(options::SERVICE_TIER, told));
    }
    Ok(Body {
        model: &to.name,
        input: &embed.inputs,
        encoding_format: "float",
        dimensions: embed.dimensions,
    })
}

/// Vectors are never streamed.
struct NoStream;

impl Gather for NoStream {
    fn event(&mut self, _event: &Event) -> Result<Option<Delta>, Failure> {
        Err(malformed("vectors came as a stream"))
    }

    fn is_complete(&self) -> bool {
        false
    }

    fn whole(self: Box<Self>) -> Result<Value, Failure> {
        Err(cut())
    }
}
