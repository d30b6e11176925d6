//! What is sent.

use gate::call::model::{Prompt, ToolChoice, options};
use http::HeaderName;
use serde_json::{Map, Value, json};

use super::{NAME, content};
use crate::dialect::{Model, Unfit, Wire, fit, native};

/// On which terms, where they are not the standard ones (Vertex AI, Priority and Flex PayGo).
const TERMS: HeaderName = HeaderName::from_static("x-vertex-ai-llm-shared-request-type");
/// The thousandths of the highest temperature.
const HOTTEST: u16 = 2000;
/// The most labels of a request, and the most characters of a name or a value.
const LABELS: usize = 64;
const LABEL: usize = 63;

pub(super) fn write(prompt: &Prompt, to: &Model) -> Result<Wire, Unfit> {
    native::parallel(prompt)?;
    let verb = if to.stream {
        "streamGenerateContent?alt=sse"
    } else {
        "generateContent"
    };
    let model = native::segment(&to.name);
    let path = format!("/publishers/google/models/{model}:{verb}");
    let wire = Wire::new(path, &body(prompt, to)?, to.framing())?;
    Ok(Wire {
        headers: terms(prompt),
        ..wire
    })
}

fn terms(prompt: &Prompt) -> Vec<(HeaderName, String)> {
    let asked = prompt.option(options::SERVICE_TIER).filter(|tier| *tier != "standard");
    asked.map(|tier| (TERMS, tier.to_owned())).into_iter().collect()
}

fn body(prompt: &Prompt, to: &Model) -> Result<Map<String, Value>, Unfit> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| body.extend(value.map(|value| (name.to_owned(), value)));
    let system = prompt.system.as_ref().filter(|text| !text.is_empty());
    put(
        "systemInstruction",
        system.map(|text| json!({"parts": [{"text": text}]})),
    );
    put("contents", Some(content::contents(native::turns(prompt, NAME, 0)?)?));
    put("tools", tools(prompt)?);
    put("toolConfig", choice(prompt));
    put("generationConfig", generation(prompt, to)?);
    put("labels", labels(prompt)?);
    Ok(body)
}

fn tools(prompt: &Prompt) -> Result<Option<Value>, Unfit> {
    let mut declarations = Vec::new();
    for tool in &prompt.tools {
        let mut declaration = Map::new();
        declaration.insert("name".to_owned(), json!(tool.name));
        if !tool.description.is_empty() {
            declaration.insert("description".to_owned(), json!(tool.description));
        }
        declaration.insert("parametersJsonSchema".to_owned(), native::parse(&tool.schema)?);
        declarations.push(declaration);
    }
    Ok((!declarations.is_empty()).then(|| json!([{"functionDeclarations": declarations}])))
}

/// `VALIDATED` holds the model to the schemas and lets it decide; there is no other word for strict tools.
fn choice(prompt: &Prompt) -> Option<Value> {
    if prompt.tools.is_empty() {
        return None;
    }
    let config = match &prompt.choice {
        ToolChoice::Auto if prompt.tools.iter().any(|tool| tool.strict) => json!({"mode": "VALIDATED"}),
        ToolChoice::Auto => return None,
        ToolChoice::None => json!({"mode": "NONE"}),
        ToolChoice::Required => json!({"mode": "ANY"}),
        ToolChoice::Named(name) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
    };
    Some(json!({"functionCallingConfig": config}))
}

fn generation(prompt: &Prompt, to: &Model) -> Result<Option<Value>, Unfit> {
    let mut config = Map::new();
    let mut put = |name: &str, value: Option<Value>| config.extend(value.map(|value| (name.to_owned(), value)));
    put("maxOutputTokens", prompt.max_tokens.map(|most| json!(most)));
    put(
        "temperature",
        native::temperature(prompt, HOTTEST)?.map(|value| json!(value)),
    );
    put("stopSequences", (!prompt.stop.is_empty()).then(|| json!(prompt.stop)));
    if let Some(output) = &prompt.output {
        put("responseMimeType", Some(json!("application/json")));
        put("responseJsonSchema", Some(native::parse(&output.schema)?));
    }
    let effort = prompt
        .effort
        .as_deref()
        .and_then(|asked| fit::effort_word(asked, &to.can));
    put(
        "thinkingConfig",
        effort.map(|word| json!({"thinkingLevel": level(word)})),
    );
    Ok((!config.is_empty()).then_some(Value::Object(config)))
}

fn level(effort: &str) -> &'static str {
    match effort {
        "minimal" => "MINIMAL",
        "low" => "LOW",
        "medium" => "MEDIUM",
        _ => "HIGH",
    }
}

fn labels(prompt: &Prompt) -> Result<Option<Value>, Unfit> {
    if prompt.labels.len() > LABELS {
        let told = format!("this model's provider takes at most {LABELS} labels; leave some out");
        return Err(Unfit::new("labels", told));
    }
    let pairs = prompt
        .labels
        .iter()
        .map(|(name, value)| (label_name(name), json!(label(value))));
    let labels: Map<_, _> = pairs.collect();
    Ok((!labels.is_empty()).then_some(Value::Object(labels)))
}

/// Names begin with a letter.
fn label_name(name: &str) -> String {
    let name = label(name);
    if name.starts_with(|first: char| first.is_ascii_lowercase()) {
        return name;
    }
    label(&format!("x{name}"))
}

/// Lower-case letters, digits, hyphens and underscores (Google Cloud, requirements for labels).
fn label(text: &str) -> String {
    let written = text.chars().map(|char| match char.to_ascii_lowercase() {
        lower if lower.is_ascii_alphanumeric() || lower == '-' => lower,
        _ => '_',
    });
    written.take(LABEL).collect()
}
