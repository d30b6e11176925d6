//! Questions to models. A binding such as `default` names who answers; the host knows which models stand behind it, holds
//! the credentials, and judges every call.
//!
//! ```text
//! let prompt = Prompt::new().system("Answer in one word.").user(&question);
//! let completion = model::complete("default", &prompt)?;
//! Ok(completion.text())
//! ```
//!
//! A model that may use tools is asked again with what it said and what the tools answered, until it asks for none:
//!
//! ```text
//! let mut prompt = Prompt::new().user(&question).tool(Tool::new("look-up", "Finds a customer by name.", SCHEMA));
//! loop {
//!     let completion = model::complete("default", &prompt)?;
//!     if completion.tool_calls().next().is_none() {
//!         return Ok(completion.text());
//!     }
//!     let results: Vec<_> = completion.tool_calls().map(|call| match look_up(&call.arguments) {
//!         Ok(found) => call.answer(found),
//!         Err(error) => call.fail(error.to_string()),
//!     }).collect();
//!     prompt = prompt.said(completion).results(results);
//! }
//! ```
//!
//! In native tests nobody is asked: [`testing::script`] says what the model answers.

use std::time::Duration;

pub use crate::interfaces::model::{
    Completion, Embeddings, Media, Message, ModelError, Opaque, OutputSchema, Part, Prompt, Role, Served, Source,
    Texts, Tool, ToolCall, ToolChoice, ToolResult, Usage,
};

use crate::ToolError;

/// A longer sentence is cut: what agents read should fit on a screen, and a model that refuses may say much.
const SENTENCE: usize = 1_000;

/// Asks the model of a binding for the next message of a conversation, and waits for the whole of it.
///
/// # Errors
/// Why there is none. `?` makes it the error of a tool: see [`ToolError`]'s conversions.
pub fn complete(binding: &str, prompt: &Prompt) -> Result<Completion, ModelError> {
    host::complete(binding, prompt)
}

/// Asks the model of a binding for one vector for each text.
///
/// # Errors
/// As [`complete`].
pub fn embed(binding: &str, texts: &Texts) -> Result<Embeddings, ModelError> {
    host::embed(binding, texts)
}

impl Prompt {
    /// Nothing yet: a prompt needs at least one message of the user's. What no method sets is a public field.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what holds for the whole conversation.
    #[must_use]
    pub fn system(mut self, text: impl Into<String>) -> Self {
        self.system = Some(text.into());
        self
    }

    /// Adds a message of the user's.
    #[must_use]
    pub fn user(self, text: impl Into<String>) -> Self {
        self.message(Role::User, vec![Part::Text(text.into())])
    }

    /// Adds a message of the model's, with every part that it had, so that the conversation can go on. A message without
    /// parts is left out: no model takes one.
    #[must_use]
    pub fn said(self, completion: Completion) -> Self {
        self.message(Role::Assistant, completion.parts)
    }

    /// Adds what the tools answered. Each call of the message before needs exactly one result.
    #[must_use]
    pub fn results(self, results: impl IntoIterator<Item = ToolResult>) -> Self {
        self.message(Role::User, results.into_iter().map(Part::ToolResult).collect())
    }

    /// Lets the model ask for this tool.
    #[must_use]
    pub fn tool(mut self, tool: Tool) -> Self {
        self.tools.push(tool);
        self
    }

    /// Wants JSON of this schema. Providers that hold a model to it want `"additionalProperties": false` and every property
    /// in `required`; one that may be missing is a union with `null`.
    #[must_use]
    pub fn output(mut self, name: impl Into<String>, schema: impl Into<String>) -> Self {
        self.output = Some(OutputSchema {
            name: name.into(),
            schema: schema.into(),
        });
        self
    }

    /// Limits the tokens of the next message, those that the model thinks with included.
    #[must_use]
    pub fn max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = Some(tokens);
        self
    }

    /// Adds a message, unless it has no parts.
    #[must_use]
    pub fn message(mut self, role: Role, parts: Vec<Part>) -> Self {
        if !parts.is_empty() {
            let cache = false;
            self.messages.push(Message { role, parts, cache });
        }
        self
    }
}

