//! What a skill says to a model.

use serde::{Deserialize, Serialize};

use crate::call::body::Body;

/// A conversation, and what the next message of it may be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Prompt {
    /// What holds for the whole conversation.
    pub system: Option<String>,
    /// From the oldest to the newest; the model says the next one.
    pub messages: Vec<Message>,
    /// What the model may ask the skill to do.
    pub tools: Vec<Tool>,
    /// Whether it has to.
    pub choice: ToolChoice,
    /// Whether it may ask for several things at once; as the model does by itself where nothing is said.
    pub parallel: Option<bool>,
    /// What its text has to be.
    pub output: Option<OutputSchema>,
    /// The most tokens of the next message, those that it thinks with included.
    pub max_tokens: Option<u32>,
    /// How much it thinks: `minimal`, `low`, `medium`, `high` or `max`.
    pub effort: Option<String>,
    /// 0 to 2,000 thousandths.
    pub temperature: Option<u16>,
    /// Texts at which it ends.
    pub stop: Vec<String>,
    /// A hint: the tools and the system text come again in later calls.
    pub cache: bool,
    /// For the bill and for the provider's own records.
    pub labels: Vec<(String, String)>,
    /// What else is asked, by the names in [`options`].
    pub options: Vec<(String, String)>,
}

/// One turn of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Message {
    /// Whose it is.
    pub role: Role,
    /// In order.
    pub parts: Vec<Part>,
    /// A hint: everything up to here comes again in later calls.
    #[serde(default)]
    pub cache: bool,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The skill, and what its tools answered.
    User,
    /// The model.
    Assistant,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Part {
    /// Words.
    Text(String),
    /// A picture.
    Image(Media),
    /// A document.
    File(Media),
    /// The model asks for a tool.
    ToolCall {
        /// By which its result is known; unique in the conversation.
        id: String,
        /// The tool.
        name: String,
        /// A JSON object, as the model wrote it: it need not fit the tool's schema.
        arguments: String,
    },
    /// What a tool answered.
    ToolResult {
        /// Of which call.
        id: String,
        /// The tool.
        name: String,
        /// What the model reads.
        content: String,
        /// Whether the tool could not do it.
        failed: bool,
    },
    /// What a provider wants to have back unchanged: signatures of thoughts and the like. It means something only to the
    /// dialect that made it, and the others leave it out.
    Opaque {
        /// Which dialect made it.
        dialect: String,
        /// Its JSON.
        data: String,
    },
}

/// Bytes with a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Media {
    /// The name that the model is told.
    #[serde(default)]
    pub name: Option<String>,
    /// Such as `image/png`.
    pub media_type: String,
    /// The bytes.
    pub content: Body,
}

/// What a model may ask a skill to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tool {
    /// 1 to 64 letters, digits, hyphens and underscores.
    pub name: String,
    /// When to use it.
    pub description: String,
    /// A JSON Schema of an object.
    pub schema: String,
    /// Whether the provider holds the model to the schema, where it can.
    #[serde(default)]
    pub strict: bool,
}

/// Whether the next message has to ask for a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolChoice {
    /// The model decides.
    #[default]
    Auto,
    /// It must not.
    None,
    /// It has to ask for one.
    Required,
    /// It has to ask for this one.
    Named(String),
}

/// What the text of the next message has to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OutputSchema {
    /// As tools are named.
    pub name: String,
    /// A JSON Schema of an object.
    pub schema: String,
}

/// Texts of which vectors are asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Embed {
    /// At least one.
    pub inputs: Vec<String>,
    /// How long each vector is to be; as the model makes them where nothing is said.
    #[serde(default)]
    pub dimensions: Option<u32>,
    /// For the bill.
    #[serde(default)]
    pub labels: Vec<(String, String)>,
    /// What else is asked, by the names in [`options`].
    #[serde(default)]
    pub options: Vec<(String, String)>,
}

