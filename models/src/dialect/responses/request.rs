//! What is sent to `/responses`.

mod input;

use gate::call::model::{Ask, Prompt, Tool, ToolChoice, options};
use serde_json::{Map, Value, json};

use crate::dialect::openai::{choices, prompt, strict};
use crate::dialect::{Framing, Model, Unfit, Wire, fit};

/// The fewest tokens that can be asked for.
const FEWEST_TOKENS: u32 = 16;

pub(super) fn request(ask: &Ask, to: &Model) -> Result<Wire, Unfit> {
    Ok(Wire {
        path: "/responses".to_owned(),
        headers: Vec::new(),
        body: Value::Object(body(prompt(ask, to)?, to)?),
        framing: if to.stream { Framing::ServerSent } else { Framing::Whole },
    })
}

fn body(prompt: &Prompt, to: &Model) -> Result<Map<String, Value>, Unfit> {
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    set("model", json!(to.name));
    if let Some(system) = &prompt.system {
        set("instructions", json!(system));
    }
    set("input", input::input(&prompt.messages)?);
    // Nothing is kept there, so that thoughts have to travel.
    set("store", json!(false));
    set("include", json!(["reasoning.encrypted_content"]));
    if to.stream {
        set("stream", json!(true));
    }
    if !prompt.tools.is_empty() {
        let tools: Result<Vec<_>, _> = prompt.tools.iter().map(tool).collect();
        set("tools", Value::Array(tools?));
        tool_use(prompt, &mut set);
    }
    if let Some(most) = most_tokens(prompt)? {
        set("max_output_tokens", json!(most));
    }
    if let Some(effort) = prompt
        .effort
        .as_deref()
        .and_then(|asked| fit::effort_word(asked, &to.can))
    {
        set("reasoning", json!({"effort": effort}));
    }
    if let Some(text) = text(prompt)? {
        set("text", text);
    }
    if let Some(metadata) = choices::metadata(&prompt.labels)? {
        set("metadata", metadata);
    }
    no_stop(prompt)?;
    choices::set(&mut body, prompt);
    Ok(body)
}

fn tool(tool: &Tool) -> Result<Value, Unfit> {
    let schema = choices::schema(&tool.schema)?;
    Ok(json!({
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "strict": tool.strict && strict::fits(&schema),
        "parameters": schema,
    }))
}

fn tool_use(prompt: &Prompt, set: &mut impl FnMut(&str, Value)) {
    let choice = match &prompt.choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some(json!("none")),
        ToolChoice::Required => Some(json!("required")),
        ToolChoice::Named(name) => Some(json!({"type": "function", "name": name})),
    };
    if let Some(choice) = choice {
        set("tool_choice", choice);
    }
    if let Some(parallel) = prompt.parallel {
        set("parallel_tool_calls", json!(parallel));
    }
}

fn text(prompt: &Prompt) -> Result<Option<Value>, Unfit> {
    let mut text = Map::new();
    if let Some(output) = &prompt.output {
        let schema = choices::schema(&output.schema)?;
        let strict = strict::fits(&schema);
        let format = json!({"type": "json_schema", "name": output.name, "strict": strict, "schema": schema});
        text.insert("format".to_owned(), format);
    }
    if let Some(verbosity) = prompt.option(options::VERBOSITY) {
        text.insert("verbosity".to_owned(), json!(verbosity));
    }
    Ok((!text.is_empty()).then_some(Value::Object(text)))
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
