//! What is sent.

use gate::call::model::{Part, Prompt, ToolChoice, options};
use serde_json::{Map, Value, json};

use super::{NAME, content};
use crate::dialect::{Framing, Model, Unfit, Wire, fit, native};

/// The thousandths of the highest temperature.
const HOTTEST: u16 = 1000;
/// The points up to which a cache is kept, in one request.
const BREAKPOINTS: usize = 4;
/// The most labels of a request, and the most characters of a name or a value.
const LABELS: usize = 16;
const LABEL: usize = 256;

pub(super) fn write(prompt: &Prompt, to: &Model) -> Result<Wire, Unfit> {
    native::parallel(prompt)?;
    let (verb, framing) = match to.stream {
        true => ("converse-stream", Framing::Amazon),
        false => ("converse", Framing::Whole),
    };
    let path = format!("/model/{}/{verb}", native::segment(&to.name));
    Wire::new(path, &body(prompt, to)?, framing)
}

fn body(prompt: &Prompt, to: &Model) -> Result<Map<String, Value>, Unfit> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| body.extend(value.map(|value| (name.to_owned(), value)));
    put("system", system(prompt));
    let hints = BREAKPOINTS - usize::from(prompt.cache);
    let messages = content::messages(native::turns(prompt, NAME, hints)?, &content::kept(prompt))?;
    put("messages", Some(messages));
    put("inferenceConfig", inference(prompt)?);
    put("toolConfig", tools(prompt)?);
    put("outputConfig", output(prompt, to)?);
    put("requestMetadata", labels(prompt)?);
    put("serviceTier", tier(prompt));
    Ok(body)
}

fn system(prompt: &Prompt) -> Option<Value> {
    let text = prompt.system.as_ref().filter(|text| !text.is_empty())?;
    let mut blocks = vec![json!({"text": text})];
    if prompt.cache {
        blocks.push(content::kept(prompt));
    }
    Some(Value::Array(blocks))
}

fn inference(prompt: &Prompt) -> Result<Option<Value>, Unfit> {
    let mut config = Map::new();
    let mut put = |name: &str, value: Option<Value>| config.extend(value.map(|value| (name.to_owned(), value)));
    put("maxTokens", prompt.max_tokens.map(|most| json!(most)));
    put(
        "temperature",
        native::temperature(prompt, HOTTEST)?.map(|value| json!(value)),
    );
    put("stopSequences", (!prompt.stop.is_empty()).then(|| json!(prompt.stop)));
    Ok((!config.is_empty()).then_some(Value::Object(config)))
}

fn tools(prompt: &Prompt) -> Result<Option<Value>, Unfit> {
    if prompt.tools.is_empty() || forbidden(prompt)? {
        return Ok(None);
    }
    let mut tools = Vec::new();
    for tool in &prompt.tools {
        let mut spec = json!({"name": tool.name, "inputSchema": {"json": native::parse(&tool.schema)?}});
        if !tool.description.is_empty() {
            content::put(&mut spec, "description", json!(tool.description));
        }
        if tool.strict {
            content::put(&mut spec, "strict", json!(true));
        }
        tools.push(json!({"toolSpec": spec}));
    }
    // What is kept up to the system text holds the tools, which come before it.
    if prompt.cache && prompt.system.as_ref().is_none_or(String::is_empty) {
        tools.push(content::kept(prompt));
    }
    let mut config = json!({"tools": tools});
    match &prompt.choice {
        ToolChoice::Auto | ToolChoice::None => {}
        ToolChoice::Required => content::put(&mut config, "toolChoice", json!({"any": {}})),
        ToolChoice::Named(name) => content::put(&mut config, "toolChoice", json!({"tool": {"name": name}})),
    }
    Ok(Some(config))
}

/// There is no word for a model that must not use a tool: the tools are left out, and that can be done only where none
/// was used.
fn forbidden(prompt: &Prompt) -> Result<bool, Unfit> {
    if prompt.choice != ToolChoice::None {
        return Ok(false);
    }
    let mut parts = prompt.messages.iter().flat_map(|message| &message.parts);
    if parts.any(|part| matches!(part, Part::ToolCall { .. } | Part::ToolResult { .. })) {
        let told = "this model cannot be forbidden the tools of a conversation that used some; let it decide";
        return Err(Unfit::new("tool-choice", told));
    }
    Ok(true)
}

fn output(prompt: &Prompt, to: &Model) -> Result<Option<Value>, Unfit> {
    let mut output = Map::new();
    if let Some(schema) = &prompt.output {
        // The schema is a text here, and one that does not parse is the skill's mistake and not the provider's.
        native::parse(&schema.schema)?;
        let definition = json!({"name": schema.name, "schema": schema.schema});
        let format = json!({"type": "json_schema", "structure": {"jsonSchema": definition}});
        output.insert("textFormat".to_owned(), format);
    }
    if let Some(word) = prompt
        .effort
        .as_deref()
        .and_then(|asked| fit::effort_word(asked, &to.can))
    {
        output.insert("effort".to_owned(), json!(word));
    }
    Ok((!output.is_empty()).then_some(Value::Object(output)))
}

fn labels(prompt: &Prompt) -> Result<Option<Value>, Unfit> {
    if prompt.labels.len() > LABELS {
        let told = format!("this model's provider takes at most {LABELS} labels; leave some out");
        return Err(Unfit::new("labels", told));
    }
    let named = prompt.labels.iter().filter(|(name, _)| !name.is_empty());
    let labels: Map<_, _> = named.map(|(name, value)| (label(name), json!(label(value)))).collect();
    Ok((!labels.is_empty()).then_some(Value::Object(labels)))
}

fn label(text: &str) -> String {
    let fits = |char: char| char.is_ascii_alphanumeric() || char == ' ' || ":_@$#=/+,-.".contains(char);
    let written = text.chars().map(|char| if fits(char) { char } else { '_' });
    written.take(LABEL).collect()
}

fn tier(prompt: &Prompt) -> Option<Value> {
    let word = match prompt.option(options::SERVICE_TIER)? {
        "standard" => "default",
        other => other,
    };
    Some(json!({"type": word}))
}
