//! Vectors as each model gives them. The shapes are told apart by what is there.

use gate::Failure;
use gate::call::model::Ask;
use serde::Deserialize;
use serde_json::Value;

use crate::dialect::{Answer, vectors};
use crate::trouble::malformed;

#[derive(Deserialize)]
struct Whole {
    /// Titan's one.
    embedding: Option<Vec<f32>>,
    embeddings: Option<Several>,
    #[serde(rename = "inputTextTokenCount")]
    count: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Several {
    /// Cohere's third version.
    Plain(Vec<Vec<f32>>),
    /// Cohere's fourth, by the type of numbers.
    Typed { float: Vec<Vec<f32>> },
    /// Nova's.
    Each(Vec<One>),
}

#[derive(Deserialize)]
struct One {
    embedding: Vec<f32>,
}

pub(super) fn read(ask: &Ask, whole: &Value) -> Result<Answer, Failure> {
    let unread = |error| malformed(format_args!("vectors cannot be read: {error}"));
    let whole = Whole::deserialize(whole).map_err(unread)?;
    let list = match (whole.embedding, whole.embeddings) {
        (Some(one), _) => vec![one],
        (None, Some(Several::Plain(list) | Several::Typed { float: list })) => list,
        (None, Some(Several::Each(list))) => list.into_iter().map(|one| one.embedding).collect(),
        (None, None) => return Err(malformed("an answer has no vectors")),
    };
    Ok(Answer {
        content: vectors::one_for_each(ask, list)?,
        usage: whole.count.map(vectors::tokens),
        model: None,
        tier: None,
        region: None,
        request: None,
    })
}
