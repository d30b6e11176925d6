//! What is sent to `/responses`.

mod input;

use std::collections::BTreeMap;

use gate::call::model::{Ask, Prompt, options};
use serde::Serialize;

use crate::dialect::openai::choices::{self, Choices, Output};
use crate::dialect::openai::prompt;
use crate::dialect::openai::tools::{Function, Named, Tools};
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
    #[serde(flatten)]
    tools: Tools<Typed<Function<'a>>, Typed<Named<'a>>>,
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
    JsonSchema(Output<'a>),
}

pub(super) fn request(ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
    let body = body(prompt(ask, to)?, to)?;
    Wire::new("/responses", &body, to.framing())
}

fn body<'a>(prompt: &'a Prompt, to: &'a Model) -> Result<Body<'a>, Unfit> {
    no_stop(prompt)?;
    let effort = prompt.effort.as_deref();
    let effort = effort.and_then(|asked| fit::effort_word(asked, &to.can));
    Ok(Body {
        model: &to.name,
        instructions: prompt.system.as_deref(),
        input: input::input(&prompt.messages)?,
        store: false,
        include: ["reasoning.encrypted_content"],
        stream: to.stream.then_some(true),
        tools: Tools::of(prompt, Typed::Function, Typed::Function)?,
        max_output_tokens: most_tokens(prompt)?,
        reasoning: effort.map(|effort| Reasoning { effort }),
        text: text(prompt)?,
        metadata: choices::metadata(&prompt.labels)?,
        choices: Choices::of(prompt),
    })
}

fn text(prompt: &Prompt) -> Result<Option<Text<'_>>, Unfit> {
    let output = prompt.output.as_ref().map(Output::of).transpose()?;
    let format = output.map(Format::JsonSchema);
    let verbosity = prompt.option(options::VERBOSITY);
    let says = format.is_some() || verbosity.is_some();
    Ok(says.then_some(Text { format, verbosity }))
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
