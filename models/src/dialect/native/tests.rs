//! Questions that every format of these writes, and what they share.

use std::fmt::Write as _;

use gate::call::body::Body;
use gate::call::model::{Ask, Media, Message, ModelCall, OutputSchema, Part, Prompt, Role, Tool, ToolChoice, options};
use gate::{Failure, Reach};
use serde_json::{Map, Value, json};

use super::{by_message, by_status, call_id, segment, turns};
use crate::dialect::{Abilities, Answer, Content, Delta, Dialect, Framing, Model};
use crate::frames::Frames;
use crate::trouble::{CONTEXT, FAILED, FILTERED, IMAGE, INVALID, OVERLOADED, QUOTA, SCHEMA, SLOW};

/// A model that takes everything.
pub(in crate::dialect) fn model(stream: bool) -> Model {
    Model {
        name: "acme.model-1/v1:0".to_owned(),
        stream,
        can: Abilities {
            efforts: ["minimal", "low", "medium", "high", "xhigh"]
                .map(str::to_owned)
                .to_vec(),
            ..Abilities::default()
        },
    }
}

/// What a stream in these pieces adds up to, and what was shown on the way.
pub(in crate::dialect) fn gathered<'a>(
    dialect: &dyn Dialect,
    framing: Framing,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(Value, Vec<Delta>), Failure> {
    let mut frames = Frames::new(framing).unwrap();
    let mut gather = dialect.gather();
    let mut shown = Vec::new();
    for piece in pieces {
        for event in frames.push(piece)? {
            assert!(!gather.is_complete());
            shown.extend(gather.event(&event)?);
        }
    }
    frames.finish()?;
    Ok((gather.whole()?, shown))
}

fn text(text: &str) -> Part {
    Part::Text(text.to_owned())
}

fn says(role: Role, parts: Vec<Part>) -> Message {
    Message {
        role,
        parts,
        cache: false,
    }
}

fn kept(role: Role, parts: Vec<Part>) -> Message {
    Message {
        cache: true,
        ..says(role, parts)
    }
}

fn call(id: &str) -> Part {
    Part::ToolCall {
        id: id.to_owned(),
        name: "look".to_owned(),
        arguments: r#"{"where":"here","n":1.5}"#.to_owned(),
    }
}

fn result(id: &str, content: &str, failed: bool) -> Part {
    Part::ToolResult {
        id: id.to_owned(),
        name: "look".to_owned(),
        content: content.to_owned(),
        failed,
    }
}

fn opaque(dialect: &str, data: &Value) -> Part {
    Part::Opaque {
        dialect: dialect.to_owned(),
        data: data.to_string(),
    }
}

fn media(name: Option<&str>, media_type: &str, bytes: &'static [u8]) -> Media {
    Media {
        name: name.map(str::to_owned),
        media_type: media_type.to_owned(),
        content: Body::from(bytes),
    }
}

fn tool(name: &str, strict: bool) -> Tool {
    Tool {
        name: name.to_owned(),
        description: if strict { String::new() } else { "Looks.".to_owned() },
        schema: r#"{"type":"object","properties":{"where":{"type":"string"}},"additionalProperties":false}"#.to_owned(),
        strict,
    }
}

fn asks() -> Vec<Message> {
    vec![says(Role::User, vec![text("Hi")])]
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    pairs.collect()
}