/// The names of what can be asked beside the typed fields. Others are refused, so that a misspelt one is not lost.
pub mod options {
    /// Prompts with the same key are looked for in the same cache.
    pub const CACHE_KEY: &str = "cache-key";
    /// How long a cached prefix is kept: `5m` or `1h`.
    pub const CACHE_TTL: &str = "cache-ttl";
    /// `standard`, `priority` or `flex`.
    pub const SERVICE_TIER: &str = "service-tier";
    /// How much the model says: `low`, `medium` or `high`.
    pub const VERBOSITY: &str = "verbosity";
    /// For embeddings: `document` or `query`.
    pub const INPUT_TYPE: &str = "input-type";

    /// Every name, with the values that it takes; any where none is listed.
    pub const ALL: [(&str, &[&str]); 5] = [
        (CACHE_KEY, &[]),
        (CACHE_TTL, &["5m", "1h"]),
        (SERVICE_TIER, &["standard", "priority", "flex"]),
        (VERBOSITY, &["low", "medium", "high"]),
        (INPUT_TYPE, &["document", "query"]),
    ];
}

impl Prompt {
    /// What was asked under this name.
    pub fn option(&self, name: &str) -> Option<&str> {
        option(&self.options, name)
    }

    /// Pictures and documents, in order.
    pub fn media(&self) -> impl Iterator<Item = &Media> {
        let parts = self.messages.iter().flat_map(|message| &message.parts);
        parts.filter_map(|part| match part {
            Part::Image(media) | Part::File(media) => Some(media),
            _ => None,
        })
    }

    pub(crate) fn media_mut(&mut self) -> impl Iterator<Item = &mut Media> {
        let parts = self.messages.iter_mut().flat_map(|message| &mut message.parts);
        parts.filter_map(|part| match part {
            Part::Image(media) | Part::File(media) => Some(media),
            _ => None,
        })
    }

    pub(crate) fn texts(&self) -> Vec<&str> {
        let mut texts: Vec<&str> = self.system.iter().chain(&self.stop).map(String::as_str).collect();
        for part in self.messages.iter().flat_map(|message| &message.parts) {
            part.add_texts(&mut texts);
        }
        for tool in &self.tools {
            texts.extend([tool.name.as_str(), &tool.description, &tool.schema]);
        }
        if let Some(output) = &self.output {
            texts.extend([output.name.as_str(), &output.schema]);
        }
        texts.extend(pairs(&self.labels).chain(pairs(&self.options)));
        texts
    }
}

impl Embed {
    /// What was asked under this name.
    pub fn option(&self, name: &str) -> Option<&str> {
        option(&self.options, name)
    }

    pub(crate) fn texts(&self) -> Vec<&str> {
        let inputs = self.inputs.iter().map(String::as_str);
        inputs.chain(pairs(&self.labels)).chain(pairs(&self.options)).collect()
    }
}

impl Part {
    pub(crate) fn add_texts<'a>(&'a self, texts: &mut Vec<&'a str>) {
        match self {
            Self::Text(text) => texts.push(text),
            Self::Image(media) | Self::File(media) => texts.extend(media.name.as_deref()),
            Self::ToolCall { id, name, arguments } => texts.extend([id.as_str(), name, arguments]),
            Self::ToolResult { id, name, content, .. } => texts.extend([id.as_str(), name, content]),
            Self::Opaque { dialect, data } => texts.extend([dialect.as_str(), data]),
        }
    }

    /// The texts of it that a provider may have written.
    pub(crate) fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::Text(text) => vec![text],
            Self::Image(_) | Self::File(_) => Vec::new(),
            Self::ToolCall { id, name, arguments } => vec![id, name, arguments],
            Self::ToolResult { id, name, content, .. } => vec![id, name, content],
            Self::Opaque { data, .. } => vec![data],
        }
    }
}

fn option<'a>(options: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = options.iter().find(|(found, _)| found == name);
    found.map(|(_, value)| value.as_str())
}

fn pairs(pairs: &[(String, String)]) -> impl Iterator<Item = &str> {
    pairs.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()])
}
