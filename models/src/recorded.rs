//! Answers from a script, without any cloud: for a demonstration, for an author's tests, for checks.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use gate::call::model::{Ask, Completion, Embeddings, ModelCall, ModelReply, Part, Role, Served, StopReason, Usage};
use gate::{Action, Backend, Carried, Cleared, Code, Failure, Reply};
use serde::Deserialize;

use crate::choice::Candidate;
use crate::dialect::Unfit;
use crate::residency::Stands;

/// What is answered, and to what. It is read from TOML.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Script {
    /// The first that fits is used.
    #[serde(default)]
    pub answers: Vec<Scripted>,
    /// What every text's vector is, if vectors are made.
    #[serde(default)]
    pub vector: Option<Vec<f32>>,
}

/// One answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scripted {
    /// A part of the last text of the user's, or of the last result of a tool; every question fits where nothing is said.
    #[serde(default)]
    pub when: Option<String>,
    /// The text.
    #[serde(default)]
    pub text: Option<String>,
    /// Tools that are asked for.
    #[serde(default)]
    pub tools: Vec<ScriptedTool>,
    /// That there is no answer, and why.
    #[serde(default)]
    pub fails: Option<String>,
    /// Tokens that are said to have been counted.
    #[serde(default)]
    pub usage: Option<Usage>,
}

/// A tool that is asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ScriptedTool {
    /// Which.
    pub name: String,
    /// With which arguments: a JSON object.
    pub arguments: String,
}

/// What stands for the model in every reply, so that nobody takes a script for one.
pub const MODEL: &str = "recorded";
/// The script has no answer to this question.
pub const UNSCRIPTED: Code = Code::new("model-unscripted");

/// Answers from a script.
#[derive(Debug)]
pub struct Recorded {
    name: String,
    script: Script,
    stands: Stands,
}

impl Recorded {
    /// A backend of this name that answers from this script, and so from wherever the host is.
    pub const fn new(name: String, script: Script, stands: Stands) -> Self {
        Self { name, script, stands }
    }

    fn served(&self, usage: Option<Usage>) -> Served {
        Served {
            backend: self.name.clone(),
            asked: MODEL.to_owned(),
            model: Some(MODEL.to_owned()),
            notes: vec![MODEL.to_owned()],
            usage,
            ..Served::default()
        }
    }

    fn reply(&self, call: &Cleared, ask: &Ask) -> Result<ModelReply, Failure> {
        if let Ask::Embed(embed) = ask {
            return self.vectors(embed.inputs.len());
        }
        let asked = last(ask).unwrap_or_default();
        let fits = |answer: &&Scripted| answer.when.as_ref().is_none_or(|when| asked.contains(when.as_str()));
        let found = self.script.answers.iter().find(fits);
        let answer = found.ok_or_else(|| {
            let told = "the script of this backend has no answer to this question; add one, or one without `when`";
            Failure::nothing_sent(UNSCRIPTED, told)
        })?;
        if let Some(code) = &answer.fails {
            let told = "the script of this backend says that there is no answer";
            return Err(Failure::nothing_sent(Code::from(code.clone()), told).elsewhere());
        }
        let number = call.number();
        let text = answer.text.iter().map(|text| Part::Text(text.clone()));
        let tools = answer.tools.iter().enumerate().map(|(place, tool)| Part::ToolCall {
            id: format!("{MODEL}-{number}-{place}"),
            name: tool.name.clone(),
            arguments: tool.arguments.clone(),
        });
        Ok(ModelReply::Completion(Completion {
            parts: text.chain(tools).collect(),
            stop: if answer.tools.is_empty() {
                StopReason::End
            } else {
                StopReason::ToolCalls
            },
            served: self.served(answer.usage),
        }))
    }

    fn vectors(&self, texts: usize) -> Result<ModelReply, Failure> {
        let vector = self.script.vector.as_ref().ok_or_else(|| {
            let told = "the script of this backend has no `vector`; add one";
            Failure::nothing_sent(UNSCRIPTED, told)
        })?;
        let one: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
        Ok(ModelReply::Embeddings(Embeddings {
            dimensions: u32::try_from(vector.len()).unwrap_or(u32::MAX),
            vectors: one.repeat(texts).into(),
            served: self.served(None),
        }))
    }
}

/// What a script's `when` is looked for in.
fn last(ask: &Ask) -> Option<&str> {
    let Ask::Complete(prompt) = ask else { return None };
    let messages = prompt
        .messages
        .iter()
        .rev()
        .filter(|message| message.role == Role::User);
    messages
        .flat_map(|message| message.parts.iter().rev())
        .find_map(|part| match part {
            Part::Text(text) | Part::ToolResult { content: text, .. } => Some(text.as_str()),
            _ => None,
        })
}

#[async_trait]
impl Backend for Recorded {
    async fn carry(&self, call: &Cleared) -> Result<Carried, Failure> {
        let Action::Model(asked) = call.action() else {
            return Err(Failure::nothing_sent(
                UNSCRIPTED,
                "a script answers questions to models only",
            ));
        };
        let reply = self.reply(call, asked.ask())?;
        Ok(Carried {
            reply: Reply::Model(Box::new(reply)),
            spent: Some(0),
        })
    }

    fn worst(&self, _action: &Action) -> Option<u64> {
        Some(0)
    }

    fn model(&self) -> Option<(&str, &str)> {
        Some((&self.name, MODEL))
    }
}

impl Candidate for Recorded {
    fn name(&self) -> &str {
        &self.name
    }

    fn stands(&self) -> &Stands {
        &self.stands
    }

    fn ready(self: Arc<Self>, _call: &ModelCall) -> Result<Arc<dyn Backend>, Unfit> {
        Ok(self)
    }
}
