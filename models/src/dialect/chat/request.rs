//! What is sent to `/chat/completions`.

mod messages;

use gate::call::model::{Ask, OutputSchema, Prompt, Tool, ToolChoice, options};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::dialect::openai::choices::{Choices, Schema};
use crate::dialect::openai::prompt;
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Typed<Function<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Choice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
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
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    JsonSchema { json_schema: Output<'a> },
}

#[derive(Serialize)]
struct Output<'a> {
    name: &'a str,
    strict: bool,
    schema: &'a RawValue,
}

pub(super) fn request(ask: &Ask, to: &Model, extra: bool) -> Result<Wire, Unfit> {
    let body = body(prompt(ask, to)?, to, extra)?;
    Wire::new("/chat/completions", &body, to.framing())
}

fn body<'a>(prompt: &'a Prompt, to: &'a Model, extra: bool) -> Result<Body<'a>, Unfit> {
    let offers = !prompt.tools.is_empty();
    let effort = prompt.effort.as_deref();
    Ok(Body {
        model: &to.name,
        messages: messages::messages(prompt, extra)?,
        stream: to.stream.then_some(true),
        stream_options: to.stream.then_some(StreamOptions { include_usage: true }),
        tools: prompt.tools.iter().map(tool).collect::<Result<_, _>>()?,
        tool_choice: choice(&prompt.choice).filter(|_| offers),
        parallel_tool_calls: prompt.parallel.filter(|_| offers),
        max_completion_tokens: prompt.max_tokens,
        reasoning_effort: effort.and_then(|asked| fit::effort_word(asked, &to.can)),
        response_format: prompt.output.as_ref().map(format).transpose()?,
        verbosity: prompt.option(options::VERBOSITY),
        stop: stop(prompt)?,
        choices: Choices::of(prompt),
    })
}

fn tool(tool: &Tool) -> Result<Typed<Function<'_>>, Unfit> {
    let schema = Schema::read(&tool.schema)?;
    Ok(Typed::Function {
        function: Function {
            name: &tool.name,
            description: &tool.description,
            strict: tool.strict && schema.strict,
            parameters: schema.text,
        },
    })
}

fn choice(choice: &ToolChoice) -> Option<Choice<'_>> {
    match choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some(Choice::Word("none")),
        ToolChoice::Required => Some(Choice::Word("required")),
        ToolChoice::Named(name) => Some(Choice::One(Typed::Function {
            function: Named { name },
        })),
    }
}

fn format(output: &OutputSchema) -> Result<Format<'_>, Unfit> {
    let schema = Schema::read(&output.schema)?;
    Ok(Format::JsonSchema {
        json_schema: Output {
            name: &output.name,
            strict: schema.strict,
            schema: schema.text,
        },
    })
}

fn stop(prompt: &Prompt) -> Result<&[String], Unfit> {
    if prompt.stop.len() > MOST_STOPS {
        let told = format!("this format takes at most {MOST_STOPS} texts at which the model ends; send fewer");
        return Err(Unfit::new("stop", told));
    }
    Ok(&prompt.stop)
}