/// Asks for nothing, and leaves every choice to the model and the host.
impl Default for Prompt {
    fn default() -> Self {
        Self {
            system: None,
            messages: Vec::new(),
            tools: Vec::new(),
            choice: ToolChoice::Auto,
            parallel: None,
            output: None,
            max_tokens: None,
            effort: None,
            temperature: None,
            stop: Vec::new(),
            cache: false,
            labels: Vec::new(),
            options: Vec::new(),
        }
    }
}

impl Texts {
    /// Texts of which vectors are asked, as long as the model makes them.
    pub fn new<T: Into<String>>(inputs: impl IntoIterator<Item = T>) -> Self {
        Self {
            inputs: inputs.into_iter().map(T::into).collect(),
            dimensions: None,
            labels: Vec::new(),
            options: Vec::new(),
        }
    }
}

impl Tool {
    /// A tool whose arguments are JSON of this schema, to which the provider holds the model where it can.
    pub fn new(name: impl Into<String>, description: impl Into<String>, schema: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            schema: schema.into(),
            strict: true,
        }
    }
}

impl Completion {
    /// All that the model says, without what it asks for. Empty where it says nothing.
    pub fn text(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// What the model asks the skill to do, in order.
    pub fn tool_calls(&self) -> impl Iterator<Item = &ToolCall> {
        self.parts.iter().filter_map(|part| match part {
            Part::ToolCall(call) => Some(call),
            _ => None,
        })
    }

    /// Whether the message ends because it may not be longer, so that its text or its JSON is not whole.
    pub fn is_cut(&self) -> bool {
        self.stop == "length"
    }
}

impl ToolCall {
    /// What the tool answered.
    pub fn answer(&self, content: impl Into<String>) -> ToolResult {
        self.result(content.into(), false)
    }

    /// Why the tool could not do it, for the model to read.
    pub fn fail(&self, content: impl Into<String>) -> ToolResult {
        self.result(content.into(), true)
    }

    fn result(&self, content: String, failed: bool) -> ToolResult {
        ToolResult {
            id: self.id.clone(),
            name: self.name.clone(),
            content,
            failed,
        }
    }
}

impl ToolError {
    /// What it means for the agent that a model did not answer. The details say whose word it is, under which code, and
    /// whether the same call may succeed later.
    pub(crate) fn from_model_error(error: &ModelError) -> Self {
        let converted = Self::new(code(error), sentence(&error.message))
            .detail("source", source(error.source))
            .detail("code", error.code.clone())
            .detail("retryable", error.retryable.to_string());
        match error.retry_after_ms {
            Some(milliseconds) => converted.retry_after(Duration::from_millis(milliseconds)),
            None => converted,
        }
    }
}

fn code(error: &ModelError) -> &'static str {
    match (error.source, error.code.as_str()) {
        // The prompt is made of the arguments, and another one may pass.
        (Source::Host, "invalid-prompt" | "request-too-large") => "invalid-argument",
        (Source::Host, "internal") => "internal",
        (Source::Host, _) => "denied",
        // Nobody's rights are missing: the same question is refused again, and a changed one need not be.
        (Source::Model, _) => "invalid-argument",
        (Source::Backend, failed) => failure(failed),
    }
}

fn failure(code: &str) -> &'static str {
    match code {
        "model-input-invalid" | "model-context-too-long" | "model-image-refused" | "request-too-large" => {
            "invalid-argument"
        }
        // The schema is the skill's own choice.
        "model-schema-refused" => "internal",
        "model-unauthorized" | "token-refused" => "unauthorized",
        // Waiting does not help: somebody has to pay.
        "model-denied" | "model-quota-exhausted" => "denied",
        "model-rate-limited" => "rate-limited",
        _ => "upstream",
    }
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Host => "host",
        Source::Model => "model",
        Source::Backend => "backend",
    }
}

fn sentence(said: &str) -> String {
    let mut sentence: String = said.trim().chars().take(SENTENCE).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(target_family = "wasm")]
use crate::interfaces::model as host;

/// Stands in for the host in native tests: says what a model answers, on this thread, and keeps what it was asked. It
/// judges nothing: what a host refuses is scripted as an error.
#[cfg(not(target_family = "wasm"))]
pub mod testing {
    use std::cell::RefCell;
    use std::collections::VecDeque;

