//! What is sent.

use gate::call::model::{Prompt, ToolChoice, options};
use http::HeaderName;
use serde_json::{Map, Value, json};

use super::{NAME, Place, content};
use crate::dialect::{Model, Unfit, Wire, fit, native};

const VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// What is asked for where neither the skill nor the operator says how much; the field is required.
const MOST_TOKENS: u32 = 4096;
/// The thousandths of the highest temperature.
const HOTTEST: u16 = 1000;
/// The points up to which a cache is kept, in one request.
const BREAKPOINTS: usize = 4;

pub(super) fn write(prompt: &Prompt, to: &Model, at: &Place) -> Result<Wire, Unfit> {
    let (path, headers) = address(to, at);
    let wire = Wire::new(path, &body(prompt, to, at)?, to.framing())?;
    Ok(Wire { headers, ..wire })
}

fn address(to: &Model, at: &Place) -> (String, Vec<(HeaderName, String)>) {
    match at {
        Place::Anthropic { .. } => ("/v1/messages".to_owned(), vec![(VERSION, "2023-06-01".to_owned())]),
        Place::Vertex => {
            let verb = if to.stream { "streamRawPredict" } else { "rawPredict" };
            let model = native::segment(&to.name);
            (format!("/publishers/anthropic/models/{model}:{verb}"), Vec::new())
        }
    }
}

fn body(prompt: &Prompt, to: &Model, at: &Place) -> Result<Map<String, Value>, Unfit> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| body.extend(value.map(|value| (name.to_owned(), value)));
    match at {
        Place::Anthropic { geo } => {
            put("model", Some(json!(to.name)));
            put("inference_geo", geo.as_ref().map(|geo| json!(geo)));
        }
        Place::Vertex => put("anthropic_version", Some(json!("vertex-2023-10-16"))),
    }
    let most = prompt.max_tokens.or(to.can.most_tokens).unwrap_or(MOST_TOKENS);
    put("max_tokens", Some(json!(most)));
    let kept = content::kept(prompt);
    put("system", system(prompt, &kept));
    let hints = BREAKPOINTS - usize::from(prompt.cache);
    put(
        "messages",
        Some(content::messages(native::turns(prompt, NAME, hints)?, &kept)?),
    );
    put("tools", tools(prompt, &kept)?);
    put("tool_choice", choice(prompt));
    put("output_config", output(prompt, to)?);
    put(
        "temperature",
        native::temperature(prompt, HOTTEST)?.map(|value| json!(value)),
    );
    put("stop_sequences", (!prompt.stop.is_empty()).then(|| json!(prompt.stop)));
    put("metadata", metadata(prompt));
    put("service_tier", tier(prompt)?);
    put("stream", to.stream.then(|| json!(true)));
    Ok(body)
}

fn system(prompt: &Prompt, kept: &Value) -> Option<Value> {
    let text = prompt.system.as_ref().filter(|text| !text.is_empty())?;
    let mut block = json!({"type": "text", "text": text});
    if prompt.cache {
        content::keep(&mut block, kept);
    }
    Some(json!([block]))
}

/// What is kept up to the system text holds the tools, which come before it; without one they are kept by themselves.
fn tools(prompt: &Prompt, kept: &Value) -> Result<Option<Value>, Unfit> {
    let mut tools = Vec::new();
    for tool in &prompt.tools {
        let mut written = json!({"name": tool.name, "input_schema": native::parse(&tool.schema)?});
        if !tool.description.is_empty() {
            content::put(&mut written, "description", json!(tool.description));
        }
        if tool.strict {
            content::put(&mut written, "strict", json!(true));
        }
        tools.push(written);
    }
    let system = prompt.system.as_ref().is_some_and(|text| !text.is_empty());
    if let Some(last) = tools.last_mut().filter(|_| prompt.cache && !system) {
        content::keep(last, kept);
    }
    Ok((!tools.is_empty()).then_some(Value::Array(tools)))
}

fn choice(prompt: &Prompt) -> Option<Value> {
    if prompt.tools.is_empty() {
        return None;
    }
    let mut choice = match &prompt.choice {
        ToolChoice::Auto if prompt.parallel.is_none() => return None,
        ToolChoice::None => return Some(json!({"type": "none"})),
        ToolChoice::Auto => json!({"type": "auto"}),
        ToolChoice::Required => json!({"type": "any"}),
        ToolChoice::Named(name) => json!({"type": "tool", "name": name}),
    };
    if let Some(parallel) = prompt.parallel {
        content::put(&mut choice, "disable_parallel_tool_use", json!(!parallel));
    }
    Some(choice)
}

fn output(prompt: &Prompt, to: &Model) -> Result<Option<Value>, Unfit> {
    let mut output = Map::new();
    let effort = prompt
        .effort
        .as_deref()
        .and_then(|asked| fit::effort_word(asked, &to.can));
    if let Some(word) = effort {
        let word = if word == "minimal" { "low" } else { word };
        output.insert("effort".to_owned(), json!(word));
    }
    if let Some(schema) = &prompt.output {
        let schema = native::parse(&schema.schema)?;
        output.insert("format".to_owned(), json!({"type": "json_schema", "schema": schema}));
    }
    Ok((!output.is_empty()).then_some(Value::Object(output)))
}

fn metadata(prompt: &Prompt) -> Option<Value> {
    let (_, user) = prompt.labels.iter().find(|(name, _)| name == "user")?;
    Some(json!({"user_id": user}))
}

fn tier(prompt: &Prompt) -> Result<Option<Value>, Unfit> {
    match prompt.option(options::SERVICE_TIER) {
        None => Ok(None),
        Some("standard") => Ok(Some(json!("standard_only"))),
        Some("priority") => Ok(Some(json!("auto"))),
        Some(_) => {
            let told = "this model has no such terms; say `standard` or `priority`, or leave `service-tier` out";
            Err(Unfit::new("service-tier", told))
        }
    }
}
