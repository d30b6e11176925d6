//! One question to a model: the same for every cloud, and whole in both directions.

mod check;
mod prompt;
mod reply;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::body::Body;

pub use check::ModelCallError;
pub use prompt::{Embed, Media, Message, OutputSchema, Part, Prompt, Role, Tool, ToolChoice, options};
pub use reply::{Completion, Cost, Embeddings, ModelReply, Served, StopReason, Usage};

/// What is asked of a model, checked: no constructor makes one that contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Ask")]
pub struct ModelCall(Arc<Ask>);

/// What is asked of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// The next message.
    Complete(Box<Prompt>),
    /// Vectors of texts.
    Embed(Embed),
}

impl ModelCall {
    /// The kind of the bindings that carry it.
    pub const KIND: &'static str = "model";

    /// Checks a question.
    ///
    /// # Errors
    /// [`ModelCallError`], which says what to change.
    pub fn new(ask: Ask) -> Result<Self, ModelCallError> {
        check::check(&ask)?;
        Ok(Self(Arc::new(ask)))
    }

    /// What is asked.
    pub fn ask(&self) -> &Ask {
        &self.0
    }

    /// Whether this is a copy of the other call: not one that asks the same, but the same question.
    pub fn is_copy_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The function's name in policies: `complete` or `embed`.
    pub fn function(&self) -> &'static str {
        match *self.0 {
            Ask::Complete(_) => "complete",
            Ask::Embed(_) => "embed",
        }
    }

    /// Every text that leaves with it, labels and names included: what a search for secrets has to read.
    pub(crate) fn texts(&self) -> Vec<&str> {
        match self.ask() {
            Ask::Complete(prompt) => prompt.texts(),
            Ask::Embed(embed) => embed.texts(),
        }
    }

    pub(crate) fn bodies(&self) -> Vec<&Body> {
        match self.ask() {
            Ask::Complete(prompt) => prompt.media().map(|media| &media.content).collect(),
            Ask::Embed(_) => Vec::new(),
        }
    }

    pub(crate) fn bodies_mut(&mut self) -> Vec<&mut Body> {
        // Most calls bring none, and are not copied for it.
        if self.bodies().is_empty() {
            return Vec::new();
        }
        match Arc::make_mut(&mut self.0) {
            Ask::Complete(prompt) => prompt.media_mut().map(|media| &mut media.content).collect(),
            Ask::Embed(_) => Vec::new(),
        }
    }

    pub(crate) fn size(&self) -> u64 {
        let texts: usize = self.texts().iter().map(|text| text.len()).sum();
        texts as u64 + self.bodies().iter().map(|body| body.size()).sum::<u64>()
    }
}

impl TryFrom<Ask> for ModelCall {
    type Error = ModelCallError;

    fn try_from(ask: Ask) -> Result<Self, ModelCallError> {
        Self::new(ask)
    }
}

impl Serialize for ModelCall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
