//! What is sent to `/responses`.

mod input;

use std::collections::BTreeMap;

use gate::call::model::{Ask, OutputSchema, Prompt, Tool, ToolChoice, options};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::dialect::openai::choices::{self, Choices, Schema};
use crate::dialect::openai::prompt;
use crate::dialect::{Model, Unfit, Wire, fit};
use input::Item;

/// The fewest tokens that can be asked for.
const FEWEST_TOKENS: u32 = 16;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<&'a str>,
    input: Vec<Item<'a>>,
    /// Nothing is kept there, so that thoughts have to travel.
    store: bool,
    include: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Typed<Function<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_output_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<BTreeMap<&'a str, &'a str>>,
    #[serde(flatten)]
    choices: Choices<'a>,
}

/// What is a function: a tool that there is, or the one that has to be used.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Typed<T> {
    Function(T),
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    description: &'a str,
    strict: bool,
    parameters: &'a RawValue,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Choice<'a> {
    Word(&'static str),
    One(Typed<Named<'a>>),
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Reasoning<'a> {
    effort: &'a str,
}

#[derive(Serialize)]
struct Text<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verbosity: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    JsonSchema {
        name: &'a str,
        strict: bool,
        schema: &'a RawValue,
    },
}

pub(super) fn request(ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
    let body = body(prompt(ask, to)?, to)?;
    Wire::new("/responses", &body, to.framing())
}

fn body<'a>(prompt: &'a Prompt, to: &'a Model) -> Result<Body<'a>, Unfit> {
    no_stop(prompt)?;
    let offers = !prompt.tools.is_empty();
    let effort = prompt.effort.as_deref();
    let effort = effort.and_then(|asked| fit::effort_word(asked, &to.can));
    Ok(Body {
        model: &to.name,
        instructions: prompt.system.as_deref(),
        input: input::input(&prompt.messages)?,
        store: false,
        include: ["reasoning.encrypted_content"],
        stream: to.stream.then_some(true),
        tools: prompt.tools.iter().map(tool).collect::<Result<_, _>>()?,
        tool_choice: choice(&prompt.choice).filter(|_| offers),
        parallel_tool_calls: prompt.parallel.filter(|_| offers),
        max_output_tokens: most_tokens(prompt)?,
        reasoning: effort.map(|effort| Reasoning { effort }),
        text: text(prompt)?,
        metadata: choices::metadata(&prompt.labels)?,
        choices: Choices::of(prompt),
    })
}

fn tool(tool: &Tool) -> Result<Typed<Function<'_>>, Unfit> {
    let schema = Schema::read(&tool.schema)?;
    Ok(Typed::Function(Function {
        name: &tool.name,
        description: &tool.description,
        strict: tool.strict && schema.strict,
        parameters: schema.text,
    }))
}

fn choice(choice: &ToolChoice) -> Option<Choice<'_>> {
    match choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some(Choice::Word("none")),
        ToolChoice::Required => Some(Choice::Word("required")),
        ToolChoice::Named(name) => Some(Choice::One(Typed::Function(Named { name }))),
    }
}

fn text(prompt: &Prompt) -> Result<Option<Text<'_>>, Unfit> {
    let format = prompt.output.as_ref().map(format).transpose()?;
    let verbosity = prompt.option(options::VERBOSITY);
    let says = format.is_some() || verbosity.is_some();
    Ok(says.then_some(Text { format, verbosity }))
}

fn format(output: &OutputSchema) -> Result<Format<'_>, Unfit> {
    let schema = Schema::read(&output.schema)?;
    Ok(Format::JsonSchema {
        name: &output.name,
        strict: schema.strict,
        schema: schema.text,
    })
}

fn most_tokens(prompt: &Prompt) -> Result<Option<u32>, Unfit> {
    match prompt.max_tokens {
        Some(most) if most < FEWEST_TOKENS => {
            let told = format!("this provider gives no fewer than {FEWEST_TOKENS} tokens; ask for more");
            Err(Unfit::new("max-tokens", told))
        }
        most => Ok(most),
    }
}

fn no_stop(prompt: &Prompt) -> Result<(), Unfit> {
    if prompt.stop.is_empty() {
        return Ok(());
    }
    let told = "this format has no texts at which the model ends; leave them out, or ask a backend that takes them";
    Err(Unfit::new("stop", told))
}
