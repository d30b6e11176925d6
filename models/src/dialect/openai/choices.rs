//! What is asked beside the conversation, in OpenAI's words.

use std::collections::BTreeMap;

use gate::call::model::{OutputSchema, Prompt, options};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{strict, text};
use crate::dialect::Unfit;

/// How many labels a request takes, and how many characters the name and the value of each.
const LABELS: (usize, usize, usize) = (16, 64, 512);

/// What both formats of conversations ask in the same words.
///
/// Nothing is sent for hints at what to cache: OpenAI finds repeated prefixes by itself, and only some models take the
/// fields that say more, with other times than the hints have.
#[derive(Serialize)]
pub(in crate::dialect) struct Choices<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<&'a str>,
}

/// A schema as the skill wrote it, to the letter: that is what the gate has looked through.
#[derive(Clone, Copy, Serialize)]
#[serde(transparent)]
pub(in crate::dialect) struct Schema<'a>(&'a RawValue);

/// The schema that the answer has to hold to.
#[derive(Serialize)]
pub(in crate::dialect) struct Output<'a> {
    name: &'a str,
    strict: bool,
    schema: Schema<'a>,
}

impl<'a> Choices<'a> {
    pub(in crate::dialect) fn of(prompt: &'a Prompt) -> Self {
        Self {
            temperature: prompt.temperature.map(|asked| f64::from(asked) / 1000.0),
            service_tier: prompt.option(options::SERVICE_TIER).map(tier_asked),
            prompt_cache_key: prompt.option(options::CACHE_KEY),
        }
    }
}

impl<'a> Output<'a> {
    pub(in crate::dialect) fn of(output: &'a OutputSchema) -> Result<Self, Unfit> {
        let schema = Schema::read(&output.schema)?;
        Ok(Self {
            name: &output.name,
            strict: schema.fits_strict_mode(),
            schema,
        })
    }
}

impl<'a> Schema<'a> {
    /// Reads a schema.
    ///
    /// # Errors
    /// [`Unfit`] where it is no JSON, which the gate has ruled out.
    pub(in crate::dialect) fn read(text: &'a str) -> Result<Self, Unfit> {
        let unreadable = |_| Unfit::new("schema", "a schema is no JSON; write a JSON Schema of an object");
        serde_json::from_str(text).map(Self).map_err(unreadable)
    }

    /// Whether strict mode takes it. This reads all of it, and is asked only where it matters.
    pub(in crate::dialect) fn fits_strict_mode(self) -> bool {
        serde_json::from_str(self.0.get()).is_ok_and(|schema| strict::fits(&schema))
    }
}

/// The labels as `metadata`, if there are any.
///
/// # Errors
/// [`Unfit`] where there are more than OpenAI takes, or longer ones.
pub(in crate::dialect) fn metadata(labels: &[(String, String)]) -> Result<Option<BTreeMap<&str, &str>>, Unfit> {
    let (most, name, value) = LABELS;
    let long = |(key, text): &(String, String)| key.chars().count() > name || text.chars().count() > value;
    if labels.len() > most || labels.iter().any(long) {
        let told = format!(
            "this provider takes at most {most} labels, with names of {name} and values of {value} characters; send fewer or shorter ones"
        );
        return Err(Unfit::new("labels", told));
    }
    let pairs: BTreeMap<_, _> = labels.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect();
    Ok((!pairs.is_empty()).then_some(pairs))
}

/// The service tier of an answer, in this house's words.
pub(in crate::dialect) fn tier_served(whole: &Value) -> Option<String> {
    let tier = match text(whole, "service_tier")? {
        "default" => "standard",
        other => other,
    };
    Some(tier.to_owned())
}

fn tier_asked(tier: &str) -> &str {
    match tier {
        "standard" => "default",
        other => other,
    }
}
