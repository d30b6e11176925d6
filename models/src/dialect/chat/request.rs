//! What is sent to `/chat/completions`.

mod messages;

use gate::call::model::{Ask, OutputSchema, Prompt, Tool, ToolChoice, options};
use serde_json::{Map, Value, json};

use crate::dialect::openai::{choices, prompt, strict};
use crate::dialect::{Framing, Model, Unfit, Wire, fit};

/// How many texts there can be at which the model ends.
const MOST_STOPS: usize = 4;

pub(super) fn request(ask: &Ask, to: &Model, extra: bool) -> Result<Wire, Unfit> {
    Ok(Wire {
        path: "/chat/completions".to_owned(),
        headers: Vec::new(),
        body: Value::Object(body(prompt(ask, to)?, to, extra)?),
        framing: if to.stream { Framing::ServerSent } else { Framing::Whole },
    })
}

/// Labels stay here: this format takes `metadata` only together with `store`, and nothing is to be kept there.
fn body(prompt: &Prompt, to: &Model, extra: bool) -> Result<Map<String, Value>, Unfit> {
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    set("model", json!(to.name));
    set("messages", messages::messages(prompt, extra)?);
    if to.stream {
        set("stream", json!(true));
        set("stream_options", json!({"include_usage": true}));
    }
    if !prompt.tools.is_empty() {
        let tools: Result<Vec<_>, _> = prompt.tools.iter().map(tool).collect();
        set("tools", Value::Array(tools?));
        tool_use(prompt, &mut set);
    }
    if let Some(most) = prompt.max_tokens {
        set("max_completion_tokens", json!(most));
    }
    if let Some(effort) = prompt
        .effort
        .as_deref()
        .and_then(|asked| fit::effort_word(asked, &to.can))
    {
        set("reasoning_effort", json!(effort));
    }
    if let Some(output) = &prompt.output {
        set("response_format", format(output)?);
    }
    if let Some(verbosity) = prompt.option(options::VERBOSITY) {
        set("verbosity", json!(verbosity));
    }
    if let Some(stop) = stop(prompt)? {
        set("stop", stop);
    }
    choices::set(&mut body, prompt);
    Ok(body)
}

fn tool(tool: &Tool) -> Result<Value, Unfit> {
    let schema = choices::schema(&tool.schema)?;
    Ok(json!({
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "strict": tool.strict && strict::fits(&schema),
            "parameters": schema,
        },
    }))
}

fn tool_use(prompt: &Prompt, set: &mut impl FnMut(&str, Value)) {
    let choice = match &prompt.choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some(json!("none")),
        ToolChoice::Required => Some(json!("required")),
        ToolChoice::Named(name) => Some(json!({"type": "function", "function": {"name": name}})),
    };
    if let Some(choice) = choice {
        set("tool_choice", choice);
    }
    if let Some(parallel) = prompt.parallel {
        set("parallel_tool_calls", json!(parallel));
    }
}

fn format(output: &OutputSchema) -> Result<Value, Unfit> {
    let schema = choices::schema(&output.schema)?;
    let strict = strict::fits(&schema);
    Ok(json!({
        "type": "json_schema",
        "json_schema": {"name": output.name, "strict": strict, "schema": schema},
    }))
}

fn stop(prompt: &Prompt) -> Result<Option<Value>, Unfit> {
    if prompt.stop.len() > MOST_STOPS {
        let told = format!("this format takes at most {MOST_STOPS} texts at which the model ends; send fewer");
        return Err(Unfit::new("stop", told));
    }
    Ok((!prompt.stop.is_empty()).then(|| json!(prompt.stop)))
}