/// What one dialect made, and what others made, around a call with an identifier that not everybody takes.
fn conversation() -> Vec<Message> {
    vec![
        says(Role::User, vec![text("Look"), text("")]),
        kept(Role::User, vec![text("everywhere")]),
        kept(
            Role::Assistant,
            vec![
                opaque(
                    "messages",
                    &json!({"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}),
                ),
                opaque(
                    "converse",
                    &json!({"reasoningContent": {"redactedContent": "c2VjcmV0"}}),
                ),
                opaque("gemini", &json!({"part": {"text": "", "thoughtSignature": "c2lnMA=="}})),
                opaque("gemini", &json!({"signature": {"of": "text", "signature": "c2lnMQ=="}})),
                opaque("responses", &json!({"type": "reasoning"})),
                text("I look."),
                opaque("gemini", &json!({"signature": {"of": "call", "signature": "c2lnMg=="}})),
                call("toolu_1"),
                call("functions.look:1"),
                call("call 3"),
            ],
        ),
        kept(
            Role::User,
            vec![
                text("That is there:"),
                result("toolu_1", "a cat", false),
                result("functions.look:1", "no eyes", true),
                result("call 3", "", false),
            ],
        ),
        kept(Role::User, vec![text("And now?")]),
        says(
            Role::Assistant,
            vec![opaque("responses", &json!({"type": "reasoning"}))],
        ),
        kept(Role::User, vec![text("Well?")]),
    ]
}

fn everything() -> Prompt {
    Prompt {
        system: Some("Be brief.".to_owned()),
        messages: asks(),
        tools: vec![tool("look", false), tool("find", true)],
        output: Some(OutputSchema {
            name: "answer".to_owned(),
            schema: r#"{"type":"object","properties":{"a":{"type":"string"}}}"#.to_owned(),
        }),
        max_tokens: Some(500),
        effort: Some("max".to_owned()),
        temperature: Some(700),
        stop: vec!["END".to_owned(), "\n\n".to_owned()],
        cache: true,
        labels: pairs(&[("user", "u-1"), ("Cost Centre", "Straße 7!"), ("7th", "")]),
        options: pairs(&[(options::CACHE_TTL, "1h"), (options::SERVICE_TIER, "priority")]),
        ..Prompt::default()
    }
}

fn attachments() -> Vec<Message> {
    let parts = vec![
        text("Read"),
        Part::Image(media(Some("cat.png"), "image/png", b"\x89PNG")),
        Part::Image(media(None, "image/jpeg", b"\xff\xd8")),
        Part::File(media(Some("my  report_v2.pdf"), "application/pdf", b"%PDF-1.7")),
        Part::File(media(Some("my report-v2-pdf"), "application/pdf", b"%PDF-1.4")),
        Part::File(media(None, "text/csv", "a,ü".as_bytes())),
        Part::File(media(Some("…"), "application/json", b"{}")),
    ];
    vec![says(Role::User, parts)]
}

/// What is asked, by name. `ModelCall` checks each as the gate does.
pub(in crate::dialect) fn prompts() -> Vec<(&'static str, Prompt)> {
    let plain = || Prompt {
        messages: asks(),
        ..Prompt::default()
    };
    let tools = |choice, parallel| Prompt {
        tools: vec![tool("look", false)],
        choice,
        parallel,
        ..plain()
    };
    vec![
        ("plain", plain()),
        ("everything", everything()),
        (
            "tools kept",
            Prompt {
                cache: true,
                ..tools(ToolChoice::Auto, Some(true))
            },
        ),
        ("a tool", tools(ToolChoice::Required, None)),
        ("this tool", tools(ToolChoice::Named("look".to_owned()), None)),
        ("one tool", tools(ToolChoice::Required, Some(false))),
        ("no tool", tools(ToolChoice::None, None)),
        (
            "strict tools",
            Prompt {
                tools: vec![tool("find", true)],
                ..plain()
            },
        ),
        (
            "conversation",
            Prompt {
                messages: conversation(),
                cache: true,
                ..tools(ToolChoice::Auto, None)
            },
        ),
        (
            "conversation without tools",
            Prompt {
                messages: conversation(),
                ..tools(ToolChoice::None, None)
            },
        ),
        (
            "attachments",
            Prompt {
                messages: attachments(),
                ..plain()
            },
        ),
        (
            "a song",
            Prompt {
                messages: vec![says(Role::User, vec![Part::File(media(None, "audio/mpeg", b"ID3"))])],
                ..plain()
            },
        ),
        (
            "least effort",
            Prompt {
                effort: Some("minimal".to_owned()),
                ..plain()
            },
        ),
        (
            "hot",
            Prompt {
                temperature: Some(1500),
                ..plain()
            },
        ),
        (
            "cheap",
            Prompt {
                options: pairs(&[(options::SERVICE_TIER, "flex")]),
                ..plain()
            },
        ),
        (
            "standard",
            Prompt {
                options: pairs(&[(options::SERVICE_TIER, "standard")]),
                ..plain()
            },
        ),
        (
            "brief",
            Prompt {
                options: pairs(&[(options::VERBOSITY, "low")]),
                ..plain()
            },
        ),
        (
            "silence",
            Prompt {
                messages: vec![says(Role::User, vec![text("")])],
                ..plain()
            },
        ),
        (
            "many labels",
            Prompt {
                labels: (0..65).map(|number| (format!("n{number}"), String::new())).collect(),
                ..plain()
            },
        ),
    ]
}

/// What a dialect makes of each question, streamed.
pub(in crate::dialect) fn written(dialect: &dyn Dialect) -> Value {
    let mut requests = Map::new();
    for (name, prompt) in prompts() {
        let ask = Ask::Complete(Box::new(prompt));
        ModelCall::new(ask.clone()).unwrap();
        let request = match dialect.request(&ask, &model(true)) {
            Ok(wire) => {
                assert_ne!(wire.framing, Framing::Whole, "{name}");
                let headers: Map<_, _> = wire
                    .headers
                    .iter()
                    .map(|(name, value)| (name.to_string(), json!(value)))
                    .collect();
                json!({"path": wire.path, "headers": headers, "body": wire.json()})
            }
            Err(unfit) => json!({"unfit": unfit.feature, "told": unfit.told}),
        };
        requests.insert(name.to_owned(), request);
    }
    Value::Object(requests)
}

/// A failure in one line: code, whether it costs, whether to ask again and after how many milliseconds.
pub(in crate::dialect) fn line(failure: &Failure) -> String {
    let mut line = failure.code.to_string();
    if failure.reach == Reach::Perhaps {
        line.push_str(" perhaps");
    }
    if failure.retryable {
        line.push_str(" again");
    }
    if let Some(after) = failure.retry_after {
        write!(line, " {}", after.as_millis()).unwrap();
    }
    line
}

/// An answer, a line for each part and one for the rest.
pub(in crate::dialect) fn lines(answer: &Answer) -> String {
    let mut lines = String::new();
    let Content::Message { parts, stop } = &answer.content else {
        return "vectors".to_owned();
    };
    for part in parts {
        match part {
            Part::Opaque { dialect, data } => writeln!(lines, "  {dialect}: {data}").unwrap(),
            Part::ToolCall { id, name, arguments } => writeln!(lines, "  {name} {id}: {arguments}").unwrap(),
            part => writeln!(lines, "  {part:?}").unwrap(),
        }
    }
    let about = [&answer.model, &answer.tier, &answer.region, &answer.request];
    let about: Vec<_> = about.iter().map(|said| said.as_deref().unwrap_or("-")).collect();
    let usage = answer.usage.map(|usage| {
        let long = usage.cache_write_long;
        let input = [usage.input, usage.cache_read, usage.cache_write].map(|count| count.to_string());
        format!(
            "{} ({long} long) -> {} ({} thoughts)",
            input.join("+"),
            usage.output,
            usage.reasoning
        )
    });
    let usage = usage.as_deref().unwrap_or("uncounted");
    writeln!(lines, "  {}; {}; {usage}", stop.as_str(), about.join(" ")).unwrap();
    lines
}

#[test]
fn names_are_one_segment() {
    for (name, expected) in [
        ("gemini-3.8-flash", "gemini-3.8-flash"),
        ("claude@20261101", "claude%4020261101"),
        (
            "arn:aws:bedrock:eu:1:inference-profile/a.b",
            "arn%3Aaws%3Abedrock%3Aeu%3A1%3Ainference-profile%2Fa.b",
        ),
        ("../x?y#z%", "..%2Fx%3Fy%23z%25"),
    ] {
        assert_eq!(segment(name), expected);
    }
}

#[test]
fn identifiers_fit_and_stay_apart() {
    let id = |id: &str| call_id(id, |byte| byte.is_ascii_alphanumeric());
    assert_eq!(id("abc1"), "abc1");
    let odd = ["", "a-b", "a.b", "ü", &"a".repeat(65)].map(id);
    for (place, made) in odd.iter().enumerate() {
        assert_eq!(made.len(), 64);
        assert!(made.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert!(!odd[..place].contains(made));
    }
}

#[test]
fn the_last_hints_stay() {
    let messages: Vec<_> = (0..6)
        .map(|number| kept(Role::User, vec![text(&number.to_string())]))
        .collect();
    let prompt = Prompt {
        messages,
        ..Prompt::default()
    };
    for hints in 0..=7 {
        let turns = turns(&prompt, "x", hints).unwrap();
        let marks: Vec<bool> = turns[0].pieces.iter().map(|piece| piece.cache).collect();
        let expected: Vec<bool> = (0..6).map(|place| place + hints >= 6).collect();
        assert_eq!(marks, expected, "{hints}");
    }
}

#[test]
fn words_and_numbers_say_what_a_refusal_means() {
    for (message, code) in [
        ("prompt is too long: 201000 tokens > 200000 maximum", CONTEXT),
        (
            "The input token count (2) exceeds the maximum number of tokens allowed (1).",
            CONTEXT,
        ),
        ("Output blocked by content filtering policy", FILTERED),
        ("tools.0.input_schema: JSON schema is invalid", SCHEMA),
        ("Could not process image", IMAGE),
        ("messages: at least one message is required", INVALID),
    ] {
        assert_eq!(by_message(message), code, "{message}");
    }
    for (status, code) in [
        (400, INVALID),
        (402, QUOTA),
        (408, SLOW),
        (424, FAILED),
        (451, INVALID),
        (500, FAILED),
        (503, OVERLOADED),
        (504, SLOW),
        (529, OVERLOADED),
    ] {
        assert_eq!(by_status(status), code, "{status}");
    }
}
