//! What is sent to `/chat/completions`.

mod messages;

use gate::call::model::{Ask, Prompt, options};
use serde::Serialize;

use crate::dialect::openai::choices::{Choices, Output};
use crate::dialect::openai::prompt;
use crate::dialect::openai::tools::{Function, Named, Tools};
use crate::dialect::{Model, Unfit, Wire, fit};
use messages::Message;

/// How many texts there can be at which the model ends.
const MOST_STOPS: usize = 4;

/// Labels stay here: this format takes `metadata` only together with `store`, and nothing is to be kept there.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(flatten)]
    tools: Tools<Typed<Function<'a>>, Typed<Named<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_format: Option<Format<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verbosity: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop: &'a [String],
    #[serde(flatten)]
    choices: Choices<'a>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// What is a function: a tool that there is, or the one that has to be used.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Typed<T> {
    Function { function: T },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    JsonSchema { json_schema: Output<'a> },
}

pub(super) fn request(ask: &Ask, to: &Model, extra: bool) -> Result<Wire, Unfit> {
    let body = body(prompt(ask, to)?, to, extra)?;
    Wire::new("/chat/completions", &body, to.framing())
}

fn body<'a>(prompt: &'a Prompt, to: &'a Model, extra: bool) -> Result<Body<'a>, Unfit> {
    let effort = prompt.effort.as_deref();
    Ok(Body {
        model: &to.name,
        messages: messages::messages(prompt, extra)?,
        stream: to.stream.then_some(true),
        stream_options: to.stream.then_some(StreamOptions { include_usage: true }),
        tools: Tools::of(
            prompt,
            |function| Typed::Function { function },
            |function| Typed::Function { function },
        )?,
        max_completion_tokens: prompt.max_tokens,
        reasoning_effort: effort.and_then(|asked| fit::effort_word(asked, &to.can)),
        response_format: format(prompt)?,
        verbosity: prompt.option(options::VERBOSITY),
        stop: stop(prompt)?,
        choices: Choices::of(prompt),
    })
}

fn format(prompt: &Prompt) -> Result<Option<Format<'_>>, Unfit> {
    let output = prompt.output.as_ref().map(Output::of).transpose()?;
    Ok(output.map(|json_schema| Format::JsonSchema { json_schema }))
}

fn stop(prompt: &Prompt) -> Result<&[String], Unfit> {
    if prompt.stop.len() > MOST_STOPS {
        let told = format!("this format takes at most {MOST_STOPS} texts at which the model ends; send fewer");
        return Err(Unfit::new("stop", told));
    }
    Ok(&prompt.stop)
}
