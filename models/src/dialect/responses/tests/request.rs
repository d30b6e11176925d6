//! What is sent.

use gate::call::body::Body;
use gate::call::model::{Ask, Embed, Media, Message, OutputSchema, Part, Prompt, Role, Tool, ToolChoice};
use serde_json::{Value, json};

use crate::dialect::openai::judge::{greeting, model, says, sent};
use crate::dialect::responses::Responses;
use crate::dialect::{Framing, Model, Unfit};

fn body(prompt: Prompt) -> Result<Value, Unfit> {
    sent(&Responses, &Ask::Complete(Box::new(prompt)), &model()).map(|wire| wire.json())
}

fn input(messages: Vec<Message>) -> Result<Value, Unfit> {
    body(Prompt {
        messages,
        ..Prompt::default()
    })
    .map(|body| body["input"].clone())
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn opaque(dialect: &str, data: &str) -> Part {
    Part::Opaque {
        dialect: dialect.to_owned(),
        data: data.to_owned(),
    }
}

const CLOSED: &str =
    r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#;
const OPEN: &str = r#"{"type":"object","properties":{"a":{"type":"string"}}}"#;

fn tool(schema: &str, strict: bool) -> Tool {
    Tool {
        name: "look".to_owned(),
        description: "Looks.".to_owned(),
        schema: schema.to_owned(),
        strict,
    }
}

#[test]
fn the_least_is_little_and_nothing_is_kept() {
    let expected = json!({
        "model": "gpt-5.6-sol",
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}],
        "store": false,
        "include": ["reasoning.encrypted_content"],
    });
    let ask = Ask::Complete(Box::new(greeting()));
    let wire = sent(&Responses, &ask, &model()).unwrap();
    assert_eq!((wire.path.as_str(), wire.framing), ("/responses", Framing::Whole));
    assert_eq!(wire.json(), expected);
    let streams = Model {
        stream: true,
        ..model()
    };
    let wire = sent(&Responses, &ask, &streams).unwrap();
    assert_eq!(
        (wire.framing, &wire.json()["stream"]),
        (Framing::ServerSent, &json!(true))
    );
}

#[test]
fn everything_has_its_place() {
    let body = body(Prompt {
        system: Some("Be brief.".to_owned()),
        tools: vec![tool(CLOSED, true)],
        choice: ToolChoice::Named("look".to_owned()),
        parallel: Some(false),
        output: Some(OutputSchema {
            name: "answer".to_owned(),
            schema: CLOSED.to_owned(),
        }),
        max_tokens: Some(16),
        effort: Some("max".to_owned()),
        temperature: Some(700),
        cache: true,
        labels: vec![("team".to_owned(), "blue".to_owned())],
        options: [
            ("cache-key", "k"),
            ("service-tier", "standard"),
            ("verbosity", "low"),
            ("cache-ttl", "1h"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        ..greeting()
    })
    .unwrap();
    let schema: Value = serde_json::from_str(CLOSED).unwrap();
    let expected = json!({
        "model": "gpt-5.6-sol",
        "instructions": "Be brief.",
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}],
        "store": false,
        "include": ["reasoning.encrypted_content"],
        "tools": [{"type": "function", "name": "look", "description": "Looks.", "strict": true, "parameters": schema}],
        "tool_choice": {"type": "function", "name": "look"},
        "parallel_tool_calls": false,
        "max_output_tokens": 16,
        "reasoning": {"effort": "xhigh"},
        "text": {
            "format": {"type": "json_schema", "name": "answer", "strict": true, "schema": schema},
            "verbosity": "low",
        },
        "metadata": {"team": "blue"},
        "temperature": 0.7,
        "service_tier": "default",
        "prompt_cache_key": "k",
    });
    assert_eq!(body, expected);
}

#[test]
fn strict_is_asked_only_of_schemas_that_are() {
    for (schema, asked, strict) in [(CLOSED, true, true), (CLOSED, false, false), (OPEN, true, false)] {
        let prompt = Prompt {
            tools: vec![tool(schema, asked)],
            output: Some(OutputSchema {
                name: "answer".to_owned(),
                schema: schema.to_owned(),
            }),
            ..greeting()
        };
        let body = body(prompt).unwrap();
        assert_eq!(body["tools"][0]["strict"], json!(strict), "{schema} {asked}");
        assert_eq!(body["text"]["format"]["strict"], json!(schema == CLOSED));
        let unchanged: Value = serde_json::from_str(schema).unwrap();
        assert_eq!(body["tools"][0]["parameters"], unchanged);
        assert_eq!(body["text"]["format"]["schema"], unchanged);
    }
}