    use super::{Completion, Embeddings, ModelError, Part, Prompt, Served, Source, Texts, ToolCall, Usage};

    /// Answers that wait, and questions with the binding that they were put to.
    struct Script<Q, A> {
        answers: VecDeque<Result<A, ModelError>>,
        asked: Vec<(String, Q)>,
    }

    impl<Q: Clone, A> Script<Q, A> {
        const EMPTY: Self = Self {
            answers: VecDeque::new(),
            asked: Vec::new(),
        };

        fn next(&mut self, binding: &str, question: &Q) -> Result<A, ModelError> {
            self.asked.push((binding.to_owned(), question.clone()));
            let missing = "Say with `model::testing` what the model answers.";
            let answer = self.answers.pop_front();
            answer.unwrap_or_else(|| Err(error(Source::Host, "internal", missing)))
        }
    }

    thread_local! {
        static COMPLETIONS: RefCell<Script<Prompt, Completion>> = const { RefCell::new(Script::EMPTY) };
        static EMBEDDINGS: RefCell<Script<Texts, Embeddings>> = const { RefCell::new(Script::EMPTY) };
    }

    /// Lets the model answer this to the next calls of this thread, in order, and forgets what it was asked before.
    pub fn script(answers: impl IntoIterator<Item = Result<Completion, ModelError>>) {
        let answers = answers.into_iter().collect();
        let asked = Vec::new();
        COMPLETIONS.set(Script { answers, asked });
    }

    /// What was asked since [`script`]: the binding and the prompt, in order.
    pub fn asked() -> Vec<(String, Prompt)> {
        COMPLETIONS.with_borrow(|script| script.asked.clone())
    }

    /// As [`script`], for vectors.
    pub fn script_embeddings(answers: impl IntoIterator<Item = Result<Embeddings, ModelError>>) {
        let answers = answers.into_iter().collect();
        let asked = Vec::new();
        EMBEDDINGS.set(Script { answers, asked });
    }

    /// What was asked since [`script_embeddings`].
    pub fn asked_for_embeddings() -> Vec<(String, Texts)> {
        EMBEDDINGS.with_borrow(|script| script.asked.clone())
    }

    /// A message that is whole, and says this.
    pub fn says(text: impl Into<String>) -> Completion {
        completion("end", vec![Part::Text(text.into())])
    }

    /// A message that asks for a tool, with the arguments as JSON.
    pub fn calls(id: &str, name: &str, arguments: &str) -> Completion {
        let call = ToolCall {
            id: id.to_owned(),
            name: name.to_owned(),
            arguments: arguments.to_owned(),
        };
        completion("tool-calls", vec![Part::ToolCall(call)])
    }

    /// A message of these parts that ends for this reason. It has 100 tokens of input and 10 of output.
    pub fn completion(stop: &str, parts: Vec<Part>) -> Completion {
        Completion {
            parts,
            stop: stop.to_owned(),
            served: served(),
        }
    }

    /// Who serves a call in tests.
    pub fn served() -> Served {
        Served {
            backend: "scripted".to_owned(),
            asked: "model".to_owned(),
            model: Some("model-1".to_owned()),
            region: None,
            tier: None,
            request: None,
            usage: Some(Usage {
                input: 100,
                cache_read: 0,
                cache_write: 0,
                cache_write_long: 0,
                output: 10,
                reasoning: 0,
            }),
        }
    }

    /// Why there is no message; for one that may come later, set the fields that say so.
    pub fn error(source: Source, code: &str, message: &str) -> ModelError {
        ModelError {
            source,
            code: code.to_owned(),
            message: message.to_owned(),
            retryable: false,
            retry_after_ms: None,
        }
    }

    pub(super) fn complete(binding: &str, prompt: &Prompt) -> Result<Completion, ModelError> {
        COMPLETIONS.with_borrow_mut(|script| script.next(binding, prompt))
    }

    pub(super) fn embed(binding: &str, texts: &Texts) -> Result<Embeddings, ModelError> {
        EMBEDDINGS.with_borrow_mut(|script| script.next(binding, texts))
    }
}

#[cfg(not(target_family = "wasm"))]
use testing as host;
