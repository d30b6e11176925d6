//! Who sells models, each in a file: what its settings are, and where and how it is spoken to.

mod anthropic;
mod azure;
mod bedrock;
mod claude_aws;
mod compatible;
mod openai;
mod oracle;
#[cfg(test)]
mod tests;
mod vertex;

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;

use crate::abilities::Entry;
use crate::backend::Place;
use crate::dialect::Dialect;
use crate::dialect::chat::Chat;
use crate::dialect::converse::Converse;
use crate::dialect::gemini::Gemini;
use crate::dialect::messages::{self, Messages};
use crate::dialect::responses::Responses;

pub use anthropic::Anthropic;
pub use azure::Azure;
pub use bedrock::Bedrock;
pub use claude_aws::ClaudeAws;
pub use compatible::Compatible;
pub use openai::OpenAi;
pub use oracle::Oracle;
pub use vertex::Vertex;

/// A provider, as an operator names it.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Provider {
    /// OpenAI's own API.
    #[serde(rename = "openai")]
    OpenAi(OpenAi),
    /// Azure OpenAI and Microsoft Foundry.
    Azure(Azure),
    /// Amazon Bedrock.
    Bedrock(Bedrock),
    /// Google's Vertex AI.
    Vertex(Vertex),
    /// Anthropic's own API.
    Anthropic(Anthropic),
    /// Anthropic's platform on Amazon's cloud.
    ClaudeAws(ClaudeAws),
    /// Oracle's generative AI.
    Oracle(Oracle),
    /// Any server that speaks as OpenAI does.
    Compatible(Compatible),
    /// A script, and no model at all.
    Recorded(RecordedScript),
}

/// Where a script lies.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RecordedScript {
    /// The file: a [`crate::recorded::Script`] in TOML.
    pub file: PathBuf,
}

/// A wire format, as an operator names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// OpenAI's Responses.
    Responses,
    /// OpenAI's Chat Completions.
    Chat,
    /// Anthropic's Messages.
    Messages,
    /// Google's generateContent.
    Gemini,
    /// Amazon's Converse.
    Converse,
}

/// A setting that cannot hold, in a sentence that says what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{told}")]
pub struct ProviderError {
    /// The key of the setting.
    pub at: &'static str,
    /// The sentence.
    pub told: String,
}

/// The kinds of backends that cost something, as price lists name them.
pub const KINDS: [&str; 9] = [
    "openai",
    "azure",
    "bedrock",
    "bedrock-mantle",
    "vertex",
    "anthropic",
    "claude-aws",
    "oci",
    "compatible",
];

impl Provider {
    /// The kind, as the price list and the catalog name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::OpenAi(_) => "openai",
            Self::Azure(_) => "azure",
            Self::Bedrock(bedrock) => bedrock.kind(),
            Self::Vertex(_) => "vertex",
            Self::Anthropic(_) => "anthropic",
            Self::ClaudeAws(_) => "claude-aws",
            Self::Oracle(_) => "oci",
            Self::Compatible(_) => "compatible",
            Self::Recorded(_) => "recorded",
        }
    }

    /// Where and how this model is asked for; the format is the operator's, or the one that the catalog names.
    ///
    /// # Errors
    /// [`ProviderError`] for a setting that cannot hold, and for a format that the provider does not speak.
    pub fn place(&self, model: &str, entry: &Entry, format: Option<Format>) -> Result<Place, ProviderError> {
        let format = format.or_else(|| entry.dialect.as_deref().and_then(Format::named));
        match self {
            Self::OpenAi(openai) => openai.place(format),
            Self::Azure(azure) => azure.place(format),
            Self::Bedrock(bedrock) => bedrock.place(model, entry, format),
            Self::Vertex(vertex) => vertex.place(format),
            Self::Anthropic(anthropic) => anthropic.place(format),
            Self::ClaudeAws(claude) => claude.place(format),
            Self::Oracle(oracle) => oracle.place(format),
            Self::Compatible(compatible) => compatible.place(format),
            Self::Recorded(_) => Err(ProviderError::new("kind", "a script has no address")),
        }
    }
}

impl Format {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Responses, "responses"),
        (Self::Chat, "chat"),
        (Self::Messages, "messages"),
        (Self::Gemini, "gemini"),
        (Self::Converse, "converse"),
    ];

    /// The format of this name.
    fn named(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, word)| *word == name);
        found.map(|(format, _)| *format)
    }

    fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(format, _)| *format == self);
        found.map_or("", |(_, name)| name)
    }
}

impl ProviderError {
    fn new(at: &'static str, told: impl Into<String>) -> Self {
        Self { at, told: told.into() }
    }
}

/// The dialect of a format where a provider speaks these, the first of them where none is named.
fn dialect(
    provider: &str,
    format: Option<Format>,
    spoken: &[Format],
) -> Result<(Format, Arc<dyn Dialect>), ProviderError> {
    let format = format
        .or_else(|| spoken.first().copied())
        .filter(|format| spoken.contains(format));
    let format = format.ok_or_else(|| {
        let words: Vec<&str> = spoken.iter().map(|format| format.name()).collect();
        ProviderError::new(
            "format",
            format!("{provider} speaks {}; name one of these", words.join(", ")),
        )
    })?;
    let dialect: Arc<dyn Dialect> = match format {
        Format::Responses => Arc::new(Responses),
        Format::Chat => Arc::new(Chat::default()),
        Format::Messages => Arc::new(Messages {
            at: messages::Place::Anthropic { geo: None },
        }),
        Format::Gemini => Arc::new(Gemini),
        Format::Converse => Arc::new(Converse),
    };
    Ok((format, dialect))
}

/// A name that becomes a part of a host or of a path.
fn label(at: &'static str, text: &str) -> Result<(), ProviderError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !text.is_empty() && text.bytes().all(fits) {
        return Ok(());
    }
    Err(ProviderError::new(
        at,
        "write letters, digits, hyphens, dots and underscores",
    ))
}
