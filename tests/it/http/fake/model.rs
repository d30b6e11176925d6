//! A model that echoes, uses the first tool that it is offered, and refuses where it is told to.

use gate::call::model::{Ask, Completion, Embeddings, ModelReply, Part, Prompt, Served, StopReason, Usage};

pub(super) fn answer(ask: &Ask) -> ModelReply {
    match ask {
        Ask::Complete(prompt) => ModelReply::Completion(complete(prompt)),
        Ask::Embed(embed) => ModelReply::Embeddings(Embeddings {
            dimensions: 2,
            vectors: [1.0_f32, 0.5]
                .repeat(embed.inputs.len())
                .into_iter()
                .flat_map(f32::to_le_bytes)
                .collect::<Vec<u8>>()
                .into(),
            served: served(),
        }),
    }
}

fn complete(prompt: &Prompt) -> Completion {
    let last = prompt.messages.last().and_then(|message| message.parts.last());
    let (parts, stop) = match (last, prompt.tools.first()) {
        (Some(Part::Text(text)), _) if text == "Refuse." => (vec![Part::Text("No.".to_owned())], StopReason::Refusal),
        (Some(Part::Text(_)), Some(tool)) => (vec![thought(), call(&tool.name)], StopReason::ToolCalls),
        (Some(Part::Text(text)), None) => (vec![Part::Text(format!("you said {text}"))], StopReason::End),
        (Some(Part::ToolResult { content, .. }), _) => {
            let thought = prompt
                .messages
                .iter()
                .flat_map(|message| &message.parts)
                .any(|part| *part == thought());
            (
                vec![Part::Text(format!("it is {content}, thoughts kept: {thought}"))],
                StopReason::End,
            )
        }
        (Some(Part::Image(media)), _) => {
            let text = format!("{} of {} bytes", media.media_type, media.content.size());
            (vec![Part::Text(text)], StopReason::Other("done".to_owned()))
        }
        _ => (Vec::new(), StopReason::End),
    };
    Completion {
        parts,
        stop,
        served: served(),
    }
}

fn thought() -> Part {
    Part::Opaque {
        dialect: "echo".to_owned(),
        data: r#"{"signature":"s"}"#.to_owned(),
    }
}

fn call(name: &str) -> Part {
    Part::ToolCall {
        id: "1".to_owned(),
        name: name.to_owned(),
        arguments: r#"{"place":"here"}"#.to_owned(),
    }
}

fn served() -> Served {
    Served {
        backend: "echo".to_owned(),
        usage: Some(Usage {
            input: 7,
            output: 3,
            ..Usage::default()
        }),
        ..Served::default()
    }
}
