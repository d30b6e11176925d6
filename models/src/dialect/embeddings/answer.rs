//! A whole list of vectors.

use gate::Failure;
use gate::call::model::Ask;
use serde::Deserialize;
use serde_json::Value;

use crate::dialect::openai::{choices, owned, trouble, usage};
use crate::dialect::{Answer, Content};
use crate::trouble::malformed;

#[derive(Deserialize)]
struct One {
    index: usize,
    embedding: Vec<f32>,
}

pub(super) fn answer(ask: &Ask, whole: &Value) -> Result<Answer, Failure> {
    if let Some(error) = whole.get("error").filter(|error| !error.is_null()) {
        return Err(trouble::of_error(error));
    }
    let data = whole.get("data").unwrap_or(&Value::Null);
    let unread = |error| malformed(format_args!("a list of vectors cannot be read: {error}"));
    let list = Vec::<One>::deserialize(data).map_err(unread)?;
    Ok(Answer {
        content: Content::Vectors(in_order(ask, list)?),
        usage: usage::read(whole, &usage::CHAT)?,
        model: owned(whole, "model"),
        tier: choices::tier_served(whole),
        region: None,
        request: owned(whole, "id"),
    })
}

/// One vector for each text and in their order, all as long as was asked, or as the first.
fn in_order(ask: &Ask, mut list: Vec<One>) -> Result<Vec<Vec<f32>>, Failure> {
    list.sort_by_key(|one| one.index);
    let is_whole = list.iter().map(|one| one.index).eq(0..list.len());
    let (texts, asked) = match ask {
        Ask::Embed(embed) => (embed.inputs.len(), embed.dimensions),
        Ask::Complete(_) => (0, None),
    };
    if !is_whole || list.len() != texts {
        return Err(malformed(format_args!(
            "{texts} texts were sent and {} vectors came",
            list.len()
        )));
    }
    let vectors: Vec<Vec<f32>> = list.into_iter().map(|one| one.embedding).collect();
    let first = vectors.first().map_or(0, Vec::len);
    let long = asked.map_or(Some(first), |asked| usize::try_from(asked).ok());
    let fits = |vector: &Vec<f32>| Some(vector.len()) == long && vector.iter().all(|number| number.is_finite());
    if first == 0 || !vectors.iter().all(fits) {
        return Err(malformed(
            "vectors are empty, of several lengths, not as long as was asked, or not finite",
        ));
    }
    Ok(vectors)
}
