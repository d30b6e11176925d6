//! Asks models as bare bindings let it, well and badly.

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package guests:bound;
            world bound {
                import skillhost:skill/model@0.1.0;
                include guests:model/model@0.1.0;
            }
        ",
        path: ["../../../wit", "wit"],
        world: "guests:bound/bound",
        generate_all,
        pub_export_macro: true,
    });
}

use bindings::skillhost::skill::model::{
    self, Completion, Media, Message, ModelError, Part, Prompt, Role, Texts, Tool, ToolChoice, ToolResult,
};

struct Guest;

bindings::export!(Guest with_types_in bindings);

impl bindings::Guest for Guest {
    fn complete() -> String {
        told(model::complete("default", &asking("Hello?")))
    }

    fn embed() -> String {
        let texts = Texts {
            inputs: vec!["one".to_owned(), "two".to_owned()],
            dimensions: None,
            labels: Vec::new(),
            options: Vec::new(),
        };
        match model::embed("default", &texts) {
            Ok(embeddings) => format!("{:?} by {}", embeddings.vectors, embeddings.served.backend),
            Err(error) => refusal(&error),
        }
    }

    fn two_turns() -> String {
        let mut prompt = asking("What is the weather?");
        prompt.tools.push(Tool {
            name: "weather".to_owned(),
            description: "Tells the weather of a place.".to_owned(),
            schema: r#"{"type":"object","properties":{"place":{"type":"string"}},"required":["place"],"additionalProperties":false}"#.to_owned(),
            strict: true,
        });
        let first = match model::complete("default", &prompt) {
            Ok(first) => first,
            Err(error) => return refusal(&error),
        };
        let results = first.parts.iter().filter_map(|part| match part {
            Part::ToolCall(call) => Some(Part::ToolResult(ToolResult {
                id: call.id.clone(),
                name: call.name.clone(),
                content: format!("sunny, as asked with {}", call.arguments),
                failed: false,
            })),
            _ => None,
        });
        let results: Vec<Part> = results.collect();
        prompt.messages.push(message(Role::Assistant, first.parts));
        prompt.messages.push(message(Role::User, results));
        told(model::complete("default", &prompt))
    }

    fn picture() -> String {
        let mut prompt = asking("What is this?");
        prompt.messages.push(message(
            Role::User,
            vec![Part::Image(Media {
                name: None,
                media_type: "image/png".to_owned(),
                content: vec![0x89, b'P', b'N', b'G'],
            })],
        ));
        told(model::complete("default", &prompt))
    }

    fn nothing() -> String {
        let mut prompt = asking("");
        prompt.messages.clear();
        told(model::complete("default", &prompt))
    }

    fn fever() -> String {
        let mut prompt = asking("Hello?");
        prompt.temperature = Some(f32::NAN);
        told(model::complete("default", &prompt))
    }

    fn refused() -> String {
        told(model::complete("default", &asking("Refuse.")))
    }

    fn stranger() -> String {
        told(model::complete("?", &asking("Hello?")))
    }
}

fn asking(text: &str) -> Prompt {
    Prompt {
        system: Some("Be brief.".to_owned()),
        messages: vec![message(Role::User, vec![Part::Text(text.to_owned())])],
        tools: Vec::new(),
        choice: ToolChoice::Auto,
        parallel: None,
        output: None,
        max_tokens: Some(100),
        effort: None,
        temperature: None,
        stop: Vec::new(),
        cache: false,
        labels: vec![("team".to_owned(), "tests".to_owned())],
        options: Vec::new(),
    }
}

fn message(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        parts,
        cache: false,
    }
}

fn told(result: Result<Completion, ModelError>) -> String {
    let completion = match result {
        Ok(completion) => completion,
        Err(error) => return refusal(&error),
    };
    let parts: Vec<String> = completion.parts.iter().map(part).collect();
    let usage = completion
        .served
        .usage
        .map(|usage| format!("{} in, {} out", usage.input, usage.output));
    format!(
        "{} [{}] by {} ({})",
        parts.join(" "),
        completion.stop,
        completion.served.backend,
        usage.unwrap_or_default()
    )
}

fn part(part: &Part) -> String {
    match part {
        Part::Text(text) => text.clone(),
        Part::ToolCall(call) => format!("{}({})", call.name, call.arguments),
        Part::Opaque(opaque) => format!("<{}>", opaque.dialect),
        Part::Image(_) | Part::File(_) | Part::ToolResult(_) => "?".to_owned(),
    }
}

fn refusal(error: &ModelError) -> String {
    let ModelError {
        source,
        code,
        message,
        retryable,
        retry_after_ms,
    } = error;
    format!("{source:?} {code}: {message} (again {retryable}, after {retry_after_ms:?})")
}
