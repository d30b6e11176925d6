//! The tools of a request, and which of them are to be used, in OpenAI's words.

use gate::call::model::{Prompt, Tool, ToolChoice};
use serde::Serialize;

use super::choices::Schema;
use crate::dialect::Unfit;

/// What is said of tools: those that there are, each as the format has it, and how they are to be used.
#[derive(Serialize)]
pub(in crate::dialect) struct Tools<F, N> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<F>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<N>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
}

/// A tool that there is.
#[derive(Serialize)]
pub(in crate::dialect) struct Function<'a> {
    name: &'a str,
    description: &'a str,
    strict: bool,
    parameters: Schema<'a>,
}

/// A tool by its name.
#[derive(Serialize)]
pub(in crate::dialect) struct Named<'a> {
    name: &'a str,
}

/// Which tools are to be used.
#[derive(Serialize)]
#[serde(untagged)]
enum Choice<N> {
    Word(&'static str),
    One(N),
}

impl<F, N> Tools<F, N> {
    /// How a tool, and the only one that is to be used, are nested is the format's.
    pub(in crate::dialect) fn of<'a>(
        prompt: &'a Prompt,
        function: impl Fn(Function<'a>) -> F,
        named: impl FnOnce(Named<'a>) -> N,
    ) -> Result<Self, Unfit> {
        let tools = prompt.tools.iter().map(|tool| Function::of(tool).map(&function));
        let offers = !prompt.tools.is_empty();
        Ok(Self {
            tools: tools.collect::<Result<_, _>>()?,
            tool_choice: Choice::of(&prompt.choice, named).filter(|_| offers),
            parallel_tool_calls: prompt.parallel.filter(|_| offers),
        })
    }
}

impl<'a> Function<'a> {
    fn of(tool: &'a Tool) -> Result<Self, Unfit> {
        let schema = Schema::read(&tool.schema)?;
        Ok(Self {
            name: &tool.name,
            description: &tool.description,
            strict: tool.strict && schema.fits_strict_mode(),
            parameters: schema,
        })
    }
}

impl<N> Choice<N> {
    /// Nothing where the model decides by itself.
    fn of<'a>(choice: &'a ToolChoice, named: impl FnOnce(Named<'a>) -> N) -> Option<Self> {
        match choice {
            ToolChoice::Auto => None,
            ToolChoice::None => Some(Self::Word("none")),
            ToolChoice::Required => Some(Self::Word("required")),
            ToolChoice::Named(name) => Some(Self::One(named(Named { name }))),
        }
    }
}