#[test]
fn choices_are_said_only_where_there_is_a_choice() {
    for (tools, choice, expected) in [
        (vec![tool(OPEN, false)], ToolChoice::Auto, json!(null)),
        (vec![tool(OPEN, false)], ToolChoice::None, json!("none")),
        (vec![tool(OPEN, false)], ToolChoice::Required, json!("required")),
        (vec![], ToolChoice::None, json!(null)),
    ] {
        let prompt = Prompt {
            tools,
            choice,
            ..greeting()
        };
        assert_eq!(body(prompt).unwrap()["tool_choice"], expected);
    }
}

#[test]
fn a_conversation_keeps_its_order() {
    let media = |media_type: &str, name: Option<&str>| Media {
        name: name.map(str::to_owned),
        media_type: media_type.to_owned(),
        content: Body::from(vec![1, 2, 3]),
    };
    let user = says(
        Role::User,
        vec![
            text("Look:"),
            Part::Image(media("image/png", None)),
            Part::File(media("application/pdf", Some("a.pdf"))),
            Part::File(media("application/pdf", None)),
        ],
    );
    let call = Part::ToolCall {
        id: "call_1".to_owned(),
        name: "look".to_owned(),
        arguments: r#"{"a":"b"}"#.to_owned(),
    };
    let result = Part::ToolResult {
        id: "call_1".to_owned(),
        name: "look".to_owned(),
        content: "seen".to_owned(),
        failed: true,
    };
    let thought = r#"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"e"}"#;
    let assistant = says(
        Role::Assistant,
        vec![
            opaque("responses", thought),
            opaque("messages", r#"{"type":"thinking"}"#),
            opaque("responses", r#"{"type":"message","phase":"commentary"}"#),
            text("Looking."),
            call,
        ],
    );
    let more = says(Role::Assistant, vec![text("Done.")]);
    let last = says(Role::User, vec![text("One"), result, text("two"), text("three")]);
    let data = "base64,AQID";
    let expected = json!([
        {"type": "message", "role": "user", "content": [
            {"type": "input_text", "text": "Look:"},
            {"type": "input_image", "detail": "auto", "image_url": format!("data:image/png;{data}")},
            {"type": "input_file", "filename": "a.pdf", "file_data": format!("data:application/pdf;{data}")},
            {"type": "input_file", "filename": "file.pdf", "file_data": format!("data:application/pdf;{data}")},
        ]},
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "e"},
        {"type": "message", "role": "assistant", "content": "Looking.", "phase": "commentary"},
        {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": r#"{"a":"b"}"#},
        {"type": "message", "role": "assistant", "content": "Done."},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "One"}]},
        {"type": "function_call_output", "call_id": "call_1", "output": "seen"},
        {"type": "message", "role": "user", "content": [
            {"type": "input_text", "text": "two"}, {"type": "input_text", "text": "three"},
        ]},
    ]);
    assert_eq!(input(vec![user, assistant, more, last]).unwrap(), expected);
}

#[test]
fn only_what_an_answer_held_goes_back() {
    for data in [
        r#"{"type":"additional_tools","role":"developer","tools":[{"type":"web_search"}]}"#,
        r#"{"type":"item_reference","id":"rs_1"}"#,
        r#"{"id":"rs_1"}"#,
        "[]",
        "no JSON",
    ] {
        let messages = vec![says(Role::Assistant, vec![opaque("responses", data)])];
        assert_eq!(input(messages).unwrap_err().feature, "opaque", "{data}");
    }
}

type Change = fn(&mut Prompt);

#[test]
fn what_the_format_cannot_say_is_unfit() {
    let labels = |count: usize, length: usize| {
        let label = |n: usize| (format!("label-{n}"), "x".repeat(length));
        (0..count).map(label).collect::<Vec<_>>()
    };
    let changes: [(&str, Change); 3] = [
        ("stop", |prompt| prompt.stop = vec!["END".to_owned()]),
        ("max-tokens", |prompt| prompt.max_tokens = Some(15)),
        // The words of a model are its abilities': this one cannot be told nothing.
        ("effort", |prompt| prompt.effort = Some("none".to_owned())),
    ];
    for (feature, change) in changes {
        let mut prompt = greeting();
        change(&mut prompt);
        assert_eq!(body(prompt).unwrap_err().feature, feature);
    }
    for (labels, fits) in [(labels(16, 512), true), (labels(17, 1), false), (labels(1, 513), false)] {
        let made = body(Prompt { labels, ..greeting() });
        assert_eq!(
            made.map(drop).map_err(|unfit| unfit.feature),
            if fits { Ok(()) } else { Err("labels") }
        );
    }
    let embed = Ask::Embed(Embed {
        inputs: vec!["a".to_owned()],
        dimensions: None,
        labels: Vec::new(),
        options: Vec::new(),
    });
    assert_eq!(sent(&Responses, &embed, &model()).unwrap_err().feature, "embed");
}
