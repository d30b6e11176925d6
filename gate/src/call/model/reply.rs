//! What a model answered, who served it, and what it cost.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::prompt::Part;
use crate::call::body::Body;

/// The answer to one question, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelReply {
    /// The next message.
    Completion(Completion),
    /// Vectors.
    Embeddings(Embeddings),
}

/// The model's next message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Completion {
    /// What it says, and what it asks for, in order.
    pub parts: Vec<Part>,
    /// Why it ends.
    pub stop: StopReason,
    /// By whom.
    pub served: Served,
}

/// One vector for each text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Embeddings {
    /// How long each is.
    pub dimensions: u32,
    /// One after the other, each number in four bytes: IEEE 754 single precision, little-endian.
    pub vectors: Body,
    /// By whom.
    pub served: Served,
}

/// Why a message ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// The model was done.
    End,
    /// It waits for the results of tools.
    ToolCalls,
    /// It may not say more: the limit of the call or of the model.
    Length,
    /// It came to one of the texts at which it was to end.
    StopSequence,
    /// It will not do what was asked.
    Refusal,
    /// A filter of the provider took it away.
    ContentFilter,
    /// Something that this program does not know, as the provider says it.
    Other(String),
}

/// Who served a call, and on which terms, as far as they say so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Served {
    /// The name of the backend in the binding.
    pub backend: String,
    /// The model that was asked for there.
    pub asked: String,
    /// The model that answered, with its date where it has one; some never say.
    pub model: Option<String>,
    /// Where it ran.
    pub region: Option<String>,
    /// On which terms: `standard`, `priority`, `flex` or the provider's own word.
    pub tier: Option<String>,
    /// By what the provider's support finds it.
    pub request: Option<String>,
    /// What was counted; some never say.
    pub usage: Option<Usage>,
    /// What it cost by the list; unknown is unknown and never nothing.
    pub cost: Option<Cost>,
    /// What an operator should know of it: `another-model`, `another-region`.
    pub notes: Vec<String>,
}

/// Tokens in one normal form: the first three are disjoint and add up to the whole input; the last is a part of the
/// output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Usage {
    /// Input at the base rate.
    pub input: u64,
    /// Input that was read from a cache.
    pub cache_read: u64,
    /// Input that was written to a cache.
    pub cache_write: u64,
    /// The part of what was written that is kept for long: an hour and more.
    pub cache_write_long: u64,
    /// All output, thoughts included.
    pub output: u64,
    /// The part of the output that is thoughts.
    pub reasoning: u64,
}

/// A price, exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cost {
    /// Billionths of a US dollar, rounded half to even.
    pub nano_dollars: u64,
    /// The version of the list by which it was computed.
    pub prices: String,
}

impl ModelReply {
    /// By whom.
    pub const fn served(&self) -> &Served {
        match self {
            Self::Completion(completion) => &completion.served,
            Self::Embeddings(embeddings) => &embeddings.served,
        }
    }

    /// By whom.
    pub const fn served_mut(&mut self) -> &mut Served {
        match self {
            Self::Completion(completion) => &mut completion.served,
            Self::Embeddings(embeddings) => &mut embeddings.served,
        }
    }

    /// Every text that came with it.
    pub(crate) fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::Completion(Completion { parts, stop, served }) => {
                let mut texts: Vec<&mut String> = parts.iter_mut().flat_map(Part::texts_mut).collect();
                if let StopReason::Other(reason) = stop {
                    texts.push(reason);
                }
                texts.extend(served.texts_mut());
                texts
            }
            Self::Embeddings(embeddings) => embeddings.served.texts_mut().collect(),
        }
    }

    pub(crate) fn body_mut(&mut self) -> Option<&mut Body> {
        match self {
            Self::Completion(_) => None,
            Self::Embeddings(embeddings) => Some(&mut embeddings.vectors),
        }
    }

    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::Completion(completion) => {
                let mut texts = Vec::new();
                completion.parts.iter().for_each(|part| part.add_texts(&mut texts));
                texts.iter().map(|text| text.len() as u64).sum()
            }
            Self::Embeddings(embeddings) => embeddings.vectors.size(),
        }
    }
}

impl Served {
    fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let said = [&mut self.model, &mut self.region, &mut self.tier, &mut self.request];
        said.into_iter().flatten()
    }
}

impl Usage {
    /// All input.
    pub const fn total_input(&self) -> u64 {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write)
    }
}

impl StopReason {
    /// The word of it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::End => "end",
            Self::ToolCalls => "tool-calls",
            Self::Length => "length",
            Self::StopSequence => "stop-sequence",
            Self::Refusal => "refusal",
            Self::ContentFilter => "content-filter",
            Self::Other(word) => word,
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dollars, nano) = (self.nano_dollars / 1_000_000_000, self.nano_dollars % 1_000_000_000);
        write!(f, "${dollars}.{nano:09}")
    }
}
