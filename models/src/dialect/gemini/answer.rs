//! What a GenerateContentResponse says.

use std::collections::BTreeSet;

use gate::Failure;
use gate::call::model::{Ask, Part, StopReason, Usage};
use serde::Deserialize;
use serde_json::Value;

use super::content::{Carried, Signed};
use super::{NAME, trouble};
use crate::dialect::{Answer, Content};
use crate::trouble::malformed;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(default)]
    candidates: Vec<Candidate>,
    #[serde(default)]
    prompt_feedback: Option<Feedback>,
    #[serde(default)]
    usage_metadata: Option<Counts>,
    #[serde(default)]
    model_version: Option<String>,
    #[serde(default)]
    response_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    #[serde(default)]
    content: Parts,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Parts {
    parts: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    #[serde(default)]
    block_reason: Option<String>,
}

/// Tokens as they are counted here: the prompt includes what a cache held, the candidates exclude thoughts.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Counts {
    prompt_token_count: u64,
    tool_use_prompt_token_count: u64,
    cached_content_token_count: u64,
    candidates_token_count: u64,
    thoughts_token_count: u64,
    traffic_type: Option<String>,
}

pub(super) fn read(ask: &Ask, whole: &Value) -> Result<Answer, Failure> {
    if whole.get("error").is_some() {
        return Err(trouble::after(whole));
    }
    let response = Response::deserialize(whole).map_err(malformed)?;
    let blocked = response.prompt_feedback.and_then(|feedback| feedback.block_reason);
    let content = match (response.candidates.into_iter().next(), blocked) {
        (Some(candidate), _) => message(ask, candidate)?,
        (None, Some(_)) => Content::Message {
            parts: Vec::new(),
            stop: StopReason::ContentFilter,
        },
        (None, None) => return Err(malformed("neither a candidate nor a reason for there being none")),
    };
    let counts = response.usage_metadata.as_ref();
    Ok(Answer {
        content,
        usage: counts.map(Counts::usage),
        tier: counts.and_then(|counts| counts.traffic_type.as_deref()).map(tier),
        model: response.model_version,
        region: None,
        request: response.response_id,
    })
}

fn message(ask: &Ask, candidate: Candidate) -> Result<Content, Failure> {
    let reason = candidate.finish_reason;
    let reason = reason.ok_or_else(|| malformed("a candidate without a reason why it ends"))?;
    let mut names = Names::of(ask);
    let mut parts = Vec::new();
    for part in &candidate.content.parts {
        add(&mut parts, part, &mut names)?;
    }
    let calls = parts.iter().any(|part| matches!(part, Part::ToolCall { .. }));
    Ok(Content::Message {
        parts,
        stop: stop(&reason, calls),
    })
}

fn add(parts: &mut Vec<Part>, part: &Value, names: &mut Names) -> Result<(), Failure> {
    let text = part.get("text").and_then(Value::as_str);
    let thought = part.get("thought").and_then(Value::as_bool) == Some(true);
    let (said, of) = match (part.get("functionCall"), text) {
        (Some(call), _) => (tool_call(call, names)?, Signed::Call),
        (None, Some(text)) if !text.is_empty() && !thought => (Part::Text(text.to_owned()), Signed::Text),
        // Nothing is said and nothing is signed.
        (None, Some("")) if part.get("thoughtSignature").is_none() => return Ok(()),
        _ => {
            parts.push(opaque(&Carried::Part(part.clone()))?);
            return Ok(());
        }
    };
    if let Some(signature) = part.get("thoughtSignature").and_then(Value::as_str) {
        let signature = signature.to_owned();
        parts.push(opaque(&Carried::Signature { of, signature })?);
    }
    parts.push(said);
    Ok(())
}

fn tool_call(call: &Value, names: &mut Names) -> Result<Part, Failure> {
    let text = |name: &str| call.get(name).and_then(Value::as_str);
    let name = text("name").ok_or_else(|| malformed("a function call without a name"))?;
    let id = text("id").filter(|id| !id.is_empty());
    Ok(Part::ToolCall {
        id: id.map_or_else(|| names.fresh(), str::to_owned),
        name: name.to_owned(),
        arguments: call.get("args").map_or_else(|| "{}".to_owned(), Value::to_string),
    })
}

fn opaque(carried: &Carried) -> Result<Part, Failure> {
    Ok(Part::Opaque {
        dialect: NAME.to_owned(),
        data: serde_json::to_string(carried).map_err(malformed)?,
    })
}

fn stop(reason: &str, calls: bool) -> StopReason {
    match reason {
        "STOP" if calls => StopReason::ToolCalls,
        "STOP" => StopReason::End,
        "MAX_TOKENS" => StopReason::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "MODEL_ARMOR"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => StopReason::ContentFilter,
        other => StopReason::Other(other.to_owned()),
    }
}

fn tier(traffic: &str) -> String {
    match traffic {
        "ON_DEMAND" => "standard",
        "ON_DEMAND_PRIORITY" => "priority",
        "ON_DEMAND_FLEX" => "flex",
        other => other,
    }
    .to_owned()
}

impl Counts {
    fn usage(&self) -> Usage {
        let prompt = self.prompt_token_count.saturating_sub(self.cached_content_token_count);
        Usage {
            input: prompt.saturating_add(self.tool_use_prompt_token_count),
            cache_read: self.cached_content_token_count,
            output: self.candidates_token_count.saturating_add(self.thoughts_token_count),
            reasoning: self.thoughts_token_count,
            ..Usage::default()
        }
    }
}

/// Names for calls that come without one, each new to the conversation.
struct Names {
    taken: BTreeSet<String>,
    last: usize,
}

impl Names {
    fn of(ask: &Ask) -> Self {
        let messages = match ask {
            Ask::Complete(prompt) => prompt.messages.as_slice(),
            Ask::Embed(_) => &[],
        };
        let parts = messages.iter().flat_map(|message| &message.parts);
        let taken = parts.filter_map(|part| match part {
            Part::ToolCall { id, .. } => Some(id.clone()),
            _ => None,
        });
        Self {
            taken: taken.collect(),
            last: 0,
        }
    }

    fn fresh(&mut self) -> String {
        loop {
            self.last += 1;
            let name = format!("call-{}", self.last);
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}
