//! Vectors by Oracle's EmbedText, `POST /20231130/actions/embedText` (`oci.generative_ai_inference`, 20231130).

#[cfg(test)]
mod tests;

use gate::Failure;
use gate::call::model::{Ask, Embed, options};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::openai::{owned, trouble, usage};
use super::{Answer, Dialect, Framing, Gather, Model, Unfit, Wire, vectors};
use crate::trouble::malformed;

/// The format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbedText {
    /// The compartment in which vectors are made; without one they are not.
    pub compartment: Option<String>,
}

/// How many texts one request takes.
const MOST_TEXTS: usize = 96;
/// What names of the endpoints of clusters of one's own begin with.
const ENDPOINT: &str = "ocid1.generativeaiendpoint.";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    inputs: &'a [String],
    serving_mode: Serving<'a>,
    compartment_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensions: Option<u32>,
    /// A text that is too long is refused: a vector of its beginning would pass for one of the whole.
    truncate: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_type: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(
    tag = "servingType",
    rename_all = "SCREAMING_SNAKE_CASE",
    rename_all_fields = "camelCase"
)]
enum Serving<'a> {
    OnDemand { model_id: &'a str },
    Dedicated { endpoint_id: &'a str },
}

impl Dialect for EmbedText {
    fn name(&self) -> &'static str {
        "embed-text"
    }

    fn request(&self, ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
        let embed = vectors::texts(ask, to, MOST_TEXTS)?;
        let compartment = self.compartment.as_deref().ok_or_else(|| {
            let told = "Oracle makes vectors in a compartment; the operator names it in the backend's settings";
            Unfit::new("embed", told)
        })?;
        Wire::new("/embedText", &body(embed, to, compartment), Framing::Whole)
    }

    fn gather(&self) -> Box<dyn Gather> {
        Box::new(vectors::NoStream)
    }

    fn answer(&self, ask: &Ask, whole: &Value) -> Result<Answer, Failure> {
        let unread = |error| malformed(format_args!("a list of vectors cannot be read: {error}"));
        let list = whole.get("embeddings").unwrap_or(&Value::Null);
        let list = Vec::<Vec<f32>>::deserialize(list).map_err(unread)?;
        Ok(Answer {
            content: vectors::one_for_each(ask, list)?,
            usage: usage::read(whole, &usage::EMBED_TEXT)?,
            model: owned(whole, "modelId"),
            tier: None,
            region: None,
            request: owned(whole, "id"),
        })
    }

    fn trouble(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
        trouble::of_status(status, headers, body)
    }
}

fn body<'a>(embed: &'a Embed, to: &'a Model, compartment_id: &'a str) -> Body<'a> {
    let name = to.name.as_str();
    Body {
        inputs: &embed.inputs,
        serving_mode: match name.starts_with(ENDPOINT) {
            true => Serving::Dedicated { endpoint_id: name },
            false => Serving::OnDemand { model_id: name },
        },
        compartment_id,
        output_dimensions: embed.dimensions,
        truncate: "NONE",
        input_type: embed.option(options::INPUT_TYPE).map(|kind| match kind {
            "query" => "SEARCH_QUERY",
            _ => "SEARCH_DOCUMENT",
        }),
    }
}
