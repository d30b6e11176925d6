//! What a guest asks, as the gate takes it.

use gate::call::body::Body;
use gate::call::model::{
    self, Ask, Embed, Media, Message, ModelCallError, OutputSchema, Part, Prompt, Role, Tool, ToolChoice,
};

use crate::import::bindings::model as wit;

/// # Errors
/// A temperature that is no number from 0 to 2.
pub(super) fn prompt(prompt: wit::Prompt) -> Result<Prompt, ModelCallError> {
    Ok(Prompt {
        system: prompt.system,
        messages: prompt.messages.into_iter().map(Message::from).collect(),
        tools: prompt.tools.into_iter().map(Tool::from).collect(),
        choice: prompt.choice.into(),
        parallel: prompt.parallel,
        output: prompt.output.map(|output| OutputSchema {
            name: output.name,
            schema: output.schema,
        }),
        max_tokens: prompt.max_tokens,
        effort: prompt.effort,
        temperature: prompt.temperature.map(thousandths).transpose()?,
        stop: prompt.stop,
        cache: prompt.cache,
        labels: prompt.labels,
        options: prompt.options,
    })
}

pub(super) fn texts(texts: wit::Texts) -> Ask {
    Ask::Embed(Embed {
        inputs: texts.inputs,
        dimensions: texts.dimensions,
        labels: texts.labels,
        options: texts.options,
    })
}

/// Whole thousandths have one spelling in the journal, and no model tells finer steps apart.
fn thousandths(temperature: f32) -> Result<u16, ModelCallError> {
    let scaled = (f64::from(temperature) * 1000.0).round();
    if !(0.0..=2000.0).contains(&scaled) {
        return Err(ModelCallError::Range("temperature"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is whole and from 0 to 2000"
    )]
    Ok(scaled as u16)
}

impl From<wit::Message> for Message {
    fn from(message: wit::Message) -> Self {
        Self {
            role: match message.role {
                wit::Role::User => Role::User,
                wit::Role::Assistant => Role::Assistant,
            },
            parts: message.parts.into_iter().map(Part::from).collect(),
            cache: message.cache,
        }
    }
}

impl From<wit::Part> for Part {
    fn from(part: wit::Part) -> Self {
        match part {
            wit::Part::Text(text) => Self::Text(text),
            wit::Part::Image(media) => Self::Image(media.into()),
            wit::Part::File(media) => Self::File(media.into()),
            wit::Part::ToolCall(call) => Self::ToolCall {
                id: call.id,
                name: call.name,
                arguments: call.arguments,
            },
            wit::Part::ToolResult(result) => Self::ToolResult {
                id: result.id,
                name: result.name,
                content: result.content,
                failed: result.failed,
            },
            wit::Part::Opaque(opaque) => Self::Opaque {
                dialect: opaque.dialect,
                data: opaque.data,
            },
        }
    }
}

impl From<wit::Media> for Media {
    fn from(media: wit::Media) -> Self {
        Self {
            name: media.name,
            media_type: media.media_type,
            content: Body::from(media.content),
        }
    }
}

impl From<wit::Tool> for model::Tool {
    fn from(tool: wit::Tool) -> Self {
        Self {
            name: tool.name,
            description: tool.description,
            schema: tool.schema,
            strict: tool.strict,
        }
    }
}

impl From<wit::ToolChoice> for ToolChoice {
    fn from(choice: wit::ToolChoice) -> Self {
        match choice {
            wit::ToolChoice::Auto => Self::Auto,
            wit::ToolChoice::None => Self::None,
            wit::ToolChoice::Required => Self::Required,
            wit::ToolChoice::Named(name) => Self::Named(name),
        }
    }
}
