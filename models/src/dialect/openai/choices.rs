//! What is asked beside the conversation, in OpenAI's words.

use gate::call::model::{Prompt, options};
use serde_json::{Map, Value, json};

use super::text;
use crate::dialect::Unfit;

/// How many labels a request takes, and how many characters the name and the value of each.
const LABELS: (usize, usize, usize) = (16, 64, 512);

/// Sets what both formats of conversations ask in the same words: the temperature, the service tier and the cache's key.
///
/// Nothing is sent for hints at what to cache: OpenAI finds repeated prefixes by itself, and only some models take the
/// fields that say more, with other times than the hints have.
pub(in crate::dialect) fn set(body: &mut Map<String, Value>, prompt: &Prompt) {
    if let Some(temperature) = prompt.temperature {
        body.insert("temperature".to_owned(), json!(f64::from(temperature) / 1000.0));
    }
    if let Some(tier) = prompt.option(options::SERVICE_TIER) {
        body.insert("service_tier".to_owned(), json!(tier_asked(tier)));
    }
    if let Some(key) = prompt.option(options::CACHE_KEY) {
        body.insert("prompt_cache_key".to_owned(), json!(key));
    }
}

/// The labels as `metadata`, if there are any.
///
/// # Errors
/// [`Unfit`] where there are more than OpenAI takes, or longer ones.
pub(in crate::dialect) fn metadata(labels: &[(String, String)]) -> Result<Option<Value>, Unfit> {
    let (most, name, value) = LABELS;
    let long = |(key, text): &(String, String)| key.chars().count() > name || text.chars().count() > value;
    if labels.len() > most || labels.iter().any(long) {
        let told = format!(
            "this provider takes at most {most} labels, with names of {name} and values of {value} characters; send fewer or shorter ones"
        );
        return Err(Unfit::new("labels", told));
    }
    let pairs = labels.iter().map(|(key, text)| (key.clone(), json!(text)));
    let pairs: Map<String, Value> = pairs.collect();
    Ok((!pairs.is_empty()).then_some(Value::Object(pairs)))
}

/// The service tier of an answer, in this house's words.
pub(in crate::dialect) fn tier_served(whole: &Value) -> Option<String> {
    let tier = match text(whole, "service_tier")? {
        "default" => "standard",
        other => other,
    };
    Some(tier.to_owned())
}

/// A schema as the skill wrote it.
///
/// # Errors
/// [`Unfit`] where it is no JSON, which the gate has ruled out.
pub(in crate::dialect) fn schema(text: &str) -> Result<Value, Unfit> {
    serde_json::from_str(text)
        .map_err(|_| Unfit::new("schema", "a schema is no JSON; write a JSON Schema of an object"))
}

fn tier_asked(tier: &str) -> &str {
    match tier {
        "standard" => "default",
        other => other,
    }
}
