//! A whole list of vectors.

use gate::Failure;
use gate::call::model::Ask;
use serde::Deserialize;
use serde_json::Value;

use crate::dialect::openai::{choices, owned, trouble, usage};
use crate::dialect::{Answer, vectors};
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
        content: vectors::one_for_each(ask, in_order(list)?)?,
        usage: usage::read(whole, &usage::CHAT)?,
        model: owned(whole, "model"),
        tier: choices::tier_served(whole),
        region: None,
        request: owned(whole, "id"),
    })
}

/// Each at the place of its text.
fn in_order(mut list: Vec<One>) -> Result<Vec<Vec<f32>>, Failure> {
    list.sort_by_key(|one| one.index);
    if !list.iter().map(|one| one.index).eq(0..list.len()) {
        return Err(malformed(
            "vectors of some texts are missing, or there are several of one",
        ));
    }
    Ok(list.into_iter().map(|one| one.embedding).collect())
}
