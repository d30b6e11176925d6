//! The tools of a request, and which of them are to be used, in OpenAI's words.

use gate::call::model::{Prompt, Tool, ToolChoice};
use serde::Serialize;
use serde_json::value::RawValue;

use super::choices::Schema;
use crate::dialect::Unfit;

/// A tool that there is.
#[derive(Serialize)]
pub(in crate::dialect) struct Function<'a> {
    name: &'a str,
    description: &'a str,
    strict: bool,
    parameters: &'a RawValue,
}

/// A tool by its name.
#[derive(Serialize)]
pub(in crate::dialect) struct Named<'a> {
    name: &'a str,
}

/// Which tools are to be used. How one is named that has to be is the format's.
#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::dialect) enum Choice<T> {
    Word(&'static str),
    One(T),
}

impl<'a> Function<'a> {
    pub(in crate::dialect) fn of(tool: &'a Tool) -> Result<Self, Unfit> {
        let schema = Schema::read(&tool.schema)?;
        Ok(Self {
            name: &tool.name,
            description: &tool.description,
            strict: tool.strict && schema.strict,
            parameters: schema.text,
        })
    }
}

impl<T> Choice<T> {
    /// Nothing where the model decides by itself, or there is no tool.
    pub(in crate::dialect) fn of<'a>(prompt: &'a Prompt, one: impl FnOnce(Named<'a>) -> T) -> Option<Self> {
        if prompt.tools.is_empty() {
            return None;
        }
        match &prompt.choice {
            ToolChoice::Auto => None,
            ToolChoice::None => Some(Self::Word("none")),
            ToolChoice::Required => Some(Self::Word("required")),
            ToolChoice::Named(name) => Some(Self::One(one(Named { name }))),
        }
    }
}

/// Whether several may be asked for at once, where there are any and the skill says so.
pub(in crate::dialect) fn parallel(prompt: &Prompt) -> Option<bool> {
    prompt.parallel.filter(|_| !prompt.tools.is_empty())
}
