//! What is sent.

use gate::call::body::Body;
use gate::call::model::{Ask, Embed, Media, Message, OutputSchema, Part, Prompt, Role, Tool, ToolChoice};
use serde_json::{Value, json};

use crate::dialect::chat::Chat;
use crate::dialect::openai::judge::{greeting, model, says, sent};
use crate::dialect::{Framing, Model, Unfit};

const CLOSED: &str =
    r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#;
const OPEN: &str = r#"{"type":"object","properties":{"a":{"type":"string"}}}"#;

fn body(prompt: Prompt) -> Result<Value, Unfit> {
    sent(&Chat::default(), &Ask::Complete(Box::new(prompt)), &model()).map(|wire| wire.json())
}

fn messages(messages: Vec<Message>) -> Value {
    let prompt = Prompt {
        messages,
        ..Prompt::default()
    };
    body(prompt).unwrap()["messages"].clone()
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn call(id: &str) -> Part {
    Part::ToolCall {
        id: id.to_owned(),
        name: "look".to_owned(),
        arguments: "{}".to_owned(),
    }
}

fn result(id: &str) -> Part {
    Part::ToolResult {
        id: id.to_owned(),
        name: "look".to_owned(),
        content: "seen".to_owned(),
        failed: false,
    }
}

fn tool(schema: &str, strict: bool) -> Tool {
    Tool {
        name: "look".to_owned(),
        description: "Looks.".to_owned(),
        schema: schema.to_owned(),
        strict,
    }
}

#[test]
fn the_least_is_little() {
    let ask = Ask::Complete(Box::new(greeting()));
    let wire = sent(&Chat::default(), &ask, &model()).unwrap();
    assert_eq!(
        (wire.path.as_str(), wire.framing),
        ("/chat/completions", Framing::Whole)
    );
    let expected = json!({"model": "gpt-5.6-sol", "messages": [{"role": "user", "content": "Hi"}]});
    assert_eq!(wire.json(), expected);
    let streams = Model {
        stream: true,
        ..model()
    };
    let wire = sent(&Chat::default(), &ask, &streams).unwrap();
    assert_eq!(wire.framing, Framing::ServerSent);
    assert_eq!(wire.json()["stream"], json!(true));
    assert_eq!(wire.json()["stream_options"], json!({"include_usage": true}));
}

#[test]
fn everything_has_its_place() {
    let body = body(Prompt {
        system: Some("Be brief.".to_owned()),
        tools: vec![tool(CLOSED, true)],
        choice: ToolChoice::Named("look".to_owned()),
        parallel: Some(true),
        output: Some(OutputSchema {
            name: "answer".to_owned(),
            schema: OPEN.to_owned(),
        }),
        max_tokens: Some(1),
        effort: Some("low".to_owned()),
        temperature: Some(2000),
        stop: vec!["END".to_owned()],
        cache: true,
        labels: vec![("team".to_owned(), "blue".to_owned())],
        options: [
            ("cache-key", "k"),
            ("service-tier", "flex"),
            ("verbosity", "high"),
            ("cache-ttl", "5m"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        ..greeting()
    })
    .unwrap();
    let schema = |text| serde_json::from_str::<Value>(text).unwrap();
    let expected = json!({
        "model": "gpt-5.6-sol",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "tools": [{"type": "function", "function": {
            "name": "look", "description": "Looks.", "strict": true, "parameters": schema(CLOSED),
        }}],
        "tool_choice": {"type": "function", "function": {"name": "look"}},
        "parallel_tool_calls": true,
        "max_completion_tokens": 1,
        "reasoning_effort": "low",
        "response_format": {
            "type": "json_schema", "json_schema": {"name": "answer", "strict": false, "schema": schema(OPEN)},
        },
        "verbosity": "high",
        "stop": ["END"],
        "temperature": 2.0,
        "service_tier": "flex",
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
        assert_eq!(
            body["tools"][0]["function"]["strict"],
            json!(strict),
            "{schema} {asked}"
        );
        assert_eq!(
            body["response_format"]["json_schema"]["strict"],
            json!(schema == CLOSED)
        );
        let unchanged: Value = serde_json::from_str(schema).unwrap();
        assert_eq!(body["tools"][0]["function"]["parameters"], unchanged);
        assert_eq!(body["response_format"]["json_schema"]["schema"], unchanged);
    }
}

/// Spaces, escapes and the order of keys are the skill's, and none of them is written anew.
#[test]
fn a_schema_leaves_to_the_letter() {
    let schema = r#"{ "type": "object",  "title": "\u0041", "minimum": 1.0 }"#;
    let prompt = Prompt {
        tools: vec![tool(schema, false)],
        ..greeting()
    };
    let wire = sent(&Chat::default(), &Ask::Complete(Box::new(prompt)), &model()).unwrap();
    let body = str::from_utf8(&wire.body).unwrap();
    assert!(body.contains(schema), "{body}");
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
            parallel: None,
            ..greeting()
        };
        assert_eq!(body(prompt).unwrap()["tool_choice"], expected);
    }
}

#[test]
fn results_follow_their_calls_before_the_user_says_more() {
    let media = |media_type: &str| Media {
        name: None,
        media_type: media_type.to_owned(),
        content: Body::from(vec![1, 2, 3]),
    };
    let opaque = Part::Opaque {
        dialect: "responses".to_owned(),
        data: r#"{"type":"reasoning"}"#.to_owned(),
    };
    let made = messages(vec![
        says(
            Role::User,
            vec![
                text("See"),
                Part::Image(media("image/gif")),
                Part::File(media("text/plain")),
            ],
        ),
        says(Role::Assistant, vec![opaque.clone()]),
        says(
            Role::Assistant,
            vec![opaque, text("Looking"), call("1"), text("twice."), call("2")],
        ),
        says(Role::User, vec![text("And"), result("2"), result("1"), text("then?")]),
        says(Role::Assistant, vec![call("3")]),
        says(Role::User, vec![result("3")]),
        says(Role::Assistant, vec![text("Done.")]),
        says(Role::User, vec![text("Thanks.")]),
    ]);
    let calls = |ids: &[&str]| {
        let call = |id: &&str| json!({"id": id, "type": "function", "function": {"name": "look", "arguments": "{}"}});
        ids.iter().map(call).collect::<Vec<_>>()
    };
    let expected = json!([
        {"role": "user", "content": [
            {"type": "text", "text": "See"},
            {"type": "image_url", "image_url": {"url": "data:image/gif;base64,AQID"}},
            {"type": "file", "file": {"filename": "file.txt", "file_data": "data:text/plain;base64,AQID"}},
        ]},
        {"role": "assistant", "content": [{"type": "text", "text": "Looking"}, {"type": "text", "text": "twice."}],
            "tool_calls": calls(&["1", "2"])},
        {"role": "tool", "tool_call_id": "2", "content": "seen"},
        {"role": "tool", "tool_call_id": "1", "content": "seen"},
        {"role": "user", "content": [{"type": "text", "text": "And"}, {"type": "text", "text": "then?"}]},
        {"role": "assistant", "tool_calls": calls(&["3"])},
        {"role": "tool", "tool_call_id": "3", "content": "seen"},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "Thanks."},
    ]);
    assert_eq!(made, expected);
}

#[test]
fn a_picture_alone_is_a_list() {
    let picture = Part::Image(Media {
        name: None,
        media_type: "image/png".to_owned(),
        content: Body::from(vec![1, 2, 3]),
    });
    let made = messages(vec![says(Role::User, vec![picture])]);
    let expected = json!([{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AQID"}},
    ]}]);
    assert_eq!(made, expected);
}

#[test]
fn what_the_format_cannot_say_is_unfit() {
    let stops = |count: usize| Prompt {
        stop: (0..count).map(|n| n.to_string()).collect(),
        ..greeting()
    };
    assert!(body(stops(4)).is_ok());
    assert_eq!(body(stops(5)).unwrap_err().feature, "stop");
    let embed = Ask::Embed(Embed {
        inputs: vec!["a".to_owned()],
        dimensions: None,
        labels: Vec::new(),
        options: Vec::new(),
    });
    assert_eq!(sent(&Chat::default(), &embed, &model()).unwrap_err().feature, "embed");
    let mut weak = model();
    weak.can.temperature = false;
    let warm = Ask::Complete(Box::new(Prompt {
        temperature: Some(1),
        ..greeting()
    }));
    assert_eq!(sent(&Chat::default(), &warm, &weak).unwrap_err().feature, "temperature");
}
