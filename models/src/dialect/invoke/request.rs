//! The bodies by which vectors are asked. A text that is too long is refused everywhere: a vector of its beginning would
//! pass for one of the whole.

use gate::call::model::{Ask, Embed, options};
use serde::Serialize;

use super::Body;
use crate::dialect::{Framing, Model, Unfit, Wire, native, vectors};

/// How many texts Cohere's models take at once.
const MOST_TEXTS: usize = 96;

#[derive(Serialize)]
struct Cohere<'a> {
    /// It is required; texts are for documents where nothing is said.
    input_type: &'static str,
    texts: &'a [String],
    truncate: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimension: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Titan<'a> {
    input_text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Nova<'a> {
    task_type: &'static str,
    single_embedding_params: Single<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Single<'a> {
    embedding_purpose: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding_dimension: Option<u32>,
    text: Text<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Text<'a> {
    truncation_mode: &'static str,
    value: &'a str,
}

pub(super) fn write(ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
    let Some(body) = to.can.vectors else {
        let told = "by which body this model makes vectors is not known; the operator says so in `can.vectors`";
        return Err(Unfit::new("embed", told));
    };
    let embed = vectors::texts(ask, to, if body == Body::Cohere { MOST_TEXTS } else { 1 })?;
    let path = format!("/model/{}/invoke", native::segment(&to.name));
    match body {
        Body::Cohere => Wire::new(path, &cohere(embed), Framing::Whole),
        Body::Titan => Wire::new(path, &titan(embed)?, Framing::Whole),
        Body::Nova => Wire::new(path, &nova(embed), Framing::Whole),
    }
}

fn cohere(embed: &Embed) -> Cohere<'_> {
    Cohere {
        input_type: if is_query(embed) {
            "search_query"
        } else {
            "search_document"
        },
        texts: &embed.inputs,
        truncate: "NONE",
        output_dimension: embed.dimensions,
    }
}

fn titan(embed: &Embed) -> Result<Titan<'_>, Unfit> {
    vectors::without_purpose(embed)?;
    Ok(Titan {
        input_text: text(embed),
        dimensions: embed.dimensions,
    })
}

fn nova(embed: &Embed) -> Nova<'_> {
    Nova {
        task_type: "SINGLE_EMBEDDING",
        single_embedding_params: Single {
            embedding_purpose: if is_query(embed) {
                "GENERIC_RETRIEVAL"
            } else {
                "GENERIC_INDEX"
            },
            embedding_dimension: embed.dimensions,
            text: Text {
                truncation_mode: "NONE",
                value: text(embed),
            },
        },
    }
}

fn is_query(embed: &Embed) -> bool {
    embed.option(options::INPUT_TYPE) == Some("query")
}

/// The one text of a question that has no more.
fn text(embed: &Embed) -> &str {
    embed.inputs.first().map_or("", String::as_str)
}
