//! Wire formats of models. Each one writes requests, gathers what is streamed into the answer that the same service gives
//! unstreamed, and reads that: there is one reader for both.

pub mod chat;
pub mod converse;
pub mod embed_text;
pub mod embeddings;
pub mod fit;
pub mod gemini;
pub mod invoke;
pub mod messages;
mod native;
mod openai;
pub mod responses;
mod vectors;

use std::fmt::Display;

use bytes::Bytes;
pub use gate::Delta;
use gate::Failure;
use gate::call::model::{Ask, Part, StopReason, Usage};
use http::{HeaderMap, HeaderName};
use serde::Serialize;
use serde_json::Value;
use serde_json_borrow::Value as Borrowed;

use crate::trouble::malformed;

/// A wire format.
pub trait Dialect: Send + Sync {
    /// Its name in [`Part::Opaque`] and in messages: `responses`.
    fn name(&self) -> &'static str;

    /// What is sent for a question.
    ///
    /// # Errors
    /// [`Unfit`] for what the format or the model cannot say: nothing was sent, and another backend may be asked.
    fn request(&self, ask: &Ask, to: &Model) -> Result<Wire, Unfit>;

    /// Gathers a streamed answer.
    fn gather(&self) -> Box<dyn Gather>;

    /// Reads a whole answer: one that was gathered, or one that came unstreamed.
    ///
    /// # Errors
    /// A [`Failure`] where it is none, or says after status 200 that there is none.
    fn answer(&self, ask: &Ask, whole: &Value) -> Result<Answer, Failure>;

    /// What the headers of an answer count, where its body does not.
    fn counted(&self, _headers: &HeaderMap) -> Option<Usage> {
        None
    }

    /// Whether replies say which model they are from.
    fn names_models(&self) -> bool {
        true
    }

    /// What an answer means whose status is not 2xx.
    fn trouble(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure;
}

/// The pieces of a streamed answer, put together.
pub trait Gather: Send {
    /// Takes the next event. What it does not know, it ignores.
    ///
    /// # Errors
    /// A [`Failure`] that came as an event, or an event that cannot be read.
    fn event(&mut self, event: &Event) -> Result<Option<Delta>, Failure>;

    /// Whether the answer is complete, so that nothing more has to be waited for.
    fn is_complete(&self) -> bool;

    /// The answer as the service gives it unstreamed.
    ///
    /// # Errors
    /// [`crate::trouble::cut`] where the stream ended before the answer did.
    fn whole(self: Box<Self>) -> Result<Value, Failure>;
}

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its type: the field `event` of server-sent events, the header `:event-type` of Amazon's.
    pub name: Option<String>,
    /// Whether it is an exception of Amazon's event streams: then the name is the exception's.
    pub exception: bool,
    /// What it holds.
    pub data: Vec<u8>,
}

impl Event {
    /// Its JSON. It is borrowed: an answer comes in hundreds of events, of which hardly a word is kept.
    ///
    /// # Errors
    /// A failure where it holds none.
    pub(crate) fn json(&self) -> Result<Borrowed<'_>, Failure> {
        let malformed = |error: &dyn Display| malformed(format_args!("an event is no JSON: {error}"));
        // Looked through once, instead of each of its texts by itself.
        let text = str::from_utf8(&self.data).map_err(|error| malformed(&error))?;
        serde_json::from_str(text).map_err(|error| malformed(&error))
    }
}

/// A request of the dialect: the backend says where its path lies, and logs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Below the backend's base: `/responses`.
    pub path: String,
    /// Beside `content-type` and the credential.
    pub headers: Vec<(HeaderName, String)>,
    /// What is sent: JSON.
    pub body: Bytes,
    /// How the answer comes.
    pub framing: Framing,
}

/// How an answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// As one JSON text.
    Whole,
    /// As server-sent events.
    ServerSent,
    /// As `application/vnd.amazon.eventstream`.
    Amazon,
}

/// A model as a backend offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its name there: a model, a deployment, an inference profile.
    pub name: String,
    /// Whether answers are streamed.
    pub stream: bool,
    /// What it can do.
    pub can: Abilities,
}

/// What a model takes and gives. What is not known is assumed: the provider says no where it cannot.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Abilities {
    /// It takes a temperature.
    pub temperature: bool,
    /// It can be made to use a tool.
    pub forced_tools: bool,
    /// It takes tools.
    pub tools: bool,
    /// It takes pictures.
    pub images: bool,
    /// It takes documents.
    pub files: bool,
    /// It holds its text to a schema.
    pub output: bool,
    /// It takes texts at which it ends.
    pub stop: bool,
    /// How hard it can be made to think, from the least to the most, in this house's words; nothing where it cannot be
    /// told.
    pub efforts: Vec<String>,
    /// The most tokens of an answer; also what is asked for where the provider requires a number and the skill gives none.
    pub most_tokens: Option<u32>,
    /// The most tokens that it reads.
    pub context: Option<u32>,
    /// The most bytes of one picture.
    pub image_bytes: Option<u64>,
    /// It makes vectors as long as it is asked.
    pub dimensions: bool,
    /// The body by which it is asked for vectors, where that depends on the model.
    pub vectors: Option<invoke::Body>,
}

/// A question that a format or a model cannot take, in a sentence that says what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{told}")]
pub struct Unfit {
    /// What is too much: `temperature`, `forced-tools`, `images`.
    pub feature: &'static str,
    /// The sentence.
    pub told: String,
}

/// What a model answered, before anybody wrote down who served it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What came.
    pub content: Content,
    /// What was counted, in the normal form.
    pub usage: Option<Usage>,
    /// The model that answered.
    pub model: Option<String>,
    /// On which terms.
    pub tier: Option<String>,
    /// Where it ran, where the body says so.
    pub region: Option<String>,
    /// By what support finds it, where the body says so.
    pub request: Option<String>,
}

/// What came.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A message.
    Message {
        /// In order.
        parts: Vec<Part>,
        /// Why it ends.
        stop: StopReason,
    },
    /// Vectors, each as long as the first.
    Vectors(Vec<Vec<f32>>),
}

impl Wire {
    /// A request with this body, and no headers of its own.
    ///
    /// # Errors
    /// [`Unfit`] where the body cannot be written as JSON.
    pub fn new(path: impl Into<String>, body: &impl Serialize, framing: Framing) -> Result<Self, Unfit> {
        let body =
            serde_json::to_vec(body).map_err(|_| Unfit::new("body", "the question cannot be written as JSON"))?;
        Ok(Self {
            path: path.into(),
            headers: Vec::new(),
            body: body.into(),
            framing,
        })
    }

    /// The body as it is read there.
    #[cfg(test)]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Model {
    /// How answers come where they come as server-sent events or not at all.
    pub(crate) const fn framing(&self) -> Framing {
        if self.stream {
            Framing::ServerSent
        } else {
            Framing::Whole
        }
    }
}

impl Default for Abilities {
    fn default() -> Self {
        Self {
            temperature: true,
            forced_tools: true,
            tools: true,
            images: true,
            files: true,
            output: true,
            stop: true,
            efforts: Vec::new(),
            most_tokens: None,
            context: None,
            image_bytes: None,
            dimensions: true,
            vectors: None,
        }
    }
}

impl Unfit {
    /// A question that asks for this feature, and a sentence that says what to change.
    pub fn new(feature: &'static str, told: impl Into<String>) -> Self {
        Self {
            feature,
            told: told.into(),
        }
    }
}
